"""The seam to whoever knows taxes better than our tables: what is asked, what is answered, and who is asked.

A provider talks HTTP and nothing else: it reads no table and is called within no transaction.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import NamedTuple, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from kernel.money import ZERO

# Codes of `TaxDeclined`: the provider's book has the reference already; nothing is left to be taken back.
REFERENCE_TAKEN, ALL_TAKEN_BACK = "reference_taken", "all_taken_back"
ADDRESS = ("line1", "city", "region", "postal_code", "country")


class TaxDeclined(Exception):
    """The provider said no, definitely: nothing happened. `code` is its word for why."""

    def __init__(self, code: str, detail: str) -> None:
        self.code = code
        self.detail = detail
        super().__init__(f"{code}: {detail}")


class TaxUnclear(Exception):
    """No answer, or none that says whether it happened."""


class TaxedLine(NamedTuple):
    """`reference` tells the lines of a request apart; `amount` is what the line costs after discounts."""

    reference: str
    amount: Decimal
    tax_class: str


@dataclass(frozen=True, slots=True)
class TaxRequest:
    """What is sent where, in major units of the currency. `included`: whether the amounts hold the tax.

    Lines and shipping without a tax class are not taxed, and the provider does not hear of them. `relief` is empty,
    exempt or reverse_charge, as `orders.tax.relief` says it.
    """

    currency: str
    included: bool
    lines: tuple[TaxedLine, ...]
    shipping: Decimal = ZERO
    shipping_class: str = ""
    line1: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""
    relief: str = ""

    @property
    def fingerprint(self) -> str:
        """The same for requests that have the same answer: SHA-256 in hexadecimal."""
        said = {
            "currency": self.currency,
            "included": self.included,
            "lines": [(reference, _plain(amount), tax_class) for reference, amount, tax_class in self.lines],
            "shipping": (_plain(self.shipping), self.shipping_class),
            "address": [getattr(self, name).strip() for name in ADDRESS],
            "relief": self.relief,
        }
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class LineTax:
    """The tax of one line: `rate` 0.19 is 19 %, `name` as invoices call it."""

    amount: Decimal = ZERO
    rate: Decimal = ZERO
    name: str = ""


@dataclass(frozen=True, slots=True)
class TaxAnswer:
    """`lines` by their reference, every line of the request among them. `total`: what it is about, tax included."""

    calculation: str
    lines: Mapping[str, LineTax] = field(default_factory=dict)
    shipping: LineTax = LineTax()
    total: Decimal = ZERO


class TaxProvider(Protocol):
    """Calls raise `TaxDeclined` and `TaxUnclear`. `reference` is ours, and the provider takes each only once: asked
    again it answers as before or declines with `REFERENCE_TAKEN`.
    """

    def quote(self, document: TaxRequest) -> TaxAnswer:
        """The taxes. Somebody is waiting: it takes about `TAX_SECONDS` at most."""

    def commit(self, calculation: str, *, reference: str) -> str:
        """Book what was calculated. Returns the id of the transaction."""

    def void(self, transaction: str, *, reference: str) -> str:
        """Take all of it back. Returns the id of the reversal."""

    def refund(self, transaction: str, *, reference: str, amount: Decimal, currency: str) -> str:
        """Take so much of it back, tax included. Returns the id of the reversal."""


@cache
def provider_named(name: str) -> TaxProvider:
    """The provider of that name, made once a process. Raises `KeyError` for one that the settings do not know."""
    provider: TaxProvider = import_string(settings.TAX_PROVIDERS[name])()
    return provider


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize() + 0:f}"
