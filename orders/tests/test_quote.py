from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from kernel.money import from_minor, is_exact
from orders.pricing.quote import Item, Terms, quote, value_of_units

EUR = Terms("EUR", Decimal("0.20"), "standard", Decimal("5.00"))


def test_an_order_costs_its_lines_the_shipping_and_the_tax() -> None:
    priced = quote([Item("MUG", "Mug", Decimal("9.99"), 3), Item("TEA", "Tea", Decimal("0.02"), 1)], EUR)
    assert [line.tax for line in priced.lines] == [Decimal("5.99"), Decimal("0.00")]
    assert [line.total for line in priced.lines] == [Decimal("35.96"), Decimal("0.02")]
    assert (priced.subtotal, priced.shipping_total, priced.tax_total) == (
        Decimal("29.99"),
        Decimal("5.00"),
        Decimal("5.99"),
    )
    assert priced.total == Decimal("40.98")


def test_a_gift_card_is_not_taxed() -> None:
    card = Item("CARD", "Gift card", Decimal("50.00"), 2, is_taxed=False)
    priced = quote([card, Item("MUG", "Mug", Decimal("10.00"), 1)], EUR)
    assert [(line.tax_rate, line.tax, line.total) for line in priced.lines] == [
        (0, 0, Decimal("100.00")),
        (Decimal("0.20"), Decimal("2.00"), Decimal("12.00")),
    ]


def test_each_amount_is_explained() -> None:
    priced = quote([Item("MUG", "Mug", Decimal("10.00"), 2)], EUR)
    assert [(step.step, step.rule, step.amount) for step in priced.explanation] == [
        ("item", "MUG", Decimal("20.00")),
        ("shipping", "standard", Decimal("5.00")),
        ("tax", "flat_rate", Decimal("4.00")),
    ]
    assert priced.explanation[2].detail == "20 % of the goods, rounded per line."


def test_nothing_costs_nothing() -> None:
    assert quote([], EUR).total == 0


def test_yen_have_no_decimals() -> None:
    yen = Terms("JPY", Decimal("0.08"), "standard", Decimal("500"))
    priced = quote([Item("MUG", "Mug", Decimal("999"), 1)], yen)
    assert (priced.tax_total, priced.total) == (Decimal("80"), Decimal("1579"))


@given(
    st.lists(st.tuples(st.integers(0, 10**7), st.integers(1, 10**4)), max_size=30),
    st.sampled_from(["EUR", "JPY", "KWD"]),
    st.integers(0, 30),
)
def test_the_explanation_adds_up_to_the_total(wanted: list[tuple[int, int]], currency: str, percent: int) -> None:
    terms = Terms(currency, Decimal(percent) / 100, "standard", Decimal(7))
    priced = quote(
        [Item(str(n), "x", from_minor(units, currency), many) for n, (units, many) in enumerate(wanted)], terms
    )
    assert sum(step.amount for step in priced.explanation) == priced.total
    assert all(is_exact(line.total, currency) for line in priced.lines)


@given(st.integers(0, 10**8), st.lists(st.integers(1, 50), min_size=1, max_size=20))
def test_parts_of_a_line_add_up_to_the_line(units: int, counts: list[int]) -> None:
    total, quantity, first, parts = from_minor(units, "EUR"), sum(counts), 0, []
    for count in counts:
        parts.append(value_of_units(total, quantity, first=first, count=count, currency="EUR"))
        first += count
    assert sum(parts) == total
    assert all(part >= 0 for part in parts)
