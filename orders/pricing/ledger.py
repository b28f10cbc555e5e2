"""What is left of each line while the steps of the pipeline take their parts, and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kernel.money import ZERO, allocate
from orders.pricing.terms import Goods, Item


@dataclass(frozen=True, slots=True)
class Step:
    """Why an amount is part of the total; those of all steps but `included_tax` add up to it.

    `base` is what the step worked on, `sku` the line where it is one's, `reason` why it gave nothing, as a code.
    """

    step: str
    rule: str
    amount: Decimal
    detail: str
    base: Decimal | None = None
    sku: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Cut:
    """What one rule or code takes off one line, of the `base` that was left of it; or a return, in an exchange."""

    source_id: int
    code: str
    name: str
    base: Decimal
    amount: Decimal
    source: str = ""

    @property
    def kind(self) -> str:
        return self.source or ("code" if self.code else "rule")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a code does not apply: a stable reason and a sentence."""

    code: str
    reason: str
    detail: str


class Ledger:
    """The lines of one basket while they are priced. `left[n]` is what is left of line n, in the currency."""

    def __init__(self, items: Sequence[Item], currency: str) -> None:
        self.items = list(items)
        self.currency = currency
        self.left = [item.gross for item in items]
        self.cuts: list[list[Cut]] = [[] for _ in items]
        self.steps: list[Step] = []
        self.refusals: list[Refusal] = []
        self.used: dict[str, Decimal] = {}
        self.spent: dict[int, Decimal] = {}

    def open_lines(self, goods: Goods = Goods()) -> list[int]:  # noqa: B008  immutable
        """Lines of these goods of which a discount can still take something. Gift cards are never among them."""
        return [
            n for n, item in enumerate(self.items) if self.left[n] > 0 and not item.is_gift_card and goods.hold(item)
        ]

    def worth(self, lines: Iterable[int]) -> Decimal:
        """What is left of these lines together."""
        return sum((self.left[n] for n in lines), ZERO)

    def share(self, amount: Decimal, lines: Sequence[int]) -> dict[int, Decimal]:
        """An amount spread over lines in proportion to what is left of them."""
        parts = allocate(amount, [self.left[n] for n in lines], self.currency)
        return dict(zip(lines, parts, strict=True))

    def take(self, line: int, amount: Decimal, *, source_id: int, name: str, code: str = "") -> None:
        """Take a part off a line; nothing is never written down."""
        if amount > 0:
            self.cuts[line].append(Cut(source_id, code, name, self.left[line], amount))
            self.left[line] -= amount

    def explain(self, step: Step) -> None:
        self.steps.append(step)

    def refuse(self, code: str, reason: str, detail: str) -> None:
        self.refusals.append(Refusal(code, reason, detail))
        self.explain(Step("code", code, ZERO, detail, reason=reason))
