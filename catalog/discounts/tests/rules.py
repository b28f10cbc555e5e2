"""Rules for tests, each in one call."""

from decimal import Decimal
from typing import Any

from api.actors import Actor
from catalog.discounts.refresh import refresh_rule_prices
from catalog.discounts.services import create_rule
from catalog.models import DiscountRule, Product

ADMIN = Actor.user(7)


def rule(**fields: Any) -> DiscountRule:
    """Ten percent off everything unless it is said otherwise."""
    given = {"name": "Sale", "kind": "percent", "percent": Decimal(10)} | fields
    return create_rule(fields={name: value for name, value in given.items() if value is not None}, by=ADMIN)


def shown(sku: str = "MUG") -> Decimal | None:
    """What the rules leave of one unit, as lists have it."""
    return Product.objects.values_list("rule_price", flat=True).get(sku=sku)


def after(*rules: dict[str, Any]) -> Decimal | None:
    """The same with these rules alone."""
    DiscountRule.objects.all().delete()
    for fields in rules:
        rule(**fields)
    refresh_rule_prices()
    return shown()
