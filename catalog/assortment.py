"""What a partner was given to sell."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from accounts import roles


@dataclass(frozen=True, slots=True)
class Assortment:
    """Products by the slugs of their categories, with all below them, and by SKU: one of the two is enough."""

    categories: frozenset[str]
    skus: frozenset[str]

    def holds(self, sku: str, categories: Iterable[str]) -> bool:
        """Whether the product is in it. `categories`: the slugs of its category and of those above that."""
        return sku in self.skus or not self.categories.isdisjoint(categories)


def assortment_of(caller: Any) -> Assortment | None:
    """What the caller was given; None for whoever is not limited: people, and partners who were given everything."""
    if getattr(caller, "role", None) != roles.PARTNER:
        return None
    partner = caller.partner
    if partner.categories is None and partner.skus is None:
        return None
    return Assortment(frozenset(partner.categories or ()), frozenset(partner.skus or ()))
