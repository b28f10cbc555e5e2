"""What makes no sense in a discount, said as sentences that help: for rules and for the campaigns of codes."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from accounts.models import CustomerGroup
from catalog.models import Category, Discount, DiscountRule, Product
from kernel.errors import FieldProblem, Invalid
from kernel.money import CURRENCIES, exponent, is_exact

MOST_SKUS = 1000
MOST_TIERS = 50
MOST_UNITS = 1_000_000
HUNDRED = Decimal(100)
LONGEST = timedelta(days=36_525)
BUY_GET = ("buy_quantity", "get_quantity")
BUY_GET_ONLY = (*BUY_GET, "get_skus", "get_category_ids", "get_tags", "max_times")
Problems = Iterator[FieldProblem]


def refuse(problems: Sequence[FieldProblem]) -> None:
    """Raises `Invalid` with all of them, if there are any."""
    if problems:
        raise Invalid(f"{problems[0].field}: {problems[0].detail}", problems=problems)


def invalid(field: str, detail: str) -> FieldProblem:
    return FieldProblem(field, "invalid", detail)


def discount_problems(discount: Any, *, amounts: Sequence[str] = ("amount",)) -> Problems:
    """What is wrong with what rules and campaigns have in common. `amounts` names the fields that are money."""
    if not discount.name:
        yield FieldProblem("name", "required", "A discount has a name; customers read it.")
    yield from _window_problems(discount)
    yield from _percent_problems(discount)
    yield from _amount_problems(discount, amounts)
    yield from _buy_get_problems(discount)
    yield from _goods_problems(discount)


def rule_problems(rule: DiscountRule) -> Problems:
    """What is wrong with a rule."""
    yield from discount_problems(rule)
    if rule.kind not in DiscountRule.Kind.values:
        yield invalid("kind", f"One of: {', '.join(DiscountRule.Kind.values)}.")
    if rule.kind == "percent" and rule.percent is None:
        yield FieldProblem("percent", "required", "How many percent does it take off?")
    if rule.kind in {"fixed_off", "fixed_price"} and rule.amount is None:
        yield FieldProblem("amount", "required", "Which amount, in which currency?")
    yield from _tier_problems(rule)
    known = (
        set(CustomerGroup.objects.filter(code__in=rule.groups).values_list("code", flat=True)) if rule.groups else set()
    )
    for group in rule.groups:
        if group not in known:
            yield invalid("groups", f"There is no customer group {group}.")


def _window_problems(discount: Discount) -> Problems:
    start, end = discount.starts_at, discount.ends_at
    if start and end and end <= start:
        yield invalid("ends_at", "It ends before it starts.")
    elif start and end and end - start > LONGEST:
        yield invalid("ends_at", "Leave the end empty for a discount without end.")


def _percent_problems(discount: Any) -> Problems:
    percent = discount.percent
    if percent is None:
        return
    if percent > HUNDRED:
        yield FieldProblem("percent", "max_value", f"{_plain(percent)} % would pay customers for buying: at most 100.")
    elif percent <= 0:
        yield FieldProblem("percent", "min_value", "A percentage lies above 0.")
    elif discount.kind not in {"percent", "buy_x_get_y"}:
        yield invalid("percent", "This kind of discount has no percentage.")


def _amount_problems(discount: Any, names: Sequence[str]) -> Problems:
    given = {name: getattr(discount, name) for name in names if getattr(discount, name) is not None}
    if discount.currency and discount.currency not in CURRENCIES:
        yield FieldProblem("currency", "unknown", "An ISO 4217 currency code, such as EUR.")
        return
    if given and not discount.currency:
        yield FieldProblem("currency", "required", "An amount needs its currency.")
        return
    for name, amount in given.items():
        if amount < 0:
            yield FieldProblem(name, "min_value", "An amount is not below 0.")
        elif not is_exact(amount, discount.currency):
            places = exponent(discount.currency)
            yield FieldProblem(name, "max_decimal_places", f"{discount.currency} has {places} decimal places.")
    if discount.amount is not None and discount.kind not in {"fixed_off", "fixed_price", "fixed"}:
        yield invalid("amount", "This kind of discount has no amount.")
    elif discount.amount == 0 and discount.kind != "fixed_price":
        yield FieldProblem("amount", "min_value", "Taking 0 off is no discount.")


def _buy_get_problems(discount: Any) -> Problems:
    if discount.kind != "buy_x_get_y":
        for name in BUY_GET_ONLY:
            if getattr(discount, name):
                yield invalid(_public(name), "Only buy X get Y has this.")
        return
    for name in BUY_GET:
        count = getattr(discount, name)
        if count is None or not 1 <= count <= MOST_UNITS:
            yield FieldProblem(name, "required" if count is None else "invalid", "Units, 1 at least.")
    if discount.percent is None:
        yield FieldProblem("percent", "required", "How many percent are the given units cheaper? 100 makes them free.")
    if discount.max_times is not None and not 1 <= discount.max_times <= MOST_UNITS:
        yield FieldProblem("max_times", "min_value", "Once at least; leave it empty for no limit.")


def _goods_problems(discount: Any) -> Problems:
    for name in ("skus", "get_skus"):
        skus = getattr(discount, name)
        if len(skus) > MOST_SKUS:
            yield invalid(name, f"At most {MOST_SKUS} products; put them into a category or give them a tag.")
            continue
        known = set(Product.objects.filter(sku__in=skus).values_list("sku", flat=True)) if skus else set()
        for sku in skus:
            if sku not in known:
                yield invalid(name, f"There is no product {sku}.")
    for name in ("category_ids", "get_category_ids"):
        ids = getattr(discount, name)
        if ids and Category.objects.filter(pk__in=ids).count() < len(set(ids)):
            yield invalid(_public(name), "A category of it is no longer there.")


def _tier_problems(rule: DiscountRule) -> Problems:
    if rule.kind != "tiers":
        if rule.tiers:
            yield invalid("tiers", "Only a discount by quantity has tiers.")
        return
    if not 1 <= len(rule.tiers) <= MOST_TIERS:
        yield FieldProblem("tiers", "required", f"1 to {MOST_TIERS} tiers, each from how many units how many percent.")
        return
    before = 0
    for place, tier in enumerate(rule.tiers):
        if not before < tier["from"] <= MOST_UNITS:
            yield invalid(
                f"tiers.{place}.from",
                f"{tier['from']} does not follow {before}: tiers go up by quantity, each quantity once."
                if before
                else "Tiers start at 1 unit or more.",
            )
        before = max(before, tier["from"])
        if not 0 < _percent(tier) <= HUNDRED:
            yield invalid(f"tiers.{place}.percent", "A percentage lies above 0 and is at most 100.")


def _percent(tier: dict[str, Any]) -> Decimal:
    try:
        return Decimal(tier["percent"])
    except InvalidOperation:
        return Decimal(-1)


def _public(name: str) -> str:
    """The name people know a field by."""
    return name.replace("category_ids", "categories")


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
