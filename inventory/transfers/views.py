"""Transfers over HTTP."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.request import Request
from rest_framework.response import Response

from api.views import GenericViewSet
from inventory.callers import check_theirs, is_theirs
from inventory.models import StockMovement, Transfer
from inventory.permissions import MovesStock, SeesMoves
from inventory.services import transfer_stock
from inventory.shown import movement_of, stock_of
from inventory.transfers.serializers import (
    ReceiptInput,
    SentTransferSerializer,
    TransferBody,
    TransferInput,
    units_by_sku,
)
from inventory.transfers.services import cancel_transfer, receive_transfer, send_transfer
from kernel.errors import NotAllowedNow, NotFound


class TransferFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=Transfer.State.choices)

    class Meta:
        model = Transfer
        fields = ("state",)


@extend_schema_view(
    list=extend_schema(summary="List transfers that take their time"),
    retrieve=extend_schema(summary="Show a transfer"),
)
class TransferViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet):
    """Stock moving between our own warehouses.

    What leaves must be the caller's to give: the source is one of their warehouses. It may go to any other, since
    sending goods on is their work; of another's shelf the answer then tells nothing. Who has the target receives.
    """

    serializer_class = TransferBody
    filterset_class = TransferFilter
    lookup_field = "number"
    idempotency_required = frozenset({"create", "receive", "cancel"})
    dry_run_actions = frozenset({"create", "receive", "cancel"})
    refuses: ClassVar[dict[str, set[str]]] = {}

    def get_permissions(self) -> list[Any]:
        return [SeesMoves()] if self.action in {"list", "retrieve"} else [MovesStock()]

    def get_queryset(self) -> QuerySet[Transfer]:
        return Transfer.objects.visible_to(self.request.user).whole()

    @extend_schema(summary="Transfer stock", request=TransferInput, responses={201: SentTransferSerializer})
    def create(self, request: Request) -> Response:
        given = TransferInput(data=request.data)
        given.is_valid(raise_exception=True)
        fields = given.validated_data
        check_theirs(request.user, fields["from_warehouse"], field="from_warehouse")
        if fields.get("in_transit"):
            body = self._send(fields)
        else:
            moved = transfer_stock(
                sku=fields["sku"],
                from_code=fields["from_warehouse"],
                to_code=fields["to_warehouse"],
                quantity=fields["quantity"],
                by=self.actor,
            )
            body = self._moved(moved) | {"transfer": None}
        return Response(body, status=status.HTTP_201_CREATED)

    @extend_schema(summary="Receive a transfer", request=ReceiptInput, responses=TransferBody)
    def receive(self, request: Request, number: str) -> Response:
        self._check_end(self._seen(number).target.code)
        given = ReceiptInput(data=request.data)
        given.is_valid(raise_exception=True)
        lines = given.validated_data.get("lines")
        received = None if lines is None else units_by_sku(lines)
        reason = given.validated_data.get("loss_reason", "")
        receive_transfer(number=number, received=received, loss_reason=reason, by=self.actor)
        return Response(TransferBody(self._seen(number)).data)

    @extend_schema(summary="Take a transfer back", request=None, responses=TransferBody)
    def cancel(self, request: Request, number: str) -> Response:
        self._check_end(self._seen(number).source.code)
        cancel_transfer(number=number, by=self.actor)
        return Response(TransferBody(self._seen(number)).data)

    def _send(self, fields: dict[str, Any]) -> dict[str, Any]:
        transfer = send_transfer(
            from_code=fields["from_warehouse"], to_code=fields["to_warehouse"], lines=fields["lines"], by=self.actor
        )
        out = StockMovement.objects.filter(cause=transfer.cause).select_related("level__item", "level__warehouse")
        return self._moved(out.order_by("id")) | {"transfer": TransferBody(self._seen(transfer.number)).data}

    def _moved(self, movements: Any) -> dict[str, Any]:
        shown = [movement for movement in movements if is_theirs(self.request.user, movement.level.warehouse.code)]
        return {
            "movements": [movement_of(movement) for movement in shown],
            "stock": [stock_of(movement.level) for movement in shown],
        }

    def _seen(self, number: str) -> Transfer:
        found: Transfer | None = self.get_queryset().filter(number=number).first()
        if found is None:
            raise NotFound("There is no such transfer.")
        return found

    def _check_end(self, code: str) -> None:
        """Raises `NotAllowedNow` at the other end of it: goods are counted by whoever has them before them."""
        if not is_theirs(self.request.user, code):
            raise NotAllowedNow("That is done at the other warehouse.")
