"""Packages over HTTP."""

from collections.abc import Callable

from rest_framework.request import Request
from rest_framework.response import Response

from api.inputs import read_input
from api.views import ViewSet
from kernel.errors import NotFound
from orders import schemas
from orders.models import Shipment
from orders.reading import read_order
from orders.representation import show_shipment
from orders.returning.representation import show_return_of
from orders.serializers.inputs import LoseInput, ShipInput
from orders.services import cancel_shipment, deliver_shipment, lose_shipment, return_to_sender, ship_shipment
from orders.views.base import OrderView


class ShipmentViewSet(OrderView, ViewSet):
    """Packages of the orders the caller may see, from the warehouses that are theirs."""

    serializer_class = ShipInput  # for the schema
    idempotency_required = {"ship", "deliver", "lose", "returned_to_sender", "cancel"}
    needs = {
        "ship": "ship",
        "deliver": "deliver",
        "lose": "lose_shipment",
        "returned_to_sender": "return_to_sender",
        "cancel": "cancel_shipment",
    }

    @schemas.SHIP
    def ship(self, request: Request, number: str) -> Response:
        given = read_input(ShipInput, request).validated_data
        return self.changed(number, lambda pk: ship_shipment(shipment_id=pk, **given, by=self.actor))

    @schemas.DELIVER
    def deliver(self, request: Request, number: str) -> Response:
        return self.changed(number, lambda pk: deliver_shipment(shipment_id=pk, by=self.actor))

    @schemas.LOSE
    def lose(self, request: Request, number: str) -> Response:
        note = read_input(LoseInput, request).validated_data["note"]
        return self.changed(number, lambda pk: lose_shipment(shipment_id=pk, note=note, by=self.actor))

    @schemas.RETURNED_TO_SENDER
    def returned_to_sender(self, request: Request, number: str) -> Response:
        found = self.package(number)
        ret = self.change(found.order_id, lambda: return_to_sender(shipment_id=found.pk, by=self.actor))
        return Response(show_return_of(read_order(found.order_id), ret.number, self.viewer), status=201)

    @schemas.CANCEL_SHIPMENT
    def cancel(self, request: Request, number: str) -> Response:
        return self.changed(number, lambda pk: cancel_shipment(shipment_id=pk, by=self.actor))

    def changed(self, number: str, change: Callable[[int], Shipment]) -> Response:
        """Find the package, change it, show it."""
        found = self.package(number)
        self.change(found.order_id, lambda: change(found.pk))
        shipment = Shipment.objects.select_related("warehouse", "order").get(pk=found.pk)
        return Response(show_shipment(shipment, self.viewer) | {"order": shipment.order.number})

    def package(self, number: str) -> Shipment:
        """Another's is not found, whatever `If-Match` says of its order. Raises `NotFound`."""
        theirs = Shipment.objects.visible_to(self.request.user)
        found = theirs.filter(number=number, order__in=self.visible()).only("order_id").first()
        if found is None:
            raise NotFound("There is no such package.")
        return found
