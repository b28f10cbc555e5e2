"""Payments and refunds, in and out."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.fields import AmountField, MoneyField, TextField
from api.inputs import CommandSerializer
from payments.models import Payment, Refund
from payments.states import Provider


class RefundSerializer(serializers.ModelSerializer[Refund]):
    amount = MoneyField(currency_source="payment.currency")
    currency = serializers.CharField(source="payment.currency", read_only=True)

    class Meta:
        model = Refund
        fields = ("id", "amount", "currency", "cause", "reason", "status", "created_at", "settled_at")
        read_only_fields = fields


class PaymentSerializer(serializers.ModelSerializer[Payment]):
    order = serializers.CharField(source="order.number", read_only=True)
    amount = MoneyField()
    authorized = MoneyField()
    captured = MoneyField()
    refunded = MoneyField()
    refundable = MoneyField()
    note = serializers.SerializerMethodField(help_text="For staff; empty for everybody else.")
    refunds = RefundSerializer(many=True, read_only=True)

    class Meta:
        model = Payment
        fields = (
            "id",
            "order",
            "provider",
            "status",
            "amount",
            "currency",
            "authorized",
            "captured",
            "refunded",
            "refundable",
            "note",
            "created_at",
            "refunds",
        )
        read_only_fields = fields

    @extend_schema_field(str)
    def get_note(self, payment: Payment) -> str:
        return payment.note if self.context["is_staff"] else ""


class PaymentInput(CommandSerializer):
    provider = TextField(max_length=20, help_text=f"One of: {', '.join(Provider.values)}.")
    amount = AmountField(required=False, help_text="Without it, all that is due.")
    note = TextField(max_length=500, required=False, allow_blank=True, default="")
    code = TextField(max_length=100, required=False, help_text="Of a gift card.")
    return_url = TextField(max_length=500, required=False, help_text="Where a provider's page leads back to.")


class RefundInput(CommandSerializer):
    amount = AmountField(required=False, help_text="Without it, all that is left of the payment.")
    reason = TextField(max_length=200)
