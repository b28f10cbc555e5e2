"""What of a customer their prices depend on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import JSONObject

from accounts.models import User
from orders.models import TaxExemption
from orders.tax.relief import Exemption

HELD = JSONObject(**{name: F(name) for name in ("kind", "country", "valid_from", "valid_until")})


@dataclass(frozen=True, slots=True)
class Buyer:
    """The address, the groups by code and the exemptions of one account; a guest has none of them."""

    email: str = ""
    groups: frozenset[str] = frozenset()
    exemptions: tuple[Exemption, ...] = ()


def buyer_of(user_id: int | None) -> Buyer:
    """Read in one statement; none for a guest."""
    if user_id is None:
        return Buyer()
    return parse_buyer(User.objects.filter(pk=user_id).values_list(_facts("pk"), flat=True).first())


def buyer_column(user: str) -> Subquery:
    """The same as a column of a table with a `user`, to be read by `parse_buyer`."""
    return Subquery(User.objects.filter(pk=OuterRef(user)).values(facts=_facts("pk")))


def _facts(user: str) -> JSONObject:
    held = ArraySubquery(TaxExemption.objects.filter(user=OuterRef(user)).values(held=HELD))
    return JSONObject(email=F("email"), groups=F("customer_groups"), exemptions=held)


def parse_buyer(found: Mapping[str, Any] | None) -> Buyer:
    if found is None:
        return Buyer()
    return Buyer(found["email"], frozenset(found["groups"]), tuple(_exemption(row) for row in found["exemptions"]))


def _exemption(found: Mapping[str, Any]) -> Exemption:
    return Exemption(
        kind=found["kind"],
        country=found["country"],
        valid_from=date.fromisoformat(found["valid_from"]),
        valid_until=date.fromisoformat(found["valid_until"]) if found["valid_until"] else None,
    )
