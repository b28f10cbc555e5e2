"""The shapes of stock over HTTP."""

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from api.fields import MAX_QUANTITY, QuantityField, StrictBooleanField, no_card_number
from inventory.models import MAX_ON_HAND, StockMovement, is_bin, is_country, is_warehouse_code
from inventory.routing import Reason


class WarehouseSerializer(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    active = serializers.BooleanField()
    priority = serializers.IntegerField()
    line1 = serializers.CharField()
    city = serializers.CharField()
    postal_code = serializers.CharField()
    region = serializers.CharField()
    country = serializers.CharField()


class WarehouseInput(serializers.Serializer):
    name = serializers.CharField(max_length=100, validators=[no_card_number])
    active = StrictBooleanField(required=False, help_text="Stock of an inactive warehouse is not sold.")
    priority = QuantityField(
        min_value=0, max_value=32767, required=False, help_text="The lowest number is asked first."
    )

    line1 = serializers.CharField(max_length=200, required=False, allow_blank=True, validators=[no_card_number])
    city = serializers.CharField(max_length=100, required=False, allow_blank=True, validators=[no_card_number])
    postal_code = serializers.CharField(max_length=20, required=False, allow_blank=True, validators=[no_card_number])
    region = serializers.CharField(
        max_length=100, required=False, allow_blank=True, help_text="As addresses have it, to serve those near first."
    )
    country = serializers.CharField(
        max_length=2, required=False, allow_blank=True, validators=[is_country], help_text="ISO 3166-1 alpha-2."
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
    incoming = serializers.IntegerField(help_text="On the way from other warehouses.")
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
    order = serializers.CharField(source="order_number", help_text="The number of the order.")
    quantity = serializers.IntegerField()
    reason = serializers.ChoiceField(Reason.choices, allow_blank=True, help_text="Why from this warehouse.")
    state = serializers.CharField()
    expires_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


class HolderSerializer(serializers.Serializer):
    """By whom units are reserved."""

    order = serializers.CharField(source="order_number", help_text="The number of the order.")
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


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Up to twenty, expected in May",
            value={"limit": 20, "expected_on": "2031-05-01", "available_from": None},
            request_only=True,
        )
    ]
)
class BackordersInput(serializers.Serializer):
    """What is absent or null is taken away."""

    limit = QuantityField(
        min_value=0, required=False, allow_null=True, help_text="Units that may be sold beyond the stock."
    )
    available_from = serializers.DateField(
        required=False, allow_null=True, help_text="Ordered before that day, it is a pre-order."
    )
    expected_on = serializers.DateField(
        required=False, allow_null=True, help_text="When units sold beyond the stock will be there."
    )


class BackordersSerializer(serializers.Serializer):
    sku = serializers.CharField()
    limit = serializers.IntegerField(source="backorder_limit", allow_null=True)
    waiting = serializers.IntegerField(help_text="Units sold beyond the stock that nobody has yet.")
    available_from = serializers.DateField(allow_null=True)
    expected_on = serializers.DateField(allow_null=True)


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


class ReorderPointInput(serializers.Serializer):
    warehouse = serializers.CharField(max_length=20)
    reorder_point = QuantityField(
        min_value=0, allow_null=True, help_text="Low at so many available units; null: at the shop's usual number."
    )
