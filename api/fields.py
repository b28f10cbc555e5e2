"""Serializer fields of the contract: money as strings, whole quantities, text without NUL."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers
from rest_framework.fields import empty

from kernel.money import CURRENCIES, format_amount

MAX_QUANTITY = 1_000_000
MAX_AMOUNT = Decimal(10) ** 12


class MoneyField(serializers.Field[Any, Any, str, Any]):
    """An amount going out: a string with its currency's exact decimals.

    `currency` names the attribute of the row (dotted for a relation) that says which currency.
    """

    def __init__(self, *, currency: str = "currency", **kwargs: Any) -> None:
        self.currency = currency
        super().__init__(read_only=True, **kwargs)

    def get_attribute(self, instance: Any) -> Any:
        amount = super().get_attribute(instance)
        if amount is None:
            return None
        code = instance
        for name in self.currency.split("."):
            code = code[name] if isinstance(code, dict) else getattr(code, name)
        return format_amount(amount, code)

    def to_representation(self, value: str) -> str:
        return value


class AmountField(serializers.DecimalField):
    """An amount coming in: a string or a number in major units; the service checks its decimals."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", Decimal(0))
        super().__init__(max_digits=16, decimal_places=4, **kwargs)

    def to_internal_value(self, data: Any) -> Decimal:
        if isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)


class QuantityField(serializers.IntegerField):
    """A whole number of units, 1 to 1,000,000. `1.5`, `true` and `"1.0"` are refused, not rounded."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", 1)
        kwargs.setdefault("max_value", MAX_QUANTITY)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not (isinstance(data, int) or (isinstance(data, str) and data.isdecimal())):
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

    child = serializers.CharField(max_length=200)
    default_error_messages = {"too_many": "At most {limit} entries.", "key": "Names of 1 to 50 characters."}
    limit = 20

    def run_validation(self, data: Any = empty) -> Any:
        value = super().run_validation(data)
        if value and len(value) > self.limit:
            self.fail("too_many", limit=self.limit)
        if value and any(not 1 <= len(key) <= 50 or "\x00" in key for key in value):
            self.fail("key")
        return value
