"""Partners and their tokens, for admins."""

from datetime import timedelta
from typing import ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.models import Partner, PartnerToken
from accounts.permissions import IsAdmin
from accounts.schema import PARTNER_TOKEN
from accounts.serializers import (
    NewPartnerTokenSerializer,
    PartnerChangesSerializer,
    PartnerInputSerializer,
    PartnerSerializer,
    PartnerTokenInputSerializer,
    PartnerTokenSerializer,
    RotationSerializer,
)
from api.inputs import read_input
from api.views import GenericViewSet, ViewSet


@extend_schema_view(
    list=extend_schema(summary="Partners"),
    retrieve=extend_schema(summary="A partner with its tokens"),
)
class PartnerViewSet(GenericViewSet):
    permission_classes = (IsAdmin,)
    serializer_class = PartnerSerializer
    queryset = Partner.objects.open().prefetch_related("tokens")

    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(summary="Open a partner", request=PartnerInputSerializer, responses={201: PartnerSerializer})
    def create(self, request: Request) -> Response:
        values = read_input(PartnerInputSerializer, request)
        partner = services.open_partner(given=values.validated_data, by=self.actor)
        return Response(self.get_serializer(partner).data, status=201)

    @extend_schema(summary="Rename or pause a partner", request=PartnerChangesSerializer, responses=PartnerSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        values = read_input(PartnerChangesSerializer, request)
        partner = services.change_partner(partner_id=pk, changes=values.validated_data, by=self.actor)
        return Response(self.get_serializer(partner).data)

    @extend_schema(
        summary="Close a partner",
        description="Revokes its tokens for good. Its orders keep naming it.",
        responses={204: None},
    )
    def destroy(self, request: Request, pk: int) -> Response:
        services.close_partner(partner_id=pk, by=self.actor)
        return Response(status=204)


def shown_once(token: PartnerToken, plain: str) -> Response:
    body = {"token": plain} | PartnerTokenSerializer(token).data
    return Response(body, status=201, headers={"Cache-Control": "no-store"})


class PartnerTokenViewSet(ViewSet):
    permission_classes = (IsAdmin,)
    refuses: ClassVar[dict[str, set[str]]] = {"rotate": {"409"}}

    @extend_schema(
        summary="Issue a partner token",
        description="`token` is shown this once: only its SHA-256 is kept.",
        request=PartnerTokenInputSerializer,
        responses={201: NewPartnerTokenSerializer},
        examples=[PARTNER_TOKEN],
    )
    def create(self, request: Request, partner_id: int) -> Response:
        values = read_input(PartnerTokenInputSerializer, request)
        terms = services.TokenTerms(**values.validated_data)
        return shown_once(*services.issue_partner_token(partner_id=partner_id, terms=terms, by=self.actor))

    @extend_schema(
        summary="Rotate a partner token",
        description="A new token of the same terms, shown this once; the old one still works for `overlap_hours`.",
        request=RotationSerializer,
        responses={201: NewPartnerTokenSerializer},
    )
    def rotate(self, request: Request, partner_id: int, token_id: int) -> Response:
        values = read_input(RotationSerializer, request)
        overlap = timedelta(hours=values.validated_data["overlap_hours"])
        return shown_once(
            *services.rotate_partner_token(partner_id=partner_id, token_id=token_id, overlap=overlap, by=self.actor)
        )

    @extend_schema(summary="Revoke a partner token", responses={204: None})
    def destroy(self, request: Request, partner_id: int, token_id: int) -> Response:
        services.revoke_partner_token(partner_id=partner_id, token_id=token_id, by=self.actor)
        return Response(status=204)
