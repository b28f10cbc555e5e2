"""Codes: which of those given apply, and what each takes off. Those that do not say why."""

from collections.abc import Sequence
from decimal import Decimal

from kernel.money import ZERO, allocate, format_amount, quantize
from orders.pricing.buy_get import cheaper
from orders.pricing.ledger import Ledger, Step
from orders.pricing.rules import buy_get_words, number
from orders.pricing.terms import Code, Terms

FREE_SHIPPING = "free_shipping"
Why = tuple[str, str] | None


def apply_codes(ledger: Ledger, terms: Terms) -> list[Code]:
    """Take the parts of the codes that apply, those on lines first; returns the accepted ones in the order given."""
    accepted: list[Code] = []
    for code in terms.codes:
        why = _refusal(ledger, code, terms) or _clash(code, accepted)
        if why:
            ledger.refuse(code.code, *why)
        else:
            accepted.append(code)
    on_lines = [code for code in accepted if _is_on_lines(code)]
    on_order = [code for code in accepted if code not in on_lines and code.kind != FREE_SHIPPING]
    for code in (*on_lines, *on_order):
        _apply(ledger, code)
    return accepted


def apply_free_shipping(ledger: Ledger, accepted: Sequence[Code], price: Decimal, *, is_sent: bool) -> str:
    """The code that takes the shipping's price off; empty when none does."""
    winner = ""
    for code in accepted:
        if code.kind != FREE_SHIPPING:
            continue
        if not is_sent:
            ledger.used[code.code] = ZERO
        elif _counts(ledger, code, ZERO if winner else price):
            winner = code.code
    return winner


def _is_on_lines(code: Code) -> bool:
    return code.buy_get is not None or (code.on_lines and code.kind != FREE_SHIPPING)


def _refusal(ledger: Ledger, code: Code, terms: Terms) -> Why:
    """Why a code does not apply to this basket, whatever the other codes."""
    if code.refusal:
        return code.refusal
    if code.window.before(terms.at):
        return "not_started", f"{code.code} cannot be used yet."
    if code.window.after(terms.at):
        return "ended", f"{code.code} has ended."
    if code.currency not in {"", terms.currency}:
        return "other_currency", f"{code.code} is for orders in {code.currency}."
    return _lacks(ledger, code)


def _lacks(ledger: Ledger, code: Code) -> Why:
    """What the goods of the basket lack for the code."""
    lines = ledger.open_lines(code.goods)
    if not lines:
        return "no_goods", f"{code.code} is for other goods."
    if code.minimum_spend is not None and ledger.worth(lines) < code.minimum_spend:
        missing = quantize(code.minimum_spend - ledger.worth(lines), ledger.currency)
        return "minimum_spend", f"{code.code} needs goods for {missing} {ledger.currency} more."
    if code.buy_get is not None and not cheaper(ledger, ledger.open_lines(), code.goods, code.buy_get):
        return "too_few", f"{code.code}: {buy_get_words(code.buy_get.buy, code.buy_get.get, code.buy_get.percent)}."
    return None


def _clash(code: Code, accepted: Sequence[Code]) -> Why:
    if accepted and not (code.combines and all(other.combines for other in accepted)):
        return "does_not_combine", f"{code.code} cannot be used together with {accepted[0].code}."
    return None


def _apply(ledger: Ledger, code: Code) -> None:
    lines = ledger.open_lines(code.goods) if code.on_lines else ledger.open_lines()
    base = ledger.worth(lines)
    parts = _parts(ledger, code, lines)
    amount = sum(parts.values(), ZERO)
    if not _counts(ledger, code, amount):
        return
    for n, part in parts.items():
        ledger.take(n, part, source_id=code.campaign_id, name=code.name, code=code.code)
    ledger.explain(Step("code", code.code, -amount, describe(code, ledger.currency), base=base))


def _counts(ledger: Ledger, code: Code, amount: Decimal) -> bool:
    """Whether it takes something off and its budget bears it; it is refused after all otherwise."""
    if amount == 0:
        ledger.refuse(code.code, "nothing_left", f"There is nothing left that {code.code} could take off.")
    elif code.budget_left is not None and amount > code.budget_left - ledger.spent.get(code.campaign_id, ZERO):
        ledger.refuse(code.code, "budget_spent", f"What was set aside for {code.code} is used up.")
    else:
        ledger.used[code.code] = amount
        # Codes of one campaign share its budget.
        ledger.spent[code.campaign_id] = ledger.spent.get(code.campaign_id, ZERO) + amount
        return True
    return False


def _parts(ledger: Ledger, code: Code, lines: Sequence[int]) -> dict[int, Decimal]:
    """Line → what the code would take off it."""
    currency = ledger.currency
    if code.buy_get is not None:
        return cheaper(ledger, ledger.open_lines(), code.goods, code.buy_get)
    if code.kind == "fixed":
        return ledger.share(min(quantize(code.amount, currency), ledger.worth(lines)), lines)
    if code.on_lines:
        parts = [quantize(ledger.left[n] * code.percent / 100, currency) for n in lines]
        if code.cap is not None and sum(parts) > code.cap:
            parts = allocate(quantize(code.cap, currency), parts, currency)
        return dict(zip(lines, parts, strict=True))
    amount = quantize(ledger.worth(lines) * code.percent / 100, currency)
    return ledger.share(amount if code.cap is None else min(amount, quantize(code.cap, currency)), lines)


def describe(code: Code, currency: str) -> str:
    """What the code gives, as a sentence."""
    if code.buy_get is not None:
        return f"{buy_get_words(code.buy_get.buy, code.buy_get.get, code.buy_get.percent)}."
    of = "the goods it is for" if code.on_lines else "the order"
    if code.kind == "fixed":
        return f"{format_amount(code.amount, currency)} {currency} off {of}."
    at_most = f", at most {format_amount(code.cap, currency)} {currency}" if code.cap is not None else ""
    return f"{number(code.percent)} % off {of}{at_most}."
