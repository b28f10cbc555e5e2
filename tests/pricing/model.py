"""A second, independent account of what a basket costs, in plain `Decimal`: docs/pricing.md, step by step.

It shares the input with the pipeline and nothing else: units are given one time after the other where the pipeline
searches, fractions are compared by multiplying out, and remainders are handed out in a loop.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

D = Decimal
PLACES = {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3}


def rounded(amount: Decimal, currency: str) -> Decimal:
    return amount.quantize(D(10) ** -PLACES[currency], ROUND_HALF_UP)


def spread(amount: Decimal, weights: list[Decimal], currency: str) -> list[Decimal]:
    """Largest remainder over whole minor units."""
    scale = D(10) ** PLACES[currency]
    minor, scaled = int(amount * scale), [int(weight * 10**4) for weight in weights]
    whole = sum(scaled)
    parts = [minor * weight // whole for weight in scaled]
    rest = [(minor * weight) % whole for weight in scaled]
    order = sorted(range(len(parts)), key=lambda n: (-rest[n], n))
    for n in order[: minor - sum(parts)]:
        parts[n] += 1
    return [D(part) / scale for part in parts]


def price(items: Any, terms: Any) -> dict[str, Any]:
    """All numbers of the quote, and why codes and shipping were refused."""
    return Model(items, terms).result()


class Model:
    def __init__(self, items: Any, terms: Any) -> None:
        self.terms, self.currency, self.tax = terms, terms.currency, terms.tax
        self.items = list(items)
        self.prices = [self.net(item.unit_price, None if item.is_gift_card else item.tax_class) for item in items]
        self.left = [price * item.quantity for price, item in zip(self.prices, items, strict=True)]
        self.refused: dict[str, str] = {}
        self.method = ""
        self.given: list[tuple[int, Decimal]] = []

    def result(self) -> dict[str, Any]:
        self.rules()
        accepted = self.codes()
        shipping, problem, has_offer = self.shipping()
        if has_offer:
            shipping = self.net(shipping, self.tax.shipping_class)
        off = self.free_shipping(accepted, shipping, has_offer)
        lines = []
        for n, item in enumerate(self.items):
            added, held = self.taxes(self.left[n], None if item.is_gift_card else item.tax_class)
            gross = self.prices[n] * item.quantity
            lines.append((self.prices[n], gross - self.left[n], added, held, self.left[n] + added))
        added, held = self.taxes(shipping - off, self.tax.shipping_class) if has_offer else (D(0), D(0))
        subtotal = sum((line[0] * item.quantity for line, item in zip(lines, self.items, strict=True)), D(0))
        discount = sum((line[1] for line in lines), D(0))
        tax = sum((line[2] for line in lines), added)
        return {
            "lines": lines,
            "shipping": (shipping, off, added, held) if has_offer else None,
            "subtotal": subtotal,
            "discount_total": discount,
            "shipping_total": shipping - off,
            "tax_total": tax,
            "included_tax_total": sum((line[3] for line in lines), held),
            "total": subtotal - discount + shipping - off + tax,
            "refused": self.refused,
            "problem": problem,
            "method": self.method,
        }

    # tax

    def rate(self, tax_class: str | None) -> Decimal | None:
        if not tax_class:
            return None
        found = self.tax.rates.get(tax_class, self.tax.default)
        return None if found is None else found.rate

    def net(self, amount: Decimal, tax_class: str | None) -> Decimal:
        rate = self.rate(tax_class)
        if rate is None or not self.tax.included or self.tax.relief == "":
            return amount
        return rounded(amount / (1 + rate), self.currency)

    def taxes(self, base: Decimal, tax_class: str | None) -> tuple[Decimal, Decimal]:
        rate = self.rate(tax_class)
        if rate is None or self.tax.relief:
            return D(0), D(0)
        if self.tax.included:
            return D(0), rounded(base * rate / (1 + rate), self.currency)
        return rounded(base * rate, self.currency), D(0)

    # discounts

    def meant(self, goods: Any, item: Any) -> bool:
        named = [*goods.skus, *goods.categories, *goods.tags]
        if not named:
            return True
        return (
            item.sku in goods.skus
            or any(c in goods.categories for c in item.categories)
            or any(t in goods.tags for t in item.tags)
        )

    def open(self, goods: Any = None) -> list[int]:
        return [
            n
            for n, item in enumerate(self.items)
            if not item.is_gift_card and self.left[n] > 0 and (goods is None or self.meant(goods, item))
        ]

    def going(self, window: Any) -> bool:
        at = self.terms.at
        return (window.starts_at is None or window.starts_at <= at) and (window.ends_at is None or at < window.ends_at)

    def rules(self) -> None:
        rules = [
            rule
            for rule in self.terms.rules
            if self.going(rule.window)
            and (not rule.currency or rule.currency == self.currency)
            and (not rule.groups or any(group in self.terms.groups for group in rule.groups))
        ]
        for lane in sorted({rule.lane for rule in rules}):
            state = dict.fromkeys(range(len(self.items)), "free")
            for rule in sorted((r for r in rules if r.lane == lane), key=lambda r: (r.priority, r.id)):
                allowed = {"free"} if rule.exclusive else {"free", "touched"}
                lines = [n for n in self.open() if state[n] in allowed]
                for n, part in self.parts(rule, lines).items():
                    if part > 0:
                        self.left[n] -= part
                        state[n] = "closed" if rule.exclusive or state[n] == "closed" else "touched"

    def parts(self, rule: Any, lines: list[int]) -> dict[int, Decimal]:
        if rule.kind == "buy_x_get_y":
            return self.buy_get(rule.goods, rule.buy_get, lines)
        found = {}
        for n in lines:
            if not self.meant(rule.goods, self.items[n]):
                continue
            left, quantity = self.left[n], self.items[n].quantity
            if rule.kind == "percent":
                found[n] = rounded(left * rule.percent / 100, self.currency)
            elif rule.kind == "fixed_off":
                found[n] = left if rule.amount * quantity > left else rule.amount * quantity
            elif rule.kind == "fixed_price":
                found[n] = left - rule.amount * quantity if left > rule.amount * quantity else D(0)
            else:
                reached = [percent for start, percent in rule.tiers if quantity >= start]
                found[n] = rounded(left * (reached[-1] if reached else D(0)) / 100, self.currency)
        return found

    def buy_get(self, goods: Any, terms: Any, lines: list[int]) -> dict[int, Decimal]:
        given = terms.goods if terms.goods.skus or terms.goods.categories or terms.goods.tags else goods
        offered = [n for n in lines if self.meant(given, self.items[n])]
        bought = [n for n in lines if self.meant(goods, self.items[n])]
        # The cheapest first; values of units compare exactly as left × the quantities of all other lines.
        whole = 1
        for n in offered:
            whole *= self.items[n].quantity
        offered.sort(key=lambda n: (self.left[n] * (whole // self.items[n].quantity), n))
        waiting = [(n, self.items[n].quantity) for n in offered]
        cheaper = dict.fromkeys(offered, 0)
        others = sum(self.items[n].quantity for n in bought)
        times = 0
        # Give once more, as long as enough others are left that count as bought.
        while waiting and (terms.times is None or times < terms.times):
            given_now: dict[int, int] = {}
            rest, queue = terms.get, list(waiting)
            while rest and queue:
                n, units = queue.pop(0)
                part = min(rest, units)
                given_now[n] = part
                rest -= part
                if part < units:
                    queue.insert(0, (n, units - part))
            left = others - sum(count for n, count in given_now.items() if n in bought)
            if left < (times + 1) * terms.buy:
                break
            others, waiting, times = left, queue, times + 1
            for n, count in given_now.items():
                cheaper[n] += count
        return {
            n: rounded(self.left[n] * count * terms.percent / (100 * self.items[n].quantity), self.currency)
            for n, count in cheaper.items()
            if count
        }

    # codes

    def codes(self) -> list[Any]:
        accepted: list[Any] = []
        for code in self.terms.codes:
            why = self.why_not(code)
            if why is None and accepted and not all(other.combines for other in [code, *accepted]):
                why = "does_not_combine"
            if why is None:
                accepted.append(code)
            else:
                self.refused[code.code] = why
        lines = [c for c in accepted if c.kind == "buy_x_get_y" or (c.kind in {"percent", "fixed"} and c.on_lines)]
        whole = [c for c in accepted if c.kind in {"percent", "fixed"} and not c.on_lines]
        for code in lines + whole:
            parts = self.code_parts(code)
            amount = sum(parts.values(), D(0))
            if self.counts(code, amount):
                for n, part in parts.items():
                    self.left[n] -= part
        return accepted

    def why_not(self, code: Any) -> str | None:  # noqa: PLR0911  one a reason
        at, window = self.terms.at, code.window
        if code.refusal is not None:
            return str(code.refusal[0])
        if window.starts_at is not None and at < window.starts_at:
            return "not_started"
        if window.ends_at is not None and at >= window.ends_at:
            return "ended"
        if code.currency not in ("", self.currency):
            return "other_currency"
        lines = self.open(code.goods)
        if not lines:
            return "no_goods"
        if code.minimum_spend is not None and sum(self.left[n] for n in lines) < code.minimum_spend:
            return "minimum_spend"
        if code.kind == "buy_x_get_y" and not self.buy_get(code.goods, code.buy_get, self.open()):
            return "too_few"
        return None

    def code_parts(self, code: Any) -> dict[int, Decimal]:
        if code.kind == "buy_x_get_y":
            return self.buy_get(code.goods, code.buy_get, self.open())
        lines = self.open(code.goods if code.on_lines else None)
        base = sum((self.left[n] for n in lines), D(0))
        if base == 0:
            return {}
        if code.kind == "percent" and code.on_lines:
            parts = [rounded(self.left[n] * code.percent / 100, self.currency) for n in lines]
            cap = None if code.cap is None else rounded(code.cap, self.currency)
            if cap is not None and sum(parts) > cap:
                parts = spread(cap, parts, self.currency)
            return dict(zip(lines, parts, strict=True))
        if code.kind == "percent":
            amount = rounded(base * code.percent / 100, self.currency)
            if code.cap is not None:
                amount = min(amount, rounded(code.cap, self.currency))
        else:
            amount = min(rounded(code.amount, self.currency), base)
        return dict(zip(lines, spread(amount, [self.left[n] for n in lines], self.currency), strict=True))

    def counts(self, code: Any, amount: Decimal) -> bool:
        if amount == 0:
            self.refused[code.code] = "nothing_left"
            return False
        together = sum((taken for other, taken in self.given if other == code.campaign_id), amount)
        if code.budget_left is not None and code.budget_left < together:
            self.refused[code.code] = "budget_spent"
            return False
        self.given.append((code.campaign_id, amount))
        return True

    # shipping

    def shipping(self) -> tuple[Decimal, str | None, bool]:
        if not self.items:
            return D(0), None, False
        prices = [(offer, self.offer_price(offer)) for offer in self.terms.offers]
        there = [(offer, price) for offer, price in prices if price is not None]
        if self.terms.method:
            for offer, price in there:
                if offer.code == self.terms.method:
                    self.method = offer.code
                    return price, None, True
            named = [offer.code for offer in self.terms.offers]
            unknown = named and self.terms.method not in named
            return D(0), "unknown_method" if unknown else "not_deliverable", False
        if not there:
            return D(0), "not_deliverable", False
        cheapest = min(price for _, price in there)
        self.method = next(offer.code for offer, price in there if price == cheapest)
        return cheapest, None, True

    def offer_price(self, offer: Any) -> Decimal | None:
        goods = sum(self.left, D(0))
        if offer.free_over is not None and goods >= offer.free_over:
            return D(0)
        if offer.live_price is not None:
            return rounded(offer.live_price, self.currency)
        grams = D(sum(item.weight_grams * item.quantity for item in self.items))
        measure = grams if offer.basis == "weight" else goods
        price = None if offer.bands else D(0)
        for band in offer.bands:
            if measure >= band.lower and (band.upper is None or measure < band.upper):
                price = band.price
        if price is None:
            return None
        price += offer.per_item * sum(item.quantity for item in self.items)
        return rounded(price + grams * offer.per_kilo / 1000, self.currency)

    def free_shipping(self, accepted: list[Any], price: Decimal, has_offer: bool) -> Decimal:
        off = D(0)
        for code in accepted:
            if code.kind == "free_shipping" and has_offer and self.counts(code, price - off):
                off = price
        return off
