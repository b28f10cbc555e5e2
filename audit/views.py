"""The history of everything, for admins."""

from typing import Any

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.pagination import page_size
from api.views import ViewSet
from audit.asking import PARAMETERS, read_instant, read_search
from audit.changes import Change
from audit.kinds import Kind, kind_named
from audit.names import names_of
from audit.pages import page_of
from audit.past import Part, as_of
from audit.permissions import IsAdmin
from audit.serializers import ChangeList
from kernel.errors import FieldProblem, Invalid, NotFound

CHANGE = OpenApiExample(
    "A price is changed",
    response_only=True,
    value={
        "results": [
            {
                "at": "2026-01-31T12:00:00.123456Z",
                "actor": "user:1",
                "actor_name": "admin@example.com",
                "request_id": "5f2c1c0e9d",
                "object_type": "product",
                "object_id": "MUG-1",
                "action": "changed",
                "changes": [{"field": "price", "old": "9.90", "new": "8.90"}],
            }
        ],
        "next": None,
        "previous": None,
    },
)


class AuditViewSet(ViewSet):
    """Who changed what, when, and how things were."""

    permission_classes = (IsAdmin,)
    query_params = {"list": {*PARAMETERS, "page_size", "cursor"}, "as_of": {"at"}}

    @extend_schema(
        summary="Search the history",
        description="Every change of every tracked object, newest first. Relations are given by number, SKU, code, "
        "slug, e-mail or name where they have one.",
        parameters=[
            OpenApiParameter("object_type", str, description="Such as `order`, `order_line`, `product`, `user`."),
            OpenApiParameter("object_id", str, description="Number, SKU, code, slug or id; needs `object_type`."),
            OpenApiParameter("user", str, description="Who did it: `12`, `user:12`, `partner:3`, an e-mail."),
            OpenApiParameter("from", str, description="From this date or instant on."),
            OpenApiParameter("to", str, description="Before this instant, or to the end of this date."),
            OpenApiParameter("field", str, description="Only changes of this field."),
            OpenApiParameter("cursor", str, description="Where the page begins; follow `next` and `previous`."),
            OpenApiParameter("page_size", int, description="Rows a page, up to 100; 20 unless given."),
        ],
        responses=ChangeList,
        examples=[CHANGE],
    )
    def list(self, request: Request) -> Response:
        page = page_of(request, read_search(request.query_params), page_size(request))
        names = names_of({change.actor for change in page.changes})
        results = [written(change, names) for change in page.changes]
        return Response({"results": results, "next": page.next, "previous": page.previous})

    @extend_schema(
        summary="Show something as it was",
        description="An order with its lines, packages, returns, holds and payments (or a product), as at an instant.",
        parameters=[
            OpenApiParameter("documents", str, OpenApiParameter.PATH, enum=[*settings.AUDIT_DOCUMENTS]),
            OpenApiParameter("key", str, OpenApiParameter.PATH, description="The number, the SKU."),
            OpenApiParameter("at", str, required=True, description="A date or an instant."),
        ],
        responses={200: OpenApiTypes.OBJECT},
    )
    def as_of(self, request: Request, documents: str, key: str) -> Response:
        document = settings.AUDIT_DOCUMENTS.get(documents)
        if document is None:
            raise NotFound()
        text = request.query_params.get("at", "")
        if not text:
            raise Invalid(problems=[FieldProblem("at", "required", "This parameter is required.")])
        at = read_instant(text, field="at")
        kind = known(document["kind"])
        parts = [Part(name, known(part), field) for name, (part, field) in document["parts"].items()]
        for pk in kind.ids_of(key):
            if found := as_of(kind, pk, at, parts):
                return Response({"at": at, **found})
        raise NotFound("There was no such thing then.")


def known(name: str) -> Kind:
    kind = kind_named(name)
    assert kind is not None, f"AUDIT_DOCUMENTS names {name}, which is not tracked."
    return kind


def written(change: Change, names: dict[str, str]) -> dict[str, Any]:
    """A change as the API writes it."""
    return {
        "at": change.place.at,
        "actor": change.actor,
        "actor_name": names.get(change.actor),
        "request_id": change.request_id,
        "object_type": change.kind.name,
        "object_id": change.object_id,
        "action": change.action,
        "changes": [{"field": c.field, "old": c.old, "new": c.new} for c in change.changes],
    }
