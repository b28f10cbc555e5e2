"""What comes in: explicit fields; prices, totals, owners and statuses are never among them."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.serializers import AddressSerializer, EmailAddressField
from api.fields import AmountField, CurrencyField, QuantityField, StrictBooleanField, TextField
from api.inputs import CommandSerializer
from catalog.assortment import Assortment
from orders.services.carts import MAX_LINES
from orders.services.edit import Changes
from orders.states import ASKED_REASONS, WRITE_OFFS, Condition, Disposition, HoldKind

MAX_ID = 2**63 - 1
MAX_CODES = 20
MAX_GRAMS = 1_000_000


class UnitsField(QuantityField):
    """A number of units: a JSON number, also where its digits in a string would be clear."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


def line_id() -> UnitsField:
    return UnitsField(max_value=MAX_ID, help_text="The `id` of a line of the order.")


def code_field(**kwargs: Any) -> serializers.ListField:
    return serializers.ListField(child=TextField(max_length=50), max_length=MAX_CODES, required=False, **kwargs)


def method_field(**kwargs: Any) -> TextField:
    return TextField(
        max_length=50, required=False, allow_blank=True, help_text="A method's code; empty: the cheapest.", **kwargs
    )


def list_of(child: serializers.Serializer[Any], **kwargs: Any) -> serializers.ListSerializer[Any]:
    """At most as many members as an order can have lines."""
    return serializers.ListSerializer(child=child, max_length=MAX_LINES, **kwargs)


class ItemInput(serializers.Serializer[Any]):
    sku = TextField(max_length=100, is_identifier=True)
    quantity = UnitsField()


class QuantityInput(serializers.Serializer[Any]):
    quantity = UnitsField()


class CartChanges(serializers.Serializer[Any]):
    """Any of them; what is left out stays. `null` takes an address away."""

    email = EmailAddressField(required=False, allow_blank=True)
    shipping_address = AddressSerializer(required=False, allow_null=True)
    billing_address = AddressSerializer(required=False, allow_null=True)
    shipping_method = method_field()
    discount_codes = code_field()
    currency = CurrencyField(required=False)


class CartInput(CartChanges):
    items = list_of(ItemInput(), required=False, default=list)


class CartIdField(serializers.UUIDField):
    """DRF reads numbers as UUIDs too."""

    def to_internal_value(self, data: Any) -> UUID:
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


class CartReference(serializers.Serializer[Any]):
    cart = CartIdField(help_text="The id of a cart of the caller's.")


@extend_schema_field({"oneOf": [{"type": "integer"}, {"type": "string", "format": "email"}]})
class CustomerField(serializers.Field[Any, Any, Any, Any]):
    """A customer by id or by e-mail address."""

    default_error_messages = {"invalid": "A customer's id, or their e-mail address."}

    def to_internal_value(self, data: Any) -> int | str:
        if isinstance(data, bool) or not isinstance(data, int | str) or len(str(data)) > 254 or "\x00" in str(data):
            self.fail("invalid")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class DirectOrderInput(serializers.Serializer[Any]):
    """An order in one call. `customer` (staff only) names whose account it belongs to."""

    customer = CustomerField(required=False)
    email = EmailAddressField(required=False, default="", allow_blank=True)
    lines = list_of(ItemInput())
    shipping_address = AddressSerializer()
    billing_address = AddressSerializer(required=False, allow_null=True, default=None)
    shipping_method = method_field(default="")
    discount_codes = code_field(default=list)
    reference = TextField(required=False, default="", allow_blank=True, max_length=100, help_text="Your own number.")
    currency = CurrencyField(required=False, default="", help_text="The shop's when left out.")


class AddressChange(CommandSerializer):
    shipping_address = AddressSerializer()


