"""Exceptions over HTTP."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.views import GenericViewSet
from audit.exceptions.kinds import ADVICE, ExceptionKind, kinds_of
from audit.exceptions.models import ExceptionCase
from audit.exceptions.serializers import (
    AssignInput,
    ExceptionCaseList,
    ExceptionCaseSerializer,
    ResolveInput,
    SnoozeInput,
)
from audit.exceptions.services import assign_case, resolve_case, snooze_case
from kernel.errors import NotFound

CASE: dict[str, Any] = {
    "id": 12,
    "kind": "late_to_ship",
    "state": "open",
    "subject": {"type": "orders.order", "id": "311", "name": "W1000001"},
    "detail": "Promised for 2030-03-04.",
    "what_to_do": ADVICE["late_to_ship"],
    "warehouses": ["BER-1"],
    "owner": None,
    "opened_at": "2030-03-05T09:12:00Z",
    "due_at": "2030-03-05T13:12:00Z",
    "late": False,
    "snoozed_until": None,
    "resolved_at": None,
    "resolved_by": "",
    "resolution": "",
}
ASSIGNED = CASE | {"owner": 7}
SNOOZED = CASE | {"state": "snoozed", "snoozed_until": "2030-03-06T08:00:00Z"}
RESOLVED = CASE | {
    "state": "resolved",
    "resolved_at": "2030-03-05T10:00:00Z",
    "resolved_by": "user:7",
    "resolution": "Told the customer: Friday.",
}


def _answers(shape: type[Serializer[Any]], example: Any, name: str, summary: str, **more: Any) -> Any:
    shown = [OpenApiExample("Answer", value=example, response_only=True, status_codes=["200"])]
    if (sent := more.pop("sends", None)) is not None:
        shown.append(OpenApiExample("Body", value=sent, request_only=True))
    return extend_schema(
        operation_id=name, summary=summary, tags=["exceptions"], responses={200: shape}, examples=shown, **more
    )


class SeesExceptions(BasePermission):
    """People whose role sees any kind. Known by the role alone: this app knows no people."""

    def has_permission(self, request: Request, view: object) -> bool:
        return bool(kinds_of(getattr(request.user, "role", None)))


class OwnerFilter(django_filters.Filter):
    """`me`, `none`, or somebody's id."""

    field_class = forms.RegexField

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(regex=r"\A(me|none|[1-9][0-9]{0,17})\Z", **kwargs)


class ExceptionFilter(django_filters.FilterSet):
    """By kind, owner and state."""

    kind = django_filters.ChoiceFilter(choices=ExceptionKind.choices)
    owner = OwnerFilter(method="filter_owner")
    state = django_filters.ChoiceFilter(
        choices=[(name, name) for name in ("open", "snoozed", "resolved")], method="filter_state"
    )

    class Meta:
        model = ExceptionCase
        fields = ("kind", "owner", "state")

    def filter_owner(self, queryset: QuerySet[ExceptionCase], name: str, value: str) -> QuerySet[ExceptionCase]:
        if value == "none":
            return queryset.filter(owner_id=None)
        return queryset.filter(owner_id=getattr(self.request.user, "pk", None) if value == "me" else int(value))

    def filter_state(self, queryset: Any, name: str, value: str) -> QuerySet[ExceptionCase]:
        found: QuerySet[ExceptionCase] = getattr(queryset, value)()
        return found


class ExceptionViewSet(GenericViewSet):
    """What waits for a person: of the kinds of their role, and of their warehouses where they have some."""

    queryset = ExceptionCase.objects.none()  # for the schema
    serializer_class = ExceptionCaseSerializer
    permission_classes = (SeesExceptions,)
    filterset_class = ExceptionFilter
    idempotency_required = {"assign", "snooze", "resolve"}
    ordering_fields = {
        "due_at": ("due_at", "id"),
        "-due_at": ("-due_at", "-id"),
        "-opened_at": ("-opened_at", "-id"),
        "opened_at": ("opened_at", "id"),
    }

    def get_queryset(self) -> Any:
        return ExceptionCase.objects.visible_to(self.request.user)

    @_answers(
        extend_schema_serializer(many=False)(ExceptionCaseList),
        {"results": [CASE], "next": None, "previous": None},
        *("exceptions_list", "Find what waits for a person"),
        description="What is due first comes first, unless `ordering` says otherwise.",
    )
    def list(self, request: Request) -> Response:
        found = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(ExceptionCaseSerializer(found, many=True).data)

    @_answers(
        *(ExceptionCaseSerializer, ASSIGNED, "exceptions_assign", "Say whose it is"),
        request=AssignInput,
        sends={"owner": 7},
    )
    def assign(self, request: Request, case_id: int) -> Response:
        given = self.given(AssignInput, case_id)
        return self.shown(assign_case(case_id=case_id, owner=given["owner"], by=self.actor))

    @_answers(
        *(ExceptionCaseSerializer, SNOOZED, "exceptions_snooze", "Put it off"),
        request=SnoozeInput,
        sends={"until": "2030-03-06T08:00:00Z"},
    )
    def snooze(self, request: Request, case_id: int) -> Response:
        given = self.given(SnoozeInput, case_id)
        return self.shown(snooze_case(case_id=case_id, until=given["until"], by=self.actor))

    @_answers(
        *(ExceptionCaseSerializer, RESOLVED, "exceptions_resolve", "Say what was done about it"),
        description="Once: a resolved one refuses with `not_allowed_now`. While its cause lasts, a new one is opened "
        "after a day.",
        request=ResolveInput,
        sends={"note": RESOLVED["resolution"]},
    )
    def resolve(self, request: Request, case_id: int) -> Response:
        given = self.given(ResolveInput, case_id)
        return self.shown(resolve_case(case_id=case_id, note=given["note"], by=self.actor))

    def given(self, shape: type[Serializer[Any]], case_id: int) -> dict[str, Any]:
        """The body, valid. Raises `NotFound` for one that the caller does not see."""
        if not self.get_queryset().filter(pk=case_id).exists():
            raise NotFound("There is no such exception.")
        body = shape(data=self.request.data)
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)

    def shown(self, case: ExceptionCase) -> Response:
        return Response(ExceptionCaseSerializer(case).data)
