"""Returns over HTTP."""

from collections.abc import Callable

from rest_framework.request import Request
from rest_framework.response import Response

from api.inputs import read_input
from api.views import ViewSet
from kernel.errors import NotFound
from orders import schemas
from orders.models import Return
from orders.representation import show_return
from orders.serializers.inputs import ReceiveInput, RejectInput
from orders.services import Arrival, approve_return, receive_return, reject_return
from orders.views.base import OrderView


class ReturnViewSet(OrderView, ViewSet):
    """Returns of the orders the caller may see. They are asked for at the order."""

    serializer_class = ReceiveInput  # for the schema
    idempotency_required = {"approve", "reject", "receive"}
    dry_run_actions = {"receive"}
    needs = {"approve": "approve_return", "reject": "reject_return", "receive": "receive_return"}

    @schemas.APPROVE
    def approve(self, request: Request, number: str) -> Response:
        return self.changed(number, lambda pk: approve_return(return_id=pk, by=self.actor))

    @schemas.REJECT
    def reject(self, request: Request, number: str) -> Response:
        reason = read_input(RejectInput, request).validated_data["reason"]
        return self.changed(number, lambda pk: reject_return(return_id=pk, reason=reason, by=self.actor))

    @schemas.RECEIVE
    def receive(self, request: Request, number: str) -> Response:
        lines = read_input(ReceiveInput, request).validated_data["lines"]
        arrivals = [Arrival(part["line"], part["quantity"], part["condition"], part["restock"]) for part in lines]
        return self.changed(number, lambda pk: receive_return(return_id=pk, arrivals=arrivals, by=self.actor))

    def changed(self, number: str, change: Callable[[int], Return]) -> Response:
        """Find the return, change it, show it."""
        found = Return.objects.filter(number=number, order__in=self.visible()).only("order_id").first()
        if found is None:
            raise NotFound("There is no such return.")
        self.change(found.order_id, lambda: change(found.pk))
        ret = Return.objects.select_related("order").get(pk=found.pk)
        return Response(show_return(ret, self.viewer) | {"order": ret.order.number})
