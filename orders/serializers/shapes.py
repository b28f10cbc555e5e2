"""The shape of what goes out, for the OpenAPI document. The dicts themselves: `orders.representation`.

A test compares answers with these field by field.
"""

from typing import Any

from rest_framework import serializers

from accounts.serializers import AddressSerializer
from api.fields import MoneyField
from inventory.backorders.availability import Availability
from orders.states import (
    ASKED_REASONS,
    Condition,
    Disposition,
    FulfillmentStatus,
    HoldKind,
    LabelPayer,
    PaymentStatus,
    ReturnReason,
    ReturnState,
    ReturnStatus,
    ShipmentStatus,
    Status,
)


def instant(**kwargs: Any) -> serializers.DateTimeField:
    """A UTC instant that may not have come yet."""
    return serializers.DateTimeField(allow_null=True, **kwargs)


class StepSerializer(serializers.Serializer[Any]):
    """Why an amount is part of the total."""

    step = serializers.CharField(
        help_text="item, discount, code, shipping, tax, or included_tax, which is held by the others."
    )
    rule = serializers.CharField(help_text="The SKU, rule, code, method or rate that it comes from.")
    amount = MoneyField(help_text="What it adds to the total; below 0 where it takes something off.")
    detail = serializers.CharField()
    base = MoneyField(allow_null=True, help_text="The amount it works on.")
    sku = serializers.CharField(help_text="Of the line it is about, where it is one's.")
    reason = serializers.CharField(help_text="Why it gives nothing, as a code.")


class CartProblemSerializer(serializers.Serializer[Any]):
    """What stands in the way of placing the cart: `item` where it is one item's, else the `field` to change."""

    code = serializers.CharField()
    detail = serializers.CharField()
    item = serializers.IntegerField(required=False)
    field = serializers.CharField(required=False)
    reason = serializers.CharField(help_text="The code more precisely, where it can have several reasons.")


class CartItemSerializer(serializers.Serializer[Any]):
    """The amounts are null while the product is not on sale."""

    id = serializers.IntegerField()
    sku = serializers.CharField()
    name = serializers.CharField()
    quantity = serializers.IntegerField()
    unit_price = MoneyField(allow_null=True)
    discount = MoneyField(allow_null=True)
    tax = MoneyField(allow_null=True)
    included_tax = MoneyField(allow_null=True)
    total = MoneyField(allow_null=True)
    availability = serializers.ChoiceField(
        Availability.choices, allow_null=True, help_text="How so many units would be sold now."
    )
    promised_at = serializers.DateField(allow_null=True, help_text="When units that are not there will be, if known.")


class TotalsSerializer(serializers.Serializer[Any]):
    """`total = subtotal - discount_total + shipping_total + tax_total`."""

    subtotal = MoneyField()
    discount_total = MoneyField()
    shipping_total = MoneyField()
    tax_total = MoneyField(help_text="The tax that is added to the prices and the shipping.")
    included_tax_total = MoneyField(help_text="The tax that the prices and the shipping hold already.")
    total = MoneyField()


class CartSerializer(TotalsSerializer):
    """A cart with its quote."""

    id = serializers.UUIDField()
    email = serializers.CharField()
    currency = serializers.CharField()
    items = CartItemSerializer(many=True)
    shipping_address = AddressSerializer(allow_null=True)
    billing_address = AddressSerializer(allow_null=True)
    shipping_method = serializers.CharField()
    discount_codes = serializers.ListField(child=serializers.CharField())
    explanation = StepSerializer(many=True)
    problems = CartProblemSerializer(many=True)
    order = serializers.CharField(allow_null=True, help_text="The number of the order it has become.")


class OpenedCartSerializer(CartSerializer):
    """A new cart. A guest keeps its `token`, which is not shown again, and sends it as `X-Cart-Token`."""

    token = serializers.CharField(required=False)


class ShippingOptionSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    price = MoneyField()
    currency = serializers.CharField()
    ship_by = serializers.DateField(help_text="In the shop's time zone.")
    deliver_by = serializers.DateField()


