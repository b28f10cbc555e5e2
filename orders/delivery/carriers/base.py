"""What a carrier is asked and what it answers."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Protocol


class CarrierAway(Exception):
    """It did not answer, or nothing that can be understood: the next parcel would fare no better."""


class ParcelRefused(Exception):
    """It answered that this parcel cannot be sent as it is."""


@dataclass(frozen=True, slots=True)
class Place:
    """A postal address without the person, which is none of a carrier's business before there is an order.

    `company` is for the shop's own.
    """

    line1: str = ""
    line2: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""
    company: str = ""

    @classmethod
    def of(cls, address: Mapping[str, Any]) -> "Place":
        """From a customer's address, in which names may stand too."""
        parts = {name: " ".join(str(address.get(name) or "").split()) for name in cls.__slots__ if name != "company"}
        return cls(**parts | {"country": parts["country"].upper()})


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is to be sent: grams, and what the goods are worth in major units of the currency."""

    origin: Place
    destination: Place
    weight_grams: int
    currency: str
    value: Decimal

    @property
    def fingerprint(self) -> str:
        """The same for parcels that cost the same, and no address can be read out of it (SHA-256)."""
        text = json.dumps(asdict(self) | {"value": f"{self.value.normalize():f}"}, sort_keys=True)
        return hashlib.sha256(text.casefold().encode()).hexdigest()


class CarrierRates(Protocol):
    """An account that knows the prices of one or many carriers."""

    def rates(self, parcel: Parcel) -> Mapping[str, Decimal]:
        """Service (see `service_key`) → what it costs, in the parcel's currency.

        Raises `CarrierAway`, `ParcelRefused`.
        """
        ...


def service_key(carrier: str, service: str) -> str:
    """How a service is named among the rates: `ups upssaver`, whatever the case."""
    return " ".join(f"{carrier} {service}".casefold().split())
