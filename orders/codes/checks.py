"""What makes no sense in campaigns and codes, said as sentences that help."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Max

from catalog.discounts.checks import discount_problems, invalid
from kernel.card_numbers import holds_card_number
from kernel.errors import FieldProblem
from kernel.money import format_amount
from orders.models import DiscountCampaign, DiscountCode

# What campaigns have beside other discounts.
OWN = (
    *("kind", "applies_to", "cap", "minimum_spend", "first_order_only"),
    *("limit_per_customer", "combines", "budget"),
)
AMOUNTS = ("amount", "cap", "minimum_spend", "budget")
SHORTEST_CODE, LONGEST_CODE = 3, 50
WELL_FORMED = re.compile(r"[A-Z0-9][A-Z0-9_-]{2,49}")
MOST_USES = 2**31 - 1
MOST = Decimal(10) ** 12
Problems = Iterator[FieldProblem]


def campaign_problems(campaign: DiscountCampaign) -> Problems:
    """What makes no sense in the terms of a campaign."""
    yield from discount_problems(campaign, amounts=AMOUNTS)
    yield from _kind_problems(campaign)
    for name in AMOUNTS:
        amount = getattr(campaign, name)
        if amount == 0 and name in {"cap", "budget"}:
            yield FieldProblem(name, "min_value", "With 0 it would give nothing; leave it empty for no limit.")
        if amount is not None and amount >= MOST:
            yield FieldProblem(name, "max_digits", "At most twelve digits before the point.")
    most = campaign.limit_per_customer
    if most is not None and not 1 <= most <= MOST_USES:
        yield FieldProblem("limit_per_customer", "min_value", "Once at least; leave it empty for no limit.")


def _kind_problems(campaign: DiscountCampaign) -> Problems:
    kinds = DiscountCampaign.Kind
    if campaign.kind not in kinds.values:
        yield invalid("kind", f"One of: {', '.join(kinds.values)}.")
    if campaign.applies_to not in DiscountCampaign.Target.values:
        yield invalid("applies_to", "lines or order.")
    if campaign.kind == kinds.PERCENT and campaign.percent is None:
        yield FieldProblem("percent", "required", "How many percent does it take off?")
    if campaign.kind == kinds.FIXED and campaign.amount is None:
        yield FieldProblem("amount", "required", "Which amount, in which currency?")
    if campaign.cap is not None and campaign.kind != kinds.PERCENT:
        yield invalid("cap", "A percentage can be capped; nothing else can.")


def overtaken(campaign: DiscountCampaign, before: Mapping[str, Any]) -> Problems:
    """What the uses there were do not allow any more. `before` are the columns as they are stored."""
    if campaign.spent and before["currency"] != campaign.currency:
        past = before["currency"] or "any currency"
        yield invalid("currency", f"Its codes have been used in {past}. Make another campaign.")
    elif campaign.budget is not None and campaign.budget < campaign.spent:
        spent = format_amount(campaign.spent, campaign.currency)
        yield FieldProblem("budget", "min_value", f"{spent} of it is given away already.")
    most = campaign.limit_per_customer
    if most is not None and most != before["limit_per_customer"]:
        used = campaign.customers.aggregate(most=Max("uses"))["most"] or 0
        if used > most:
            yield FieldProblem("limit_per_customer", "min_value", f"A customer has used it {used} times already.")


def code_problems(row: DiscountCode) -> Problems:
    if not WELL_FORMED.fullmatch(row.code):
        yield invalid("code", "3 to 50 letters A to Z, digits, hyphens and underscores, a letter or digit first.")
    elif holds_card_number(row.code):
        yield FieldProblem("code", "card_number", "This looks like the number of a payment card.")
    yield from limit_problems(row.limit)
    if row.limit is not None and 0 < row.limit < row.uses:
        yield FieldProblem("limit", "min_value", f"It has been used {row.uses} times already.")


def limit_problems(limit: int | None) -> Problems:
    if limit is not None and not 1 <= limit <= MOST_USES:
        yield FieldProblem("limit", "min_value", "Once at least; leave it empty for no limit.")
