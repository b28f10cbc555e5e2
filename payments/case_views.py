"""Money cases over HTTP."""

import django_filters
from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.permissions import roles
from api.inputs import read_input
from api.views import GenericViewSet
from inventory.filters import YesNoFilter
from payments import case_schemas
from payments.case_serializers import MoneyCaseSerializer, ResolutionInput
from payments.models import MoneyCase
from payments.services.cases import resolve_case
from payments.states import CaseKind


class MoneyCaseFilter(django_filters.FilterSet):
    """Open or not, and of which kind."""

    open = YesNoFilter(method="filter_open")
    kind = django_filters.ChoiceFilter(choices=CaseKind.choices)

    class Meta:
        model = MoneyCase
        fields = ("open", "kind")

    def filter_open(self, queryset: QuerySet[MoneyCase], name: str, value: bool) -> QuerySet[MoneyCase]:
        return queryset.filter(resolved_at__isnull=value)


class MoneyCaseViewSet(GenericViewSet):
    """What about money waits for a person."""

    queryset = MoneyCase.objects.select_related("order")
    serializer_class = MoneyCaseSerializer
    permission_classes = [roles("admin", "customer_service")]
    filterset_class = MoneyCaseFilter
    idempotency_required = {"resolve"}

    @case_schemas.LIST
    def list(self, request: Request) -> Response:
        found = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(MoneyCaseSerializer(found, many=True).data)

    @case_schemas.RESOLVE
    def resolve(self, request: Request, case_id: int) -> Response:
        given = read_input(ResolutionInput, request).validated_data
        case = resolve_case(case_id=case_id, resolution=given["resolution"], by=self.actor)
        return Response(MoneyCaseSerializer(case).data)
