"""Random orders, split into returns at random, each refunded as it is suggested: what was paid comes back, and no more."""

import random
from decimal import Decimal

import pytest

from kernel.money import allocate, exponent, from_minor
from orders.models import OrderLine
from orders.returning.rules import worth
from orders.returning.suggestion import Money, Received, Step, suggest

ZERO = Decimal(0)


def line_of(rng: random.Random, currency: str) -> OrderLine:
    """Priced with a discount and a tax that leave an odd remainder for its units."""
    quantity, minor = rng.randint(1, 7), rng.randint(1, 99_999)
    gross = from_minor(minor, currency) * quantity
    discount, tax = allocate(gross, [1, rng.randint(1, 9)], currency)[0], from_minor(rng.randint(0, 999), currency)
    return OrderLine(
        pk=rng.randint(1, 10**9), quantity=quantity, discount=discount, tax=tax, total=gross - discount + tax
    )


def split(rng: random.Random, line: OrderLine) -> list[int]:
    """The units of a line that were not cancelled, in returns of some each."""
    left, parts = line.quantity - line.cancelled, []
    while left:
        parts.append(rng.randint(1, left))
        left -= parts[-1]
    return parts


@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
def test_the_suggestions_of_any_split_add_up_to_what_was_paid(currency) -> None:
    seed = random.randrange(10**6)
    rng = random.Random(seed)
    for _ in range(100):
        lines = [line_of(rng, currency) for _ in range(rng.randint(1, 4))]
        cancelled = ZERO
        for line in lines:
            line.cancelled = rng.randint(0, line.quantity - 1)
            cancelled += worth_of_first(line, currency)
        shipping = from_minor(rng.randint(0, 999), currency)
        total = sum((line.total for line in lines), shipping)
        refunded = refund_all(rng, lines, Money(total - cancelled, total, cancelled), shipping, currency)
        assert refunded == total, f"seed {seed}"
        assert all(exact(amount, currency) for amount in [refunded, cancelled])


def worth_of_first(line: OrderLine, currency: str) -> Decimal:
    """What was paid for the cancelled units: the first ones."""
    rest = worth(line, after=0, count=line.quantity - line.cancelled, currency=currency)
    return line.total - rest


def refund_all(rng, lines, money: Money, shipping: Decimal, currency: str) -> Decimal:
    """Everything comes back, in returns one after the other, each refunded when it is received or later."""
    arrivals = [(line, units) for line in lines for units in split(rng, line)]
    rng.shuffle(arrivals)
    back, received, refunded = dict.fromkeys((line.pk for line in lines), 0), [], money.refunded
    for place, (line, units) in enumerate(arrivals):
        value = worth(line, after=back[line.pk], count=units, currency=currency)
        back[line.pk] += units
        is_last = place == len(arrivals) - 1
        received.append(Received(str(place), [Step("units", value, "")], shipping if is_last else ZERO))
        if is_last or rng.random() < 0.7:
            found = suggest(received, Money(money.due, money.captured, refunded))
            assert all(one.amount == sum((step.amount for step in one.steps), ZERO) >= 0 for one in found.values())
            refunded += sum((one.amount for one in found.values()), ZERO)
            assert refunded <= money.captured
    return refunded


def exact(amount: Decimal, currency: str) -> bool:
    return amount == round(amount, exponent(currency))


def received(number: str = "R1", value: str = "50.00", **more: str) -> Received:
    return Received(
        number, [Step("units", Decimal(value), "1 × Mug")], **{name: Decimal(n) for name, n in more.items()}
    )


def money(captured: str, refunded: str = "0.00", underway: str = "0.00", due: str = "100.00") -> Money:
    return Money(Decimal(due), Decimal(captured), Decimal(refunded), Decimal(underway))


def amounts(found) -> list[str]:
    return [str(one.amount) for one in found.values()]


def test_a_fee_and_an_exchange_are_kept() -> None:
    (found,) = suggest([received(fee="5.00", exchanged="20.00")], money("100.00")).values()
    assert [(step.what, str(step.amount)) for step in found.steps] == [
        ("units", "50.00"), ("exchanged", "-20.00"), ("fee", "-5.00")]  # fmt: skip
    assert str(found.amount) == "25.00"


def test_a_fee_takes_no_more_than_there_is() -> None:
    (found,) = suggest([received(fee="50.00", exchanged="30.00")], money("100.00")).values()
    assert found.amount == sum(step.amount for step in found.steps) == 0


def test_what_is_refunded_or_under_way_is_not_suggested_again() -> None:
    both = [received("R1"), received("R2", "30.00")]
    assert amounts(suggest(both, money("100.00"))) == ["50.00", "30.00"]
    assert amounts(suggest(both, money("100.00", refunded="50.00"))) == ["0.00", "30.00"]
    assert amounts(suggest(both, money("100.00", underway="50.00"))) == ["0.00", "30.00"]
    assert amounts(suggest(both, money("100.00", refunded="50.00", underway="30.00"))) == ["0.00", "0.00"]


def test_a_goodwill_is_set_off_and_what_was_never_paid_is_not_given_back() -> None:
    assert amounts(suggest([received()], money("100.00", refunded="5.00"))) == ["45.00"]
    assert amounts(suggest([received()], money("0.00"))) == ["0.00"]
