"""Payments and refunds, in and out."""

from typing import Any

from django.core.validators import URLValidator
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.fields import AmountField, MoneyField, QuantityField, StrictBooleanField, TextField
from api.inputs import CommandSerializer
from payments.models import Payment, Refund, RefundLine
from payments.states import Provider


class RefundLineSerializer(serializers.ModelSerializer[RefundLine]):
    amount = MoneyField(currency_source="refund.payment.currency")

    class Meta:
        model = RefundLine
        fields = ("line", "quantity", "amount")
        read_only_fields = fields


class RefundSerializer(serializers.ModelSerializer[Refund]):
    amount = MoneyField(currency_source="payment.currency")
    currency = serializers.CharField(source="payment.currency", read_only=True)
    lines = RefundLineSerializer(many=True, read_only=True, help_text="What it is for; no line: the shipping.")

    class Meta:
        model = Refund
        fields = ("id", "amount", "currency", "cause", "reason", "status", "created_at", "settled_at", "lines")
        read_only_fields = fields


class PaymentSerializer(serializers.ModelSerializer[Payment]):
    order = serializers.CharField(source="order.number", read_only=True)
    amount = MoneyField()
    authorized = MoneyField()
    captured = MoneyField()
    refunded = MoneyField()
    refundable = MoneyField()
    client_secret = serializers.SerializerMethodField(help_text="With which the app completes it at Stripe.")
    approve_url = serializers.SerializerMethodField(help_text="The provider's page on which the customer approves.")
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
            "failure_code",
            "authorization_expires_at",
            "client_secret",
            "approve_url",
            "note",
            "created_at",
            "refunds",
        )
        read_only_fields = fields

    @extend_schema_field(str)
    def get_client_secret(self, payment: Payment) -> str:
        snapshot = self.context.get("snapshot")
        return snapshot.client_secret if snapshot else ""

    @extend_schema_field(str)
    def get_approve_url(self, payment: Payment) -> str:
        snapshot = self.context.get("snapshot")
        return snapshot.approve_url if snapshot else ""

    @extend_schema_field(str)
    def get_note(self, payment: Payment) -> str:
        return payment.note if self.context["is_staff"] else ""


class PaymentInput(CommandSerializer):
    provider = serializers.ChoiceField(choices=Provider.choices)
    amount = AmountField(required=False, help_text="Without it, all that is due.")
    note = TextField(max_length=500, required=False, allow_blank=True, default="")
    code = TextField(max_length=100, required=False, help_text="Of a gift card.")
    return_url = TextField(
        max_length=500,
        required=False,
        default="",
        allow_blank=True,
        validators=[URLValidator(schemes=["http", "https"])],
        help_text="Where a provider's page leads back to.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["provider"] == Provider.GIFT_CARD and not attrs.get("code"):
            raise serializers.ValidationError({"code": ["The code of the gift card."]}, code="required")
        return attrs


class CaptureInput(CommandSerializer):
    amount = AmountField(required=False, help_text="Without it, all that is authorised.")


class VoidInput(CommandSerializer):
    """Nothing: the payment says it all."""


class RefundLineInput(CommandSerializer):
    line = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    quantity = QuantityField()


class RefundInput(CommandSerializer):
    amount = AmountField(required=False, help_text="Without it and without lines, all that is left of the payment.")
    lines = RefundLineInput(many=True, required=False, default=list, help_text="Units to refund as they were paid.")
    shipping = StrictBooleanField(required=False, default=False, help_text="The shipping, too.")
    reason = TextField(max_length=200)

    def validate_lines(self, lines: list[dict[str, int]]) -> list[dict[str, int]]:
        if len({part["line"] for part in lines}) != len(lines):
            raise serializers.ValidationError("Each line once.", code="invalid")
        return lines
