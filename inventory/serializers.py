"""The shapes of stock over HTTP."""

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from api.fields import MAX_QUANTITY, QuantityField, StrictBooleanField, no_card_number
from inventory.models import MAX_ON_HAND, StockMovement, is_bin, is_warehouse_code


class WarehouseSerializer(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    active = serializers.BooleanField()
    priority = serializers.IntegerField()


class WarehouseInput(serializers.Serializer):
    name = serializers.CharField(max_length=100, validators=[no_card_number])
    active = StrictBooleanField(required=False, help_text="Stock of an inactive warehouse is not sold.")
    priority = QuantityField(
        min_value=0, max_value=32767, required=False, help_text="The lowest number is asked first."
    )


class NewWarehouseInput(WarehouseInput):
    code = serializers.CharField(max_length=20, validators=[is_warehouse_code])


class StockSerializer(serializers.Serializer):
    sku = serializers.CharField()
    warehouse = serializers.CharField(source="code")
    on_hand = serializers.IntegerField()
    reserved = serializers.IntegerField()
    safety = serializers.IntegerField()
    available = serializers.IntegerField(help_text="on_hand - reserved - safety, never below 0.")
    bin = serializers.CharField(help_text="Where in the warehouse it lies; empty when nobody has written it down.")


class MovementSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    sku = serializers.CharField()
    warehouse = serializers.CharField(source="code")
    delta = serializers.IntegerField()
    on_hand_after = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=StockMovement.Kind.choices)
    reason = serializers.ChoiceField(choices=StockMovement.Reason.choices, allow_blank=True)
    cause = serializers.CharField()
    line = serializers.IntegerField(source="order_line_id", allow_null=True)
    actor = serializers.CharField()
    created_at = serializers.DateTimeField()


class ReservationSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    sku = serializers.CharField()
    warehouse = serializers.CharField(source="code")
    order_id = serializers.IntegerField()
    line = serializers.IntegerField(source="order_line_id")
    quantity = serializers.IntegerField()
    state = serializers.CharField()
    expires_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


class HolderSerializer(serializers.Serializer):
    """By whom units are reserved."""

    order_id = serializers.IntegerField()
    line = serializers.IntegerField(source="order_line_id")
    quantity = serializers.IntegerField()
    state = serializers.CharField()
    expires_at = serializers.DateTimeField(allow_null=True)


class ExplainedLevelSerializer(StockSerializer):
    active = serializers.BooleanField(help_text="Only active warehouses sell.")
    shortfall = serializers.IntegerField(help_text="Units promised and not there.")
    reservations_total = serializers.IntegerField()
    reservations = HolderSerializer(many=True, help_text="The first 100, oldest first; for partners none.")


class ExplanationSerializer(serializers.Serializer):
    """Why so many units of an item can be sold."""

    sku = serializers.CharField()
    available = serializers.IntegerField(help_text="Over all active warehouses that the caller sees.")
    warehouses = ExplainedLevelSerializer(many=True)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Three broken",
            value={"sku": "MUG-1", "warehouse": "MAIN", "delta": -3, "reason": "damage"},
            request_only=True,
        ),
        OpenApiExample(
            "Counted", value={"sku": "MUG-1", "warehouse": "MAIN", "on_hand": 40, "reason": "count"}, request_only=True
        ),
    ]
)
class AdjustmentInput(serializers.Serializer):
    """Either `delta` or `on_hand`."""

    sku = serializers.CharField(max_length=64)
    warehouse = serializers.CharField(max_length=20)
    delta = QuantityField(min_value=-MAX_QUANTITY, required=False)
    on_hand = QuantityField(min_value=0, max_value=MAX_ON_HAND, required=False)
    reason = serializers.ChoiceField(choices=StockMovement.Reason.choices)


class AdjustmentSerializer(serializers.Serializer):
    movement = MovementSerializer()
    stock = StockSerializer()
    shortfall = serializers.IntegerField(help_text="Units promised and no longer there.")


class TransferInput(serializers.Serializer):
    sku = serializers.CharField(max_length=64)
    from_warehouse = serializers.CharField(max_length=20)
    to_warehouse = serializers.CharField(max_length=20)
    quantity = QuantityField()


class TransferSerializer(serializers.Serializer):
    movements = MovementSerializer(
        many=True,
        help_text="Out of one warehouse, into the other, with one cause. Only the first where the caller does not see "
        "the other.",
    )
    stock = StockSerializer(many=True, help_text="Where the movements leave it.")


@extend_schema_serializer(
    examples=[OpenApiExample("Third shelf of rack A", value={"warehouse": "MAIN", "bin": "A-03-2"}, request_only=True)]
)
class BinInput(serializers.Serializer):
    warehouse = serializers.CharField(max_length=20)
    bin = serializers.CharField(
        max_length=30, allow_blank=True, validators=[is_bin], help_text="Kept in capitals; empty takes it out."
    )


class SafetyInput(serializers.Serializer):
    warehouse = serializers.CharField(max_length=20)
    safety = QuantityField(min_value=0)