class NamesLines(CommandSerializer):
    """A body whose `lines` name each line of an order at most once."""

    def validate_lines(self, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len({part["line"] for part in lines}) < len(lines):
            raise serializers.ValidationError("Name each line once.")
        return lines

    def units(self) -> dict[int, int] | None:
        """{line id: units}, or None when the body leaves the choice to us."""
        lines = self.validated_data.get("lines")
        return None if lines is None else {part["line"]: part["quantity"] for part in lines}


class LineUnits(CommandSerializer):
    line = line_id()
    quantity = UnitsField()


class CancelInput(NamesLines):
    reason = TextField()
    lines = list_of(LineUnits(), required=False, allow_empty=False, help_text="Left out: the whole order.")


class EditedLineInput(CommandSerializer):
    """What a line shall become: so many units (0: none), or another product for all that is left of it."""

    line = line_id()
    quantity = UnitsField(required=False, min_value=0, help_text="Units that shall be left of it; 0: none.")
    sku = TextField(required=False, max_length=100, is_identifier=True, help_text="What it is replaced by.")

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if ("quantity" in given) == ("sku" in given):
            raise serializers.ValidationError({"quantity": ["Either a quantity or a SKU."]})
        return given


class EditInput(NamesLines):
    """Any of them; what is left out stays."""

    lines = list_of(EditedLineInput(), required=False, default=list)
    add = list_of(ItemInput(), required=False, default=list)
    shipping_address = AddressSerializer(required=False)

    def changes(self, given: Assortment | None) -> Changes:
        body = self.validated_data
        return Changes(
            quantities={part["line"]: part["quantity"] for part in body["lines"] if "quantity" in part},
            replaced={part["line"]: part["sku"] for part in body["lines"] if "sku" in part},
            added=[(part["sku"], part["quantity"]) for part in body["add"]],
            shipping_address=body.get("shipping_address"),
            given=given,
        )


class HoldInput(CommandSerializer):
    kind = serializers.ChoiceField(HoldKind.choices)
    note = TextField(required=False, default="", allow_blank=True, max_length=500)


class PackInput(NamesLines):
    lines = list_of(LineUnits(), required=False, allow_empty=False, help_text="Left out: all that is open there.")
    warehouse = TextField(required=False, max_length=20, help_text="A code; left out: the first that holds it all.")
    weight_grams = UnitsField(required=False, max_value=MAX_GRAMS, help_text="As it was weighed.")


class ShipInput(CommandSerializer):
    carrier = TextField(required=False, default="", allow_blank=True, max_length=50)
    tracking_number = TextField(is_identifier=True, required=False, default="", allow_blank=True, max_length=100)


class LoseInput(CommandSerializer):
    note = TextField(required=False, default="", allow_blank=True, help_text="The customer sees it, too.")


class WishInput(LineUnits):
    reason = serializers.ChoiceField(ASKED_REASONS)


class ReturnInput(NamesLines):
    lines = list_of(WishInput(), allow_empty=False)
    note = TextField(required=False, default="", allow_blank=True, max_length=500)
    override = TextField(
        required=False,
        default="",
        allow_blank=True,
        max_length=200,
        help_text="Staff only: why it is opened although the rules do not allow it.",
    )


class RejectInput(CommandSerializer):
    reason = TextField(required=False, default="", allow_blank=True)


class ArrivalInput(LineUnits):
    condition = serializers.ChoiceField(Condition.choices)
    restock = StrictBooleanField(help_text="Whether it goes on sale again.")
    disposition = serializers.ChoiceField(
        Disposition.choices,
        required=False,
        default="",
        help_text="`restock` exactly with `restock: true`. Left out, what is not restocked is scrapped when damaged, "
        "and else waits to be refurbished.",
    )
    note = TextField(required=False, default="", allow_blank=True, max_length=500)


class ReceiveInput(CommandSerializer):
    """A line comes several times when its units differ."""

    lines = list_of(ArrivalInput(), allow_empty=False)
    warehouse = TextField(
        required=False, max_length=20, help_text="A code: where it arrived. Left out: where it had left from."
    )
    fee = AmountField(required=False, help_text="Instead of what the rules say.")


class WriteOffInput(CommandSerializer):
    disposition = serializers.ChoiceField(WRITE_OFFS)


class SwapInput(LineUnits):
    sku = TextField(
        required=False,
        default="",
        allow_blank=True,
        max_length=100,
        is_identifier=True,
        help_text="The same product or another variant of it; left out, the same.",
    )


class ExchangeInput(NamesLines):
    lines = list_of(SwapInput(), allow_empty=False)