class LineSerializer(serializers.Serializer[Any]):
    """One product of an order: what was promised, and how many of its units stand where."""

    id = serializers.IntegerField()
    sku = serializers.CharField()
    name = serializers.CharField()
    options = serializers.DictField(child=serializers.CharField())
    quantity = serializers.IntegerField()
    unit_price = MoneyField()
    discount = MoneyField()
    tax_rate = serializers.CharField(help_text="0.2 is 20 %.")
    tax = MoneyField(help_text="Added to the price.")
    included_tax = MoneyField(help_text="Held by the price already.")
    total = MoneyField()
    waiting = serializers.IntegerField(help_text="Units that are not there yet; they cannot be packed.")
    promised_at = serializers.DateField(allow_null=True, help_text="When units that were not there were to come.")
    cancelled = serializers.IntegerField()
    packed = serializers.IntegerField()
    shipped = serializers.IntegerField()
    delivered = serializers.IntegerField()
    returned = serializers.IntegerField()


class UnitsSerializer(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    quantity = serializers.IntegerField()


class PackageSerializer(serializers.Serializer[Any]):
    """A package of an order."""

    number = serializers.CharField()
    status = serializers.ChoiceField(ShipmentStatus.choices)
    warehouse = serializers.CharField(help_text="Its code; empty for a partner that was not given it.")
    carrier = serializers.CharField()
    tracking_number = serializers.CharField()
    carrier_status = serializers.CharField(help_text="The carrier's own words.")
    weight_grams = serializers.IntegerField(allow_null=True, help_text="As it was weighed.")
    packed_at = serializers.DateTimeField()
    shipped_at = instant()
    delivered_at = instant()
    cancelled_at = instant()
    lines = UnitsSerializer(many=True)


class ReturnUnitSerializer(serializers.Serializer[Any]):
    """Units that came back alike. Only staff see them."""

    id = serializers.IntegerField()
    quantity = serializers.IntegerField()
    condition = serializers.ChoiceField(Condition.choices)
    disposition = serializers.ChoiceField(Disposition.choices)
    warehouse = serializers.CharField()
    note = serializers.CharField()
    photo = serializers.CharField(help_text="A link that opens for ten minutes; empty without a photo.")
    restocked_at = instant(help_text="When they went on sale again.")


class ReturnLineSerializer(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    quantity = serializers.IntegerField()
    reason = serializers.ChoiceField(ReturnReason.choices)
    received = serializers.IntegerField()
    condition = serializers.CharField(help_text=f"One of: {', '.join(Condition.values)}; empty until it is received.")
    restocked = serializers.IntegerField()
    exchanged = serializers.IntegerField(help_text="Units replaced by `exchange_order`.")
    units = ReturnUnitSerializer(many=True)


class OrderReturnSerializer(serializers.Serializer[Any]):
    """A return of an order."""

    number = serializers.CharField()
    status = serializers.ChoiceField(ReturnState.choices)
    note = serializers.CharField()
    requested_at = serializers.DateTimeField()
    decided_at = instant()
    received_at = instant()
    label_paid_by = serializers.ChoiceField(LabelPayer.choices)
    override = serializers.CharField(help_text="Why staff opened it against the rules; only staff see it.")
    fee = MoneyField(help_text="Kept of what was paid, known once it is received.")
    exchange_order = serializers.CharField(help_text="The order that replaces units of it.")
    lines = ReturnLineSerializer(many=True)


class ShipmentSerializer(PackageSerializer):
    """A package, with the number of its order."""

    order = serializers.CharField()


class RefundStepSerializer(serializers.Serializer[Any]):
    """One line of the arithmetic of a suggestion; the amounts add up to it."""

    what = serializers.CharField(help_text="units, shipping, exchanged, fee or refunded.")
    amount = MoneyField()
    detail = serializers.CharField()


class RefundSuggestionSerializer(serializers.Serializer[Any]):
    """What to refund for a return now, from what was paid."""

    amount = MoneyField()
    currency = serializers.CharField()
    steps = RefundStepSerializer(many=True)


class ReturnSerializer(OrderReturnSerializer):
    """A return, with the number of its order. Staff also see what to refund once it is received."""

    order = serializers.CharField()
    refund_suggestion = RefundSuggestionSerializer(allow_null=True)


class ReasonTermSerializer(serializers.Serializer[Any]):
    """What a reason means for the customer, by the rules of today."""

    reason = serializers.ChoiceField(ASKED_REASONS)
    shop_pays_label = serializers.BooleanField()
    fee_percent = serializers.CharField(help_text="Of what was paid for the units.")
    fee_amount = MoneyField(help_text="Once per line.")
    approved_at_once = serializers.BooleanField(help_text="Below the rule's limit nobody needs to decide.")


class ReturnableLineSerializer(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    sku = serializers.CharField()
    name = serializers.CharField()
    quantity = serializers.IntegerField(help_text="Units that are not on their way back yet.")
    returnable = serializers.BooleanField()
    why_not = serializers.CharField(
        help_text="nothing_left, not_returnable or window_closed; empty when it can be returned."
    )
    until = instant(help_text="When its window ends; null until all of the order is delivered.")
    reasons = ReasonTermSerializer(many=True)


class ReturnableSerializer(serializers.Serializer[Any]):
    """What of an order can be sent back now, line by line."""

    order = serializers.CharField()
    currency = serializers.CharField()
    lines = ReturnableLineSerializer(many=True)


class HoldSerializer(serializers.Serializer[Any]):
    """A reason not to pack for now. Only staff see `note` and `placed_by`, and that fraud is suspected."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(HoldKind.choices)
    note = serializers.CharField()
    placed_by = serializers.CharField()
    placed_at = serializers.DateTimeField()
    released_at = instant()


class OrderSerializer(TotalsSerializer):
    """An order. Actions are those the caller may ever try; a partner without `personal:read` sees people masked."""

    number = serializers.CharField()
    reference = serializers.CharField()
    exchange_of = serializers.CharField(help_text="The return whose units it replaces; empty for other orders.")
    test = serializers.BooleanField(help_text="Placed by a sandbox token: nothing in the world follows from it.")
    version = serializers.IntegerField()
    status = serializers.ChoiceField(Status.choices)
    payment_status = serializers.ChoiceField(PaymentStatus.choices)
    fulfillment_status = serializers.ChoiceField(FulfillmentStatus.choices)
    return_status = serializers.ChoiceField(ReturnStatus.choices)
    customer = serializers.IntegerField(allow_null=True)
    email = serializers.CharField()
    currency = serializers.CharField()
    cancelled_total = MoneyField()
    captured_total = MoneyField()
    refunded_total = MoneyField()
    shipping_method = serializers.CharField()
    discount_codes = serializers.ListField(child=serializers.CharField())
    shipping_address = AddressSerializer(allow_null=True)
    billing_address = AddressSerializer(allow_null=True)
    cancel_reason = serializers.CharField()
    expires_at = instant(help_text="Until when its stock is kept for payment.")
    ship_by = instant(help_text="Promised to be shipped by then.")
    deliver_by = serializers.DateField(allow_null=True, help_text="Promised to be there on that day at the latest.")
    created_at = serializers.DateTimeField()
    paid_at = instant()
    delivered_at = instant()
    cancelled_at = instant()
    lines = LineSerializer(many=True)
    shipments = PackageSerializer(many=True)
    returns = OrderReturnSerializer(many=True)
    holds = HoldSerializer(many=True)
    explanation = StepSerializer(many=True)
    available_actions = serializers.ListField(child=serializers.CharField())
    refused_actions = serializers.DictField(
        child=serializers.CharField(), help_text="Action → the code of its refusal."
    )


class PlacedOrderSerializer(OrderSerializer):
    """A new order. A guest keeps its `token`, which is not shown again, and sends it as `X-Order-Token`."""

    token = serializers.CharField(required=False)


class StockEffectSerializer(serializers.Serializer[Any]):
    sku = serializers.CharField()
    units = serializers.IntegerField(help_text="Reserved on top of those before; below 0: free again.")


class EditSerializer(serializers.Serializer[Any]):
    """What an edit changes: `difference = due − due_before`; `to_pay` is asked for, `to_refund` goes back."""

    due_before = MoneyField()
    due = MoneyField()
    difference = MoneyField()
    to_pay = MoneyField()
    to_refund = MoneyField()
    stock = StockEffectSerializer(many=True)


class EditedOrderSerializer(OrderSerializer):
    """The order as it is now, with what the edit made of it."""

    edit = EditSerializer()


class TransitionSerializer(serializers.Serializer[Any]):
    """One change of an order. For staff `actor` says who, for others what kind of caller."""

    version = serializers.IntegerField()
    at = serializers.DateTimeField()
    action = serializers.CharField()
    about = serializers.CharField(help_text="The number of a package or return; empty for the order itself.")
    from_status = serializers.CharField(help_text="Empty when it was placed.")
    status = serializers.ChoiceField(Status.choices)
    payment_status = serializers.ChoiceField(PaymentStatus.choices)
    fulfillment_status = serializers.ChoiceField(FulfillmentStatus.choices)
    return_status = serializers.ChoiceField(ReturnStatus.choices)
    actor = serializers.CharField()
    reason = serializers.CharField()
