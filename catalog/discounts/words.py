"""What a rule does, in words."""

from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import QuerySet, TextField
from django.db.models.expressions import RawSQL

from catalog.discounts.serializers import plain
from catalog.models import Discount, DiscountRule
from kernel.money import ZERO, format_amount

RUNNING, WAITING, ENDED, OFF = "running", "not started", "ended", "off"


def state(discount: Discount, now: datetime) -> str:
    """Whether it does anything now."""
    if not discount.active:
        return OFF
    if discount.ends_at is not None and discount.ends_at <= now:
        return ENDED
    return WAITING if discount.starts_at is not None and discount.starts_at > now else RUNNING


def gives(rule: DiscountRule) -> str:
    """Such as "10 % off"."""
    kinds = DiscountRule.Kind
    percent = plain(rule.percent or ZERO)
    match rule.kind:
        case kinds.PERCENT:
            return f"{percent} % off"
        case kinds.TIERS:
            return ", ".join(f"{plain(part)} % from {start}" for start, part in rule.steps)
        case kinds.BUY_X_GET_Y:
            given = "free" if percent == "100" else f"{percent} % off"
            return f"Buy {rule.buy_quantity}, get {rule.get_quantity} {given}"
    amount = f"{format_amount(rule.amount or ZERO, rule.currency)} {rule.currency}"
    return f"{amount} off each unit" if rule.kind == kinds.FIXED_OFF else f"{amount} a unit"


def with_category_names(rules: QuerySet[DiscountRule]) -> QuerySet[DiscountRule]:
    """Each with `category_names`, in the same statement."""
    return rules.annotate(
        category_names=RawSQL(
            "ARRAY(SELECT name FROM catalog_category WHERE id = ANY(catalog_discountrule.category_ids) ORDER BY path)",
            [],
            ArrayField(TextField()),
        )
    )


def goods(rule: Any) -> str:
    """What a rule `with_category_names` is for."""
    if rule.category_ids and not rule.category_names and not (rule.skus or rule.tags):
        return "A category that is gone"
    return ", ".join([*rule.category_names, *rule.skus, *rule.tags]) or "All goods"
