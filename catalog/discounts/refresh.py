"""What a unit costs in lists, after the automatic rules that are for everybody: kept on the product, so that lists are
sorted and searched by it. Carts work it out themselves; this is what they will show for a single unit.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from catalog.discounts.arithmetic import taken_by
from catalog.models import Category, DiscountRule, Product
from catalog.querysets import ProductQuerySet
from kernel.money import CURRENCIES

BATCH = 1000
LISTED = ("percent", "fixed_off", "fixed_price", "tiers")


def refresh_rule_prices(products: ProductQuerySet | None = None) -> int:
    """Work the listed prices out again, of all products unless some are named; returns how many have changed.

    Batches of a thousand are read without a lock; only those that turn out wrong are locked and written.
    """
    rules, paths = _read()
    found = Product.objects.all() if products is None else products
    changed, last = 0, 0
    while batch := list(found.filter(pk__gt=last).order_by("pk").only(*NEEDED)[:BATCH]):
        last = batch[-1].pk
        wrong = [product.pk for product in batch if rule_price(product, rules, paths) != product.rule_price]
        changed += _correct(wrong) if wrong else 0
    return changed


NEEDED = ("id", "sku", "price", "sale_price", "currency", "category_id", "tags", "is_gift_card", "rule_price")


def rules_for_everybody(at: datetime) -> QuerySet[DiscountRule]:
    """Those that lower the price of a single unit for whoever comes, in the order in which carts take them."""
    found = DiscountRule.objects.filter(holding(at), groups=[], kind__in=LISTED)
    return found.order_by("lane", "priority", "id")


def holding(at: datetime) -> Q:
    """Rules that are switched on and whose window holds the instant."""
    begun = Q(starts_at=None) | Q(starts_at__lte=at)
    return begun & (Q(ends_at=None) | Q(ends_at__gt=at)) & Q(active=True)


def refresh_what_turned(within: timedelta) -> int:
    """Refresh when a rule has begun or ended lately."""
    window = (timezone.now() - within, timezone.now())
    turned = DiscountRule.objects.filter(Q(starts_at__range=window) | Q(ends_at__range=window), active=True)
    return refresh_rule_prices() if turned.exists() else 0


def _read() -> tuple[list[DiscountRule], dict[int, str]]:
    """The rules that hold now, and the path of each category where there are any."""
    rules = list(rules_for_everybody(timezone.now()))
    return rules, dict(Category.objects.values_list("pk", "path")) if rules else {}


@transaction.atomic
def _correct(ids: Sequence[int]) -> int:
    """Lock these products and read all of it again: what was saved meanwhile, a price or a rule, is not undone."""
    products = Product.objects.filter(pk__in=ids).select_for_update(no_key=True).order_by("pk").only(*NEEDED)
    changed, locked = [], list(products)
    rules, paths = _read()
    for product in locked:
        price = rule_price(product, rules, paths)
        if price != product.rule_price:
            product.rule_price = price
            changed.append(product)
    return Product.objects.bulk_update(changed, ["rule_price"]) if changed else 0


def rule_price(product: Product, rules: Iterable[DiscountRule], paths: dict[int, str]) -> Decimal | None:
    """What the rules leave of one unit; None where they take nothing."""
    asked = product.price if product.sale_price is None else product.sale_price
    if product.is_gift_card or product.currency not in CURRENCIES:
        return None
    left = asked
    for _, lane in groupby(rules, key=lambda rule: rule.lane):
        is_touched = False
        for rule in lane:
            if (rule.exclusive and is_touched) or not _is_for(rule, product, paths):
                continue
            taken = _taken(rule, left, product.currency)
            left -= taken
            is_touched = is_touched or taken > 0
            if rule.exclusive and taken > 0:
                break
    return left if left < asked else None


def _taken(rule: DiscountRule, left: Decimal, currency: str) -> Decimal:
    value: Any = rule.percent if rule.kind == "percent" else rule.amount
    return taken_by(rule.kind, left=left, quantity=1, value=value, tiers=rule.steps, currency=currency)


def _is_for(rule: DiscountRule, product: Product, paths: dict[int, str]) -> bool:
    if rule.currency not in {"", product.currency}:
        return False
    if not (rule.skus or rule.category_ids or rule.tags):
        return True
    path = paths.get(product.category_id or 0, "")
    in_category = any(pk in paths and path.startswith(paths[pk]) for pk in rule.category_ids)
    return product.sku in rule.skus or in_category or bool(set(rule.tags) & set(product.tags))
