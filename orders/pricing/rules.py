"""Automatic rules: lane after lane, in a lane by priority, each on what is left of a line."""

from decimal import Decimal
from itertools import groupby

from catalog.discounts.arithmetic import taken_by
from kernel.money import ZERO, format_amount
from orders.pricing.buy_get import cheaper
from orders.pricing.ledger import Ledger, Step
from orders.pricing.terms import Item, Rule, Terms


def apply_rules(ledger: Ledger, terms: Terms) -> None:
    """Let every rule that holds now take its part. An exclusive one takes only lines that its lane has not touched."""
    rules = sorted((rule for rule in terms.rules if _holds(rule, terms)), key=lambda r: (r.lane, r.priority, r.id))
    for _, lane in groupby(rules, key=lambda rule: rule.lane):
        touched: set[int] = set()
        closed: set[int] = set()
        for rule in lane:
            shut = closed | touched if rule.exclusive else closed
            made_cheaper = _apply(ledger, rule, shut)
            touched |= made_cheaper
            if rule.exclusive:
                closed |= made_cheaper


def _holds(rule: Rule, terms: Terms) -> bool:
    meant = not rule.groups or bool(rule.groups & terms.groups)
    return meant and rule.currency in {"", terms.currency} and rule.window.holds(terms.at)


def _apply(ledger: Ledger, rule: Rule, shut: set[int]) -> set[int]:
    """Take the rule's part off the lines that are not shut; returns those that became cheaper."""
    made_cheaper = set()
    for n, amount in _parts(ledger, rule, shut).items():
        if amount > 0:
            base, item = ledger.left[n], ledger.items[n]
            ledger.take(n, amount, source_id=rule.id, name=rule.name)
            said = describe(rule, item, ledger.currency)
            ledger.explain(Step("discount", rule.name, -amount, said, base=base, sku=item.sku))
            made_cheaper.add(n)
    return made_cheaper


def _parts(ledger: Ledger, rule: Rule, shut: set[int]) -> dict[int, Decimal]:
    if rule.buy_get is not None:
        return cheaper(ledger, [n for n in ledger.open_lines() if n not in shut], rule.goods, rule.buy_get)
    return {
        n: taken_by(
            rule.kind,
            left=ledger.left[n],
            quantity=ledger.items[n].quantity,
            value=rule.percent if rule.kind == "percent" else rule.amount,
            tiers=rule.tiers,
            currency=ledger.currency,
        )
        for n in ledger.open_lines(rule.goods)
        if n not in shut
    }


def describe(rule: Rule, item: Item, currency: str) -> str:
    """What the rule did to a line, as a sentence."""
    sku, percent = item.sku, f"{number(rule.percent)} %"
    if rule.buy_get is not None:
        return f"{buy_get_words(rule.buy_get.buy, rule.buy_get.get, rule.buy_get.percent)} on {sku}."
    if rule.kind == "tiers":
        start, part = max(tier for tier in rule.tiers if tier[0] <= item.quantity)
        return f"{number(part)} % off {sku} from {start} units."
    if rule.kind == "percent":
        return f"{percent} off {sku}."
    amount = f"{format_amount(rule.amount, currency)} {currency}"
    return f"{amount} off each {sku}." if rule.kind == "fixed_off" else f"{amount} for each {sku}."


def buy_get_words(buy: int, get: int, percent: Decimal) -> str:
    given = "free" if percent == 100 else f"{number(percent)} % off"
    return f"Buy {buy}, get {get} {given}"


def number(value: Decimal) -> str:
    """Without trailing zeros: 10, 2.5."""
    return f"{(value or ZERO).normalize():f}"
