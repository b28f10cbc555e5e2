"""Which rule of returns holds for a line, and what it says today."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from catalog.models import Product
from kernel.money import ZERO
from orders.models import Order, OrderLine, ReturnRule, ReturnTerm
from orders.pricing.quote import value_of_units
from orders.states import UNDELIVERED, ReturnReason, ReturnState

OPEN = frozenset({ReturnState.REQUESTED, ReturnState.APPROVED})
SHOPS_FAULT = frozenset({ReturnReason.DAMAGED, ReturnReason.WRONG_ITEM, ReturnReason.NOT_AS_DESCRIBED})
NOT_RETURNABLE = "not_returnable"
WINDOW_CLOSED = "window_closed"
NOTHING_LEFT = "nothing_left"


@dataclass(frozen=True, slots=True)
class Term:
    """What one reason means for the customer. The fee is a part of what was paid, and an amount once per line."""

    shop_pays_label: bool = False
    auto_approve: bool = False
    refund_shipping: bool = False
    fee_percent: Decimal = ZERO
    fee_amount: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds for a line. `auto_approve_up_to` None: without a limit."""

    window: timedelta
    returnable: bool = True
    terms: Mapping[str, Term] = field(default_factory=dict)
    auto_approve_up_to: Decimal | None = None
    currency: str = ""

    def term(self, reason: str, currency: str) -> Term:
        """For an order in this currency: amounts of another one do not hold."""
        usual = Term(shop_pays_label=reason in SHOPS_FAULT)
        found = self.terms.get(reason, usual)
        if found.fee_amount and currency != self.currency:
            return Term(found.shop_pays_label, found.auto_approve, found.refund_shipping, found.fee_percent)
        return found

    def approves(self, worth: Decimal, currency: str) -> bool:
        """Whether units of this worth need nobody's decision, where their reason allows that."""
        limit = self.auto_approve_up_to
        return limit is None or (currency == self.currency and worth <= limit)


@dataclass(frozen=True, slots=True)
class Chance:
    """What of a line can be sent back now. `until`: the end of its window, None while something is still to come.

    `why_not` is a code, empty when it can.
    """

    line: OrderLine
    units: int
    rule: Rule
    until: datetime | None
    why_not: str = ""


def chances(order: Order) -> list[Chance]:
    """For each line of an order read with its parts, by the rules as they are now."""
    return chances_of([order])[order.pk]


def chances_of(orders: Sequence[Order]) -> dict[int, list[Chance]]:
    """The same for many orders, in two statements; none when nothing was delivered."""
    rules = rules_for(line for order in orders for line in order.lines.all() if line.delivered)
    return {
        order.pk: [_chance(order, line, rules.get(line.product_id)) for line in order.lines.all()] for order in orders
    }


def returnable(order: Order) -> dict[int, int]:
    """{line id: units} delivered, not returned and not on their way back already, whatever the rules say."""
    coming = on_their_way_back(order)
    return {line.pk: line.delivered - line.returned - coming.get(line.pk, 0) for line in order.lines.all()}


def on_their_way_back(order: Order) -> dict[int, int]:
    """{line id: delivered units that an open return awaits}: without those that the carrier brings back undelivered."""
    undelivered = {package.pk for package in order.shipments.all() if package.status in UNDELIVERED}
    coming: dict[int, int] = {}
    for ret in order.returns.all():
        if ret.status in OPEN and ret.shipment_id not in undelivered:
            for part in ret.lines.all():
                coming[part.line_id] = coming.get(part.line_id, 0) + part.quantity
    return coming


def _chance(order: Order, line: OrderLine, rule: Rule | None) -> Chance:
    rule = rule or shops_own()
    units = returnable(order)[line.pk]
    until = order.delivered_at + rule.window if order.delivered_at else None
    if units <= 0:
        return Chance(line, 0, rule, until, NOTHING_LEFT)
    if not rule.returnable:
        return Chance(line, units, rule, until, NOT_RETURNABLE)
    late = until is not None and timezone.now() > until
    return Chance(line, units, rule, until, WINDOW_CLOSED if late else "")


def shops_own() -> Rule:
    """What holds where no rule was made."""
    return Rule(timedelta(days=settings.SHOP_RETURN_DAYS))


def rules_for(lines: Iterable[OrderLine]) -> dict[int, Rule]:
    """{product id: the nearest rule}; without an entry the shop has made none."""
    ids = {line.product_id for line in lines}
    if not ids:
        return {}
    columns = ("pk", "variant_of", "category__path", "variant_of__category__path")
    products = list(Product.objects.filter(pk__in=ids).values_list(*columns))
    slugs = {slug for *_, own, parents in products for path in (own, parents) for slug in _slugs(path)}
    families = ids | {parent for _, parent, *_ in products if parent}
    rules = ReturnRule.objects.select_related("category").prefetch_related("terms")
    whole_shop = Q(product=None, category=None)
    found = list(rules.filter(whole_shop | Q(product__in=families) | Q(category__slug__in=slugs)))
    by_product = {rule.product_id: rule for rule in found if rule.product_id}
    by_slug = {rule.category.slug: rule for rule in found if rule.category}
    default = next((rule for rule in found if not rule.product_id and not rule.category_id), None)
    nearest: dict[int, Rule] = {}
    for pk, parent, own, parents in products:
        branches = [*reversed(_slugs(own)), *reversed(_slugs(parents))]
        ways = [by_product.get(pk), by_product.get(parent), *map(by_slug.get, branches), default]
        if (row := next(filter(None, ways), None)) is not None:
            nearest[pk] = _read(row)
    return nearest


def _slugs(path: str | None) -> list[str]:
    return path.rstrip("/").split("/") if path else []


def _read(row: ReturnRule) -> Rule:
    return Rule(
        window=timedelta(days=row.window_days),
        returnable=row.returnable,
        terms={term.reason: _read_term(term) for term in row.terms.all()},
        auto_approve_up_to=row.auto_approve_up_to,
        currency=row.currency,
    )


def _read_term(term: ReturnTerm) -> Term:
    return Term(term.shop_pays_label, term.auto_approve, term.refund_shipping, term.fee_percent, term.fee_amount)


def worth(line: OrderLine, *, after: int, count: int, currency: str) -> Decimal:
    """What was paid for `count` units of a line that come back after `after` others did.

    Cancelled units are the first of a line and returned ones the last, so that both together never give more than
    the line's total, and all units of a line exactly that.
    """
    first = line.quantity - after - count
    return value_of_units(line.total, line.quantity, first=first, count=count, currency=currency)


def shipping_paid(order: Order) -> Decimal:
    """What was paid for the shipping, its tax included: what the total has beside its lines."""
    return order.total - sum((line.total for line in order.lines.all()), ZERO)
