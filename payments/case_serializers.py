"""Money cases, in and out."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.fields import TextField
from api.inputs import CommandSerializer
from payments.advice import advice_on
from payments.models import MoneyCase


class MoneyCaseSerializer(serializers.ModelSerializer[MoneyCase]):
    order = serializers.CharField(source="order.number", read_only=True, allow_null=True, default=None)
    payment = serializers.UUIDField(source="payment_id", read_only=True, allow_null=True)
    what_to_do = serializers.SerializerMethodField()

    class Meta:
        model = MoneyCase
        fields = (
            "id",
            "kind",
            "about",
            "detail",
            "what_to_do",
            "order",
            "payment",
            "opened_at",
            "resolved_at",
            "resolved_by",
            "resolution",
        )
        read_only_fields = fields

    @extend_schema_field(str)
    def get_what_to_do(self, case: MoneyCase) -> str:
        return advice_on(case.kind)


class ResolutionInput(CommandSerializer):
    resolution = TextField(max_length=500, help_text="What was done about it.")
