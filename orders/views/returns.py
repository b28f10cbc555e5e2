"""Returns over HTTP."""

from collections.abc import Callable

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from api.inputs import read_input
from api.paper import PdfRenderer, as_answer
from api.views import ViewSet
from kernel.errors import NotFound
from orders.models import Order, Return
from orders.permissions import READ
from orders.reading import read_order
from orders.returning import schemas
from orders.returning.papers import authorisation, label
from orders.returning.representation import show_return_of
from orders.serializers.inputs import ExchangeInput, ReceiveInput, RejectInput
from orders.services import Arrival, Swap, approve_return, exchange_return, receive_return, reject_return
from orders.views.base import OrderView


class ReturnView(OrderView):
    """What views of returns share: whose it is."""

    def return_id(self, number: str) -> int:
        """Of an order that the caller may see. Raises `NotFound`."""
        found = Return.objects.filter(number=number, order__in=self.visible()).values_list("pk", flat=True).first()
        if found is None:
            raise NotFound("There is no such return.")
        return found

    def shown(self, order: Order, number: str, status: int = 200) -> Response:
        return Response(show_return_of(order, number, self.viewer), status=status)


class ReturnViewSet(ReturnView, ViewSet):
    """Returns of the orders the caller may see. They are asked for at the order."""

    serializer_class = ReceiveInput  # for the schema
    idempotency_required = {"approve", "reject", "receive", "exchange"}
    dry_run_actions = {"receive", "exchange"}
    needs = {
        "retrieve": READ,
        "approve": "approve_return",
        "reject": "reject_return",
        "receive": "receive_return",
        "exchange": "exchange_return",
    }

    @schemas.READ
    def retrieve(self, request: Request, number: str) -> Response:
        return self.shown(self.whole_order(number), number)

    @schemas.APPROVE
    def approve(self, request: Request, number: str) -> Response:
        return self.changed(number, lambda pk: approve_return(return_id=pk, by=self.actor))

    @schemas.REJECT
    def reject(self, request: Request, number: str) -> Response:
        reason = read_input(RejectInput, request).validated_data["reason"]
        return self.changed(number, lambda pk: reject_return(return_id=pk, reason=reason, by=self.actor))

    @schemas.RECEIVE
    def receive(self, request: Request, number: str) -> Response:
        given = dict(read_input(ReceiveInput, request).validated_data)
        arrivals = [Arrival(part.pop("line"), **part) for part in given.pop("lines")]
        return self.changed(number, lambda pk: receive_return(return_id=pk, arrivals=arrivals, **given, by=self.actor))

    @schemas.EXCHANGE
    def exchange(self, request: Request, number: str) -> Response:
        lines = read_input(ExchangeInput, request).validated_data["lines"]
        swaps = [Swap(part["line"], part["quantity"], part["sku"]) for part in lines]
        return self.changed(number, lambda pk: exchange_return(return_id=pk, swaps=swaps, by=self.actor))

    def changed(self, number: str, change: Callable[[int], Return]) -> Response:
        """Find the return, change it, show it."""
        found = Return.objects.only("order_id").get(pk=self.return_id(number))
        self.change(found.order_id, lambda: change(found.pk))
        return self.shown(read_order(found.order_id), number)

    def whole_order(self, number: str) -> Order:
        """The order of the return, also for whoever holds its token. Raises `NotFound`."""
        orders = self.named(number.rpartition("-R")[0])
        order_id = Return.objects.filter(number=number, order__in=orders).values_list("order_id", flat=True).first()
        if order_id is None:
            raise NotFound("There is no such return.")
        return read_order(order_id)


class ReturnPaperViewSet(ReturnViewSet):
    """The papers of a return as PDF, for its owner and staff."""

    renderer_classes = (PdfRenderer, *ViewSet.renderer_classes)
    needs = {"label": READ, "authorisation": READ}
    refuses = {"label": {"409", "503"}, "authorisation": {"503"}}

    @schemas.LABEL
    def label(self, request: Request, number: str) -> HttpResponse:
        return as_answer(label(self.whole_order(number), number, self.viewer), f"{number}-label.pdf")

    @schemas.AUTHORISATION
    def authorisation(self, request: Request, number: str) -> HttpResponse:
        return as_answer(authorisation(self.whole_order(number), number, self.viewer), f"{number}.pdf")
