"""Gift cards, in and out."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.serializers import EmailAddressField
from api.fields import AmountField, CurrencyField, MoneyField, StrictBooleanField, TextField
from api.inputs import CommandSerializer
from payments.models import GiftCard


class GiftCardSerializer(serializers.ModelSerializer[GiftCard]):
    balance = MoneyField()
    state = serializers.CharField(read_only=True, help_text="usable, empty, frozen or expired.")
    frozen = serializers.SerializerMethodField()
    order = serializers.SerializerMethodField(help_text="The number of the order that bought it.")

    class Meta:
        model = GiftCard
        fields: tuple[str, ...] = (
            "id",
            "last4",
            "currency",
            "balance",
            "state",
            "frozen",
            "frozen_reason",
            "expires_at",
            "recipient_email",
            "note",
            "order",
            "created_at",
        )
        read_only_fields: tuple[str, ...] = fields

    def get_frozen(self, card: GiftCard) -> bool:
        return card.frozen_at is not None

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_order(self, card: GiftCard) -> str | None:
        return card.bought_with.order.number if card.bought_with else None


class IssuedGiftCardSerializer(GiftCardSerializer):
    code = serializers.CharField(help_text="Shown this once.")

    class Meta(GiftCardSerializer.Meta):
        fields = (*GiftCardSerializer.Meta.fields, "code")
        read_only_fields = fields


class GiftCardInput(CommandSerializer):
    currency = CurrencyField()
    amount = AmountField()
    recipient_email = EmailAddressField(
        required=False, allow_blank=True, default="", help_text="Who is sent the code; without it nobody is."
    )
    expires_at = serializers.DateTimeField(
        required=False, allow_null=True, default=None, help_text="Left out: after the shop's usual time."
    )
    note = TextField(max_length=500, required=False, allow_blank=True, default="", help_text="For staff only.")


class GiftCardChanges(CommandSerializer):
    expires_at = serializers.DateTimeField(required=False, allow_null=True, help_text="null: it never ends.")
    recipient_email = EmailAddressField(required=False, allow_blank=True)
    note = TextField(max_length=500, required=False, allow_blank=True)
    frozen = StrictBooleanField(required=False)


class CodeInput(CommandSerializer):
    code = TextField(max_length=100, help_text="In capitals or not, with dashes or without.")


class BalanceSerializer(serializers.Serializer[Any]):
    balance = MoneyField()
    currency = serializers.CharField()
    expires_at = serializers.DateTimeField(allow_null=True)
