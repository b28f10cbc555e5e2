"""Serializer fields of the contract: money as strings, whole quantities, text without NUL."""

import re
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty, get_attribute

from kernel.card_numbers import holds_card_number
from kernel.money import CURRENCIES, format_amount

MAX_QUANTITY = 1_000_000
WRITTEN_AMOUNT = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
WHOLE = re.compile(r"-?[0-9]{1,20}", re.ASCII)
FLOAT_DIGITS = 15  # decimal digits that every IEEE 754 double keeps
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@extend_schema_field({"type": "string", "example": "19.99"})
class MoneyField(serializers.Field[Any, Any, str, Any]):
    """An amount going out: a string with its currency's exact decimals.

    `currency_source` names what says the currency: a member of the row, dotted through its relations.
    """

    def __init__(self, *, currency_source: str = "currency", **kwargs: Any) -> None:
        self.currency_source = currency_source
        super().__init__(read_only=True, **kwargs)

    def get_attribute(self, instance: Any) -> Any:
        amount = super().get_attribute(instance)
        if amount is None:
            return None
        return format_amount(amount, get_attribute(instance, self.currency_source.split(".")))

    def to_representation(self, value: str) -> str:
        return value


@extend_schema_field({"type": "string", "pattern": r"^\d{1,12}(\.\d{1,4})?$", "example": "19.99"})
class AmountField(serializers.DecimalField):
    """An amount coming in, in major units; the service checks its decimals against the currency.

    A string such as `"19.99"`. A JSON number is read too as long as binary floats hold it exactly enough.
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", Decimal(0))
        super().__init__(max_digits=16, decimal_places=4, **kwargs)

    def to_internal_value(self, data: Any) -> Decimal:
        text = data.strip() if isinstance(data, str) else repr(data)
        if isinstance(data, bool) or not WRITTEN_AMOUNT.fullmatch(text):
            self.fail("invalid")
        if isinstance(data, float) and len(text.strip("-0.").replace(".", "")) > FLOAT_DIGITS:
            self.fail("invalid")
        return super().to_internal_value(text) + 0  # minus zero becomes zero


CARD_NUMBER = "This looks like the number of a payment card. Never send one: cards are entered at the provider alone."


def no_card_number(value: str) -> None:
    """For forms: raises Django's `ValidationError` (code `card_number`) on the number of a payment card."""
    if holds_card_number(value):
        raise ValidationError(CARD_NUMBER, code="card_number")


class TextField(serializers.CharField):
    """Text coming in: a JSON string, at most `max_length` characters, without control characters but line breaks.

    The number of a payment card is refused. `is_identifier`: a code of somebody else's, such as a barcode, which may
    be as long and look like one.
    """

    default_error_messages = {"control": "Control characters are not allowed.", "card_number": CARD_NUMBER}

    def __init__(self, *, is_identifier: bool = False, **kwargs: Any) -> None:
        self.is_identifier = is_identifier
        kwargs.setdefault("max_length", 200)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        if CONTROL.search(data):
            self.fail("control")
        text = str(super().to_internal_value(data))
        if not self.is_identifier and holds_card_number(text):
            self.fail("card_number")
        return text


class QuantityField(serializers.IntegerField):
    """A whole number of units, 1 to 1,000,000. `1.5`, `true` and `"1.0"` are refused, not rounded."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", 1)
        kwargs.setdefault("max_value", MAX_QUANTITY)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not (isinstance(data, int) or (isinstance(data, str) and WHOLE.fullmatch(data))):
            self.fail("invalid")
        return int(super().to_internal_value(data))


class CurrencyField(serializers.CharField):
    """An ISO 4217 code in upper case."""

    default_error_messages = {"unknown": "An ISO 4217 currency code, such as EUR."}

    def to_internal_value(self, data: Any) -> str:
        code = str(super().to_internal_value(data))
        if code not in CURRENCIES:
            self.fail("unknown")
        return code


class StrictBooleanField(serializers.BooleanField):
    """true or false, nothing that merely resembles them."""

    def to_internal_value(self, data: Any) -> bool:
        if data is not True and data is not False:
            self.fail("invalid", input=data)
        return bool(data)


class FlatMapField(serializers.DictField):
    """A small object of short texts, such as the options of a variant."""

    child = TextField()
    default_error_messages = {
        "too_many": "At most {limit} entries.",
        "key": "Names of 1 to 50 characters.",
        "card_number": CARD_NUMBER,
    }
    limit = 20

    def run_validation(self, data: Any = empty) -> Any:
        value = super().run_validation(data)
        if value and len(value) > self.limit:
            self.fail("too_many", limit=self.limit)
        if value and any(not 1 <= len(key) <= 50 or CONTROL.search(key) for key in value):
            self.fail("key")
        if value and any(holds_card_number(key) for key in value):
            self.fail("card_number")
        return value
