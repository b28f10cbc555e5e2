"""The shapes of transfers over HTTP."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from api.fields import QuantityField, StrictBooleanField, no_card_number
from inventory.models import Transfer
from inventory.serializers import MovementSerializer, StockSerializer


class TransferLineSerializer(serializers.Serializer):
    sku = serializers.CharField(source="item.sku")
    quantity = serializers.IntegerField(help_text="Units sent.")
    received = serializers.IntegerField(allow_null=True, help_text="Units that arrived; null until it is received.")


class TransferBody(serializers.Serializer):
    """Goods that left one warehouse for another."""

    number = serializers.CharField()
    from_warehouse = serializers.CharField(source="source.code")
    to_warehouse = serializers.CharField(source="target.code")
    state = serializers.ChoiceField(choices=Transfer.State.choices)
    lines = TransferLineSerializer(many=True)
    loss_reason = serializers.CharField(help_text="Why less arrived than was sent.")
    sent_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)


class TransferLineInput(serializers.Serializer):
    sku = serializers.CharField(max_length=64)
    quantity = QuantityField()


class ReceivedLineInput(serializers.Serializer):
    sku = serializers.CharField(max_length=64)
    quantity = QuantityField(min_value=0)


def units_by_sku(lines: list[dict[str, Any]]) -> dict[str, int]:
    """Each item once. Raises `ValidationError`."""
    units = {line["sku"]: line["quantity"] for line in lines}
    if len(units) < len(lines):
        raise serializers.ValidationError({"lines": "Each item once."})
    return units


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "At once",
            value={"sku": "MUG-1", "from_warehouse": "MAIN", "to_warehouse": "NORTH", "quantity": 5},
            request_only=True,
        ),
        OpenApiExample(
            "On its way",
            value={
                "from_warehouse": "MAIN",
                "to_warehouse": "NORTH",
                "in_transit": True,
                "lines": [{"sku": "MUG-1", "quantity": 5}, {"sku": "BOWL-1", "quantity": 2}],
            },
            request_only=True,
        ),
    ]
)
class TransferInput(serializers.Serializer):
    """One item (`sku` and `quantity`), or with `in_transit` several (`lines`)."""

    from_warehouse = serializers.CharField(max_length=20)
    to_warehouse = serializers.CharField(max_length=20)
    sku = serializers.CharField(max_length=64, required=False)
    quantity = QuantityField(required=False)
    in_transit = StrictBooleanField(required=False, help_text="Send it now; it is received when it arrives.")
    lines: Any = serializers.ListSerializer(
        child=TransferLineInput(), min_length=1, max_length=200, required=False, help_text="With `in_transit` only."
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """Either the one or the other; afterwards `lines` is {sku: units}."""
        missing = {name: "This field is required." for name in ("sku", "quantity") if name not in given}
        if "lines" not in given:
            if missing:
                raise serializers.ValidationError(missing)
            return given | {"lines": {given["sku"]: given["quantity"]}}
        if len(missing) < 2:
            raise serializers.ValidationError({"lines": "Give either sku and quantity or lines."})
        if not given.get("in_transit"):
            raise serializers.ValidationError({"lines": "Several items are sent with in_transit."})
        return given | {"lines": units_by_sku(given["lines"])}


class SentTransferSerializer(serializers.Serializer):
    movements = MovementSerializer(
        many=True,
        help_text="Out of one warehouse, into the other, with one cause. Only the first where the caller does not see "
        "the other.",
    )
    stock = StockSerializer(many=True, help_text="Where the movements leave it.")
    transfer = TransferBody(allow_null=True, help_text="With `in_transit`: what is on its way.")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "One broke",
            value={"lines": [{"sku": "MUG-1", "quantity": 4}], "loss_reason": "One broke on the way."},
            request_only=True,
        )
    ]
)
class ReceiptInput(serializers.Serializer):
    """Without `lines` all of it arrived. Of an item that is not among them nothing did."""

    lines: Any = serializers.ListSerializer(child=ReceivedLineInput(), max_length=200, required=False)
    loss_reason = serializers.CharField(
        max_length=200, required=False, allow_blank=True, validators=[no_card_number], help_text="Needed for less."
    )
