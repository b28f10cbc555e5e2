"""Amounts as PayPal takes them: https://developer.paypal.com/reference/currency-codes/"""

import re
from decimal import Decimal
from typing import Any

from sandbox.paypal.errors import Refusal

_TWO_DECIMALS = frozenset(
    [
        "AUD",
        "BRL",
        "CAD",
        "CNY",
        "CZK",
        "DKK",
        "EUR",
        "HKD",
        "ILS",
        "MYR",
        "MXN",
        "NZD",
        "NOK",
        "PHP",
        "PLN",
        "GBP",
        "SGD",
        "SEK",
        "CHF",
        "THB",
        "USD",
    ]
)
_WHOLE = frozenset({"HUF", "JPY", "TWD"})
_VALUE = re.compile(r"\d{1,10}(\.\d{1,3})?")


def read_amount(amount: Any, *, field: str) -> tuple[Decimal, str]:
    """Value and currency of a `{currency_code, value}`. Raises `Refusal`."""
    if not isinstance(amount, dict) or not isinstance(amount.get("value"), str):
        raise Refusal("MISSING_REQUIRED_PARAMETER", status=400, field=f"{field}/value")
    currency, text = amount.get("currency_code"), amount["value"]
    if currency not in _TWO_DECIMALS | _WHOLE:
        raise Refusal("CURRENCY_NOT_SUPPORTED", field=f"{field}/currency_code")
    if not _VALUE.fullmatch(text):
        raise Refusal("INVALID_PARAMETER_SYNTAX", status=400, field=f"{field}/value")
    value = Decimal(text)
    if value <= 0:
        raise Refusal("CANNOT_BE_ZERO_OR_NEGATIVE", field=f"{field}/value")
    places = len(text.partition(".")[2])
    if places != (0 if currency in _WHOLE else 2) and not (places == 0 and currency in _TWO_DECIMALS):
        raise Refusal("DECIMAL_PRECISION", field=f"{field}/value")
    return value, str(currency)


def write_amount(value: Decimal, currency: str) -> dict[str, str]:
    places = Decimal(1) if currency in _WHOLE else Decimal("0.01")
    return {"currency_code": currency, "value": f"{value.quantize(places):f}"}


def value_of(amount: dict[str, str]) -> Decimal:
    return Decimal(amount["value"])
