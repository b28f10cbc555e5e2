"""Discount rules over HTTP. All may read those that are for everybody, admins keep them."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import roles
from accounts.permissions import IsAdmin
from api.etags import etag_for
from api.inputs import read_input
from api.views import GenericViewSet
from catalog.discounts import schemas
from catalog.discounts.fields import shown
from catalog.discounts.refresh import holding
from catalog.discounts.serializers import RuleBody, RuleInput, show_terms
from catalog.discounts.services import OWN, create_rule, delete_rule, update_rule
from catalog.models import DiscountRule
from kernel.errors import NotFound


class DiscountRuleViewSet(GenericViewSet):
    queryset = DiscountRule.objects.none()
    serializer_class = RuleBody
    ordering_fields = {"-id": ("-id",), "id": ("id",)}

    def get_permissions(self) -> list[Any]:
        return [AllowAny()] if self.action in {"list", "retrieve"} else [IsAdmin()]

    def get_queryset(self) -> QuerySet[DiscountRule]:
        """Strangers and customers see what holds now and is for everybody: neither plans nor what groups get."""
        found = DiscountRule.objects.all()
        is_staff = getattr(self.request.user, "role", None) in roles.STAFF
        return found if is_staff else found.filter(holding(timezone.now()), groups=[])

    @schemas.LIST
    def list(self, request: Request) -> Response:
        return self.get_paginated_response(bodies(self.paginate_queryset(self.get_queryset()) or []))

    @schemas.RETRIEVE
    def retrieve(self, request: Request, rule_id: int) -> Response:
        rule = self.find(rule_id)
        return self.versioned(rule.version, lambda: bodies([rule])[0])

    @schemas.CREATE
    def create(self, request: Request) -> Response:
        form = read_input(RuleInput, request)
        rule = create_rule(fields=form.fields_given(), by=self.actor)
        body = bodies([self.find(rule.pk)])[0]
        headers = {"Location": f"/api/v1/discount-rules/{rule.pk}", "ETag": etag_for(rule.version)}
        return Response(body, status=201, headers=headers)

    @schemas.UPDATE
    def partial_update(self, request: Request, rule_id: int) -> Response:
        version = self.find(rule_id).version
        self.check_if_match(version)
        form = read_input(RuleInput, request, partial=True)
        guarded = {version} if "If-Match" in request.headers else None
        rule = update_rule(rule_id=rule_id, fields=form.fields_given(), versions=guarded, by=self.actor)
        return self.versioned(rule.version, lambda: bodies([self.find(rule.pk)])[0])

    @schemas.DESTROY
    def destroy(self, request: Request, rule_id: int) -> Response:
        delete_rule(rule_id=self.find(rule_id).pk, by=self.actor)
        return Response(status=204)

    def find(self, rule_id: int) -> DiscountRule:
        rule = self.get_queryset().filter(pk=rule_id).first()
        if rule is None:
            raise NotFound("There is no such rule.")
        return rule


def bodies(rules: list[DiscountRule]) -> list[dict[str, Any]]:
    return [
        show_terms(common) | {name: getattr(rule, name) for name in OWN}
        for rule, common in zip(rules, shown(rules), strict=True)
    ]
