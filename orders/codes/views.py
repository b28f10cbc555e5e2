"""Campaigns and codes over HTTP, for admins."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.permissions import IsAdmin
from api.etags import etag_for
from api.inputs import read_input
from api.views import GenericViewSet
from catalog.views.products import seen_versions
from kernel.errors import FieldProblem, Invalid, NotFound
from orders.codes import schemas
from orders.codes.filters import CampaignFilter, CodeFilter
from orders.codes.serializers import (
    CampaignBody,
    CampaignInput,
    CodeBatchInput,
    DiscountCodeBody,
    DiscountCodeChanges,
    DiscountCodeInput,
    show_campaigns,
    show_codes,
)
from orders.codes.services import (
    NewCode,
    add_code,
    create_campaign,
    create_codes,
    delete_code,
    update_campaign,
    update_code,
)
from orders.models import DiscountCampaign, DiscountCode

CODES_OWN = ("code", "campaign", "limit", "active")


class DiscountCodeViewSet(GenericViewSet):
    """Codes with the terms of their campaigns."""

    queryset = DiscountCode.objects.none()
    serializer_class = DiscountCodeBody
    permission_classes = [IsAdmin]
    filterset_class = CodeFilter
    ordering_fields = {"-id": ("-id",), "id": ("id",)}

    def get_queryset(self) -> QuerySet[DiscountCode]:
        return DiscountCode.objects.select_related("campaign")

    @schemas.LIST_CODES
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(show_codes(page))

    @schemas.CREATE_CODE
    def create(self, request: Request) -> Response:
        given = read_input(DiscountCodeInput, request).validated_data
        new = NewCode(given["code"], given.get("limit"), given.get("active", True))
        terms = {name: value for name, value in given.items() if name not in CODES_OWN}
        if "campaign" in given:
            code = self.join(given["campaign"], new, terms)
        else:
            terms.setdefault("name", given["code"])
            code = create_campaign(fields=terms, codes=[new], by=self.actor).codes.get()
        return self.shown(code.pk, status=201)

    def join(self, campaign_id: int, new: NewCode, terms: Mapping[str, Any]) -> DiscountCode:
        """One more code of a campaign, whose terms are its own."""
        if terms:
            problems = [FieldProblem(name, "invalid", "The campaign has its own terms.") for name in terms]
            raise Invalid("The campaign has its own terms.", problems=problems)
        if not DiscountCampaign.objects.filter(pk=campaign_id).exists():
            raise Invalid("There is no such campaign.", field="campaign")
        return add_code(campaign_id=campaign_id, code=new.code, limit=new.limit, active=new.active, by=self.actor)

    @schemas.READ_CODE
    def retrieve(self, request: Request, code_id: int) -> Response:
        return self.shown(code_id)

    @schemas.CHANGE_CODE
    def partial_update(self, request: Request, code_id: int) -> Response:
        form = read_input(DiscountCodeChanges, request, partial=True)
        given = dict(form.validated_data)
        changes = {name: given.pop(name) for name in ("limit", "active") if name in given}
        update_code(code_id=code_id, changes=changes, terms=given, versions=seen_versions(request), by=self.actor)
        return self.shown(code_id)

    @schemas.DELETE_CODE
    def destroy(self, request: Request, code_id: int) -> Response:
        delete_code(code_id=code_id, by=self.actor)
        return Response(status=204)

    def shown(self, code_id: int, status: int = 200) -> Response:
        code = self.get_queryset().filter(pk=code_id).first()
        if code is None:
            raise NotFound("There is no such code.")
        headers = {"ETag": etag_for(code.campaign.version)}
        if status == 201:
            headers["Location"] = f"/api/v1/discount-codes/{code_id}"
        return Response(show_codes([code])[0], status=status, headers=headers)


class DiscountCampaignViewSet(GenericViewSet):
    """The terms of codes."""

    queryset = DiscountCampaign.objects.none()
    serializer_class = CampaignBody
    permission_classes = [IsAdmin]
    filterset_class = CampaignFilter
    idempotency_required = {"create_codes"}
    ordering_fields = {"-id": ("-id",), "id": ("id",)}

    def get_queryset(self) -> QuerySet[DiscountCampaign]:
        return DiscountCampaign.objects.all()

    @schemas.LIST_CAMPAIGNS
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(show_campaigns(page))

    @schemas.CREATE_CAMPAIGN
    def create(self, request: Request) -> Response:
        fields = read_input(CampaignInput, request).validated_data
        return self.shown(create_campaign(fields=fields, by=self.actor).pk, status=201)

    @schemas.READ_CAMPAIGN
    def retrieve(self, request: Request, campaign_id: int) -> Response:
        return self.shown(campaign_id)

    @schemas.CHANGE_CAMPAIGN
    def partial_update(self, request: Request, campaign_id: int) -> Response:
        form = read_input(CampaignInput, request, partial=True)
        versions = seen_versions(request)
        update_campaign(campaign_id=campaign_id, fields=form.validated_data, versions=versions, by=self.actor)
        return self.shown(campaign_id)

    @schemas.MAKE_CODES
    def create_codes(self, request: Request, campaign_id: int) -> Response:
        given = read_input(CodeBatchInput, request).validated_data
        return Response({"codes": create_codes(campaign_id=campaign_id, **given, by=self.actor)}, status=201)

    def shown(self, campaign_id: int, status: int = 200) -> Response:
        campaign = self.get_queryset().filter(pk=campaign_id).first()
        if campaign is None:
            raise NotFound("There is no such campaign.")
        headers = {"ETag": etag_for(campaign.version)}
        if status == 201:
            headers["Location"] = f"/api/v1/discount-campaigns/{campaign_id}"
        return Response(show_campaigns([campaign])[0], status=status, headers=headers)
