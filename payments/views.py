"""Payments over HTTP."""

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.permissions import roles
from api.views import ViewSet
from kernel.errors import Invalid, NotFound, PermissionRefused
from orders import permissions
from orders.views.base import OrderView, plain_list, read_input
from payments import schemas
from payments.models import Payment
from payments.serializers import PaymentInput, PaymentSerializer, RefundInput, RefundSerializer
from payments.services import record_manual_payment, refund_payment
from payments.states import Provider


class OrderPaymentViewSet(OrderView, ViewSet):
    """The payments of one order: for its owner, a guest with its token, and staff."""

    serializer_class = PaymentSerializer  # for the schema
    needs = {"list": permissions.READ, "create": "pay"}
    idempotency_required = {"create"}

    @schemas.LIST_PAYMENTS
    def list(self, request: Request, number: str) -> Response:
        payments = Payment.objects.filter(order=self.order_id(number)).select_related("order")
        return plain_list([self.show(found) for found in payments.prefetch_related("refunds__payment")])

    @schemas.PAY
    def create(self, request: Request, number: str) -> Response:
        order_id = self.order_id(number)
        given = read_input(PaymentInput, request).validated_data
        if given["provider"] != Provider.MANUAL:
            raise Invalid("This provider is not configured.", field="provider")
        if not self.viewer.is_staff:
            raise PermissionRefused("Only staff record money received by hand.")
        payment = self.change(
            order_id,
            lambda: record_manual_payment(
                order_id=order_id, amount=given.get("amount"), note=given["note"], by=self.actor
            ),
        )
        return Response(self.show(payment), status=201)

    def show(self, payment: Payment) -> dict[str, Any]:
        return PaymentSerializer(payment, context={"is_staff": self.viewer.is_staff}).data


class PaymentViewSet(ViewSet):
    """What can be done with one payment."""

    serializer_class = RefundInput  # for the schema
    permission_classes = [roles("admin", "customer_service")]
    idempotency_required = {"refund"}
    dry_run_actions = {"refund"}

    @schemas.REFUND
    def refund(self, request: Request, payment_id: UUID) -> Response:
        if not Payment.objects.filter(pk=payment_id).exists():
            raise NotFound("There is no such payment.")
        given = read_input(RefundInput, request).validated_data
        refund = refund_payment(
            payment_id=payment_id, amount=given.get("amount"), reason=given["reason"], by=self.actor
        )
        return Response(RefundSerializer(refund).data, status=201)
