"""Payments over HTTP."""

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.permissions import roles
from api.inputs import read_input
from api.pagination import plain_list
from api.views import ViewSet
from kernel.errors import NotFound, PermissionRefused
from orders import permissions
from orders.masking import masked
from orders.models import Order
from orders.views.base import OrderView
from payments import schemas
from payments.gateways.base import Snapshot
from payments.gift_cards.guesses import count_guess
from payments.gift_cards.services import spend_gift_card
from payments.models import Operation, Payment, Refund
from payments.serializers import (
    CaptureInput,
    PaymentInput,
    PaymentSerializer,
    RefundInput,
    RefundSerializer,
    VoidInput,
)
from payments.services import (
    ask_completion,
    capture_payment,
    look_up_and_settle,
    open_payment,
    perform,
    record_manual_payment,
    refund_payment,
    void_payment,
)
from payments.services.refund import Wanted
from payments.states import OperationKind, Provider


def shown(payment_id: UUID, *, is_staff: bool, snapshot: Snapshot | None = None) -> dict[str, Any]:
    """The payment as it is now; with a snapshot, also what the customer needs to complete it."""
    payment = Payment.objects.select_related("order").prefetch_related("refunds__payment").get(pk=payment_id)
    return PaymentSerializer(payment, context={"is_staff": is_staff, "snapshot": snapshot}).data


class OrderPaymentViewSet(OrderView, ViewSet):
    """The payments of one order: for its owner, a guest with its token, and staff."""

    serializer_class = PaymentSerializer  # for the schema
    needs = {"list": permissions.READ, "create": "pay"}
    idempotency_required = {"create"}
    refuses = {"create": {"429"}}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        # Before the transaction of the request: a guess counts even when everything else is undone. Whatever names a
        # code counts, since a provider spelt with a blank is read as a gift card all the same.
        if self.action == "create":
            count_guess(request)

    @schemas.LIST_PAYMENTS
    def list(self, request: Request, number: str) -> Response:
        payments = Payment.objects.filter(order=self.order_id(number)).select_related("order")
        context = {"is_staff": self.viewer.is_staff}
        found = payments.prefetch_related("refunds__payment")
        shown_ones = [dict(PaymentSerializer(payment, context=context).data) for payment in found]
        return plain_list(shown_ones if self.viewer.sees_people else [masked(each) for each in shown_ones])

    @schemas.PAY
    def create(self, request: Request, number: str) -> Response:
        order_id = self.order_id(number)
        given = read_input(PaymentInput, request).validated_data
        payment = self.change(order_id, lambda: self.pay(order_id, given))
        if payment.provider in {Provider.MANUAL, Provider.GIFT_CARD}:
            return Response(shown(payment.pk, is_staff=self.viewer.is_staff), status=201)
        return self.begun(payment=str(payment.pk))

    def pay(self, order_id: int, given: dict[str, Any]) -> Payment:
        amount, provider = given.get("amount"), given["provider"]
        if provider == Provider.MANUAL:
            if not self.viewer.is_staff:
                raise PermissionRefused("Only staff record money received by hand.")
            return record_manual_payment(order_id=order_id, amount=amount, note=given["note"], by=self.actor)
        if provider == Provider.GIFT_CARD:
            return spend_gift_card(order_id=order_id, code=given["code"], amount=amount, by=self.actor)
        return open_payment(
            order_id=order_id, provider=provider, amount=amount, return_url=given["return_url"], by=self.actor
        )

    def finish(self, begun: dict[str, Any]) -> Response:
        payment_id = UUID(begun["payment"])
        operation = Operation.objects.filter(payment_id=payment_id, kind=OperationKind.CREATE).latest("created_at")
        # Opened before, perhaps by a request that died: the customer needs what only the provider can tell.
        snapshot = perform(operation.pk) or look_up_and_settle(payment_id=payment_id, by=self.actor)
        return Response(shown(payment_id, is_staff=self.viewer.is_staff, snapshot=snapshot), status=201)


class ConfirmationViewSet(OrderView, ViewSet):
    """The customer is back from the provider's page: it is asked, and what it says is settled."""

    serializer_class = PaymentSerializer  # for the schema
    needs = {"confirm": "pay"}
    idempotency_required = {"confirm"}

    @schemas.CONFIRM
    def confirm(self, request: Request, payment_id: UUID) -> Response:
        number = Order.objects.filter(payments=payment_id).values_list("number", flat=True).first()
        if number is None:
            raise NotFound("There is no such payment.")
        self.order_id(number)
        operation = ask_completion(payment_id=payment_id, by=self.actor)
        return self.begun(payment=str(payment_id), operation=str(operation.pk))

    def finish(self, begun: dict[str, Any]) -> Response:
        payment_id = UUID(begun["payment"])
        snapshot = perform(UUID(begun["operation"]))
        seen = shown(payment_id, is_staff=self.viewer.is_staff, snapshot=snapshot)
        return Response(seen if self.viewer.sees_people else masked(seen))


class PaymentViewSet(ViewSet):
    """What customer service can do with one payment."""

    serializer_class = RefundInput  # for the schema
    permission_classes = [roles("admin", "customer_service")]
    idempotency_required = {"capture", "void", "refund"}
    dry_run_actions = {"refund"}

    @schemas.CAPTURE
    def capture(self, request: Request, payment_id: UUID) -> Response:
        given = read_input(CaptureInput, request).validated_data
        operation = capture_payment(payment_id=payment_id, amount=given.get("amount"), by=self.actor)
        return self.begun(operation=str(operation.pk))

    @schemas.VOID
    def void(self, request: Request, payment_id: UUID) -> Response:
        read_input(VoidInput, request)
        operation = void_payment(payment_id=payment_id, by=self.actor)
        return self.begun(operation=str(operation.pk))

    @schemas.REFUND
    def refund(self, request: Request, payment_id: UUID) -> Response:
        if not Payment.objects.filter(pk=payment_id).exists():
            raise NotFound("There is no such payment.")
        given = read_input(RefundInput, request).validated_data
        wanted = Wanted(
            amount=given.get("amount"),
            lines={part["line"]: part["quantity"] for part in given["lines"]},
            shipping=given["shipping"],
        )
        refund = refund_payment(payment_id=payment_id, wanted=wanted, reason=given["reason"], by=self.actor)
        operation = Operation.objects.filter(refund=refund).first()
        if operation is None or self.is_dry_run():
            return Response(RefundSerializer(refund).data, status=201)
        return self.begun(operation=str(operation.pk), refund=refund.pk)

    def finish(self, begun: dict[str, Any]) -> Response:
        operation = Operation.objects.get(pk=begun["operation"])
        perform(operation.pk)
        if "refund" in begun:
            refund = Refund.objects.select_related("payment").get(pk=begun["refund"])
            return Response(RefundSerializer(refund).data, status=201)
        return Response(shown(operation.payment_id, is_staff=True))
