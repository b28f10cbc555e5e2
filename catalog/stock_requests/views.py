"""Asking over HTTP to be told when a product can be had again."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import person
from accounts.models import User
from accounts.permissions import IsCustomer, IsGuest
from api import limits
from api.inputs import read_input
from api.network import client_network
from api.views import GenericViewSet
from catalog.models import StockRequest
from catalog.stock_requests.querysets import StockRequestQuerySet
from catalog.stock_requests.serializers import GUESTS_SEE, StockRequestBody, StockRequestInput
from catalog.stock_requests.services import Asker, ask_to_be_told, withdraw_request
from kernel.errors import FieldProblem, Invalid, NotFound

TOLD: dict[str, Any] = {"sku": "MUG-BLUE", "name": "Blue mug", "options": {"colour": "blue"}, "state": "waiting"}
OWN = TOLD | {"id": 12, "language": "en", "created_at": "2030-03-04T10:00:00.000000Z", "ended_at": None}
EXAMPLES = [
    OpenApiExample("A guest", {"sku": "MUG-BLUE", "email": "ada@example.com", "language": "en"}, request_only=True),
    OpenApiExample("A customer", {"sku": "MUG-BLUE"}, request_only=True),
    OpenApiExample("A customer's", OWN, response_only=True),
    OpenApiExample("A guest's", TOLD, response_only=True),
]


class StockRequestViewSet(GenericViewSet):
    """A customer's own requests. A guest can make one, and neither see nor withdraw any."""

    queryset = StockRequest.objects.none()
    serializer_class = StockRequestBody
    permission_classes = [IsCustomer]
    ordering_fields: ClassVar[dict[str, tuple[str, ...]]] = {"-created_at": ("-id",), "created_at": ("id",)}
    refuses: ClassVar[dict[str, set[str]]] = {"create": {"429"}}

    def get_permissions(self) -> list[Any]:
        return [(IsGuest | IsCustomer)() if self.action == "create" else IsCustomer()]

    def get_queryset(self) -> StockRequestQuerySet:
        return StockRequest.objects.visible_to(self.request.user).select_related("product")

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if self.action == "create" and not isinstance(request.user, User):
            count_guest(request)

    @extend_schema(summary="What I wait for", examples=EXAMPLES[2:3])
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(StockRequestBody(page, many=True).data)

    @extend_schema(
        summary="Be told when a product can be had again",
        description="One e-mail is sent, once. Asked again it is the same request, with the same answer. 409 "
        "`available_now`: it can be ordered now, perhaps ahead of the stock. 409 `too_many_stock_requests`: a customer "
        "waits for too much. A guest is answered 429 beyond so many of one address.",
        request=StockRequestInput,
        responses={201: StockRequestBody},
        examples=EXAMPLES,
    )
    def create(self, request: Request) -> Response:
        given = read_input(StockRequestInput, request).validated_data
        asker = asker_of(request, given.get("email"))
        made = ask_to_be_told(sku=given["sku"], asker=asker, language=given["language"], by=self.actor)
        body = StockRequestBody(made).data
        shown = body if asker.user_id is not None else {name: body[name] for name in GUESTS_SEE}
        return Response(shown, status=201)

    @extend_schema(
        summary="Wait no longer",
        description="409 `told_already` when the e-mail is on its way.",
        responses={204: None},
    )
    def destroy(self, request: Request, request_id: int) -> Response:
        if not self.get_queryset().filter(pk=request_id).exists():
            raise NotFound("There is no such request.")
        withdraw_request(request_id=request_id, by=self.actor)
        return Response(status=204)


def asker_of(request: Request, email: str | None) -> Asker:
    """A customer at their own address, a guest at the one they give. Raises `Invalid`, or DRF's `ValidationError`."""
    if not isinstance(request.user, User):
        if email is None:
            raise ValidationError({"email": [ErrorDetail("An address to write to.", code="required")]})
        return Asker(email=email)
    if email is not None:
        text = "You are written to at the address of your account: send none."
        raise Invalid(text, problems=[FieldProblem("email", "not_an_input", text)])
    return Asker(user_id=person(request).pk)


def count_guest(request: Request) -> None:
    """Count what a guest asks for, by the address and by where they are, so that nobody's mailbox is flooded."""
    given = StockRequestInput(data=request.data)
    if given.is_valid() and (email := given.validated_data.get("email")):
        limits.spend("stock_request_network", client_network(request))
        limits.spend("stock_request_address", email)
