from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from kernel.money import from_minor
from orders.pricing.quote import quote, value_of_units
from orders.pricing.terms import Band, Item, Offer, Rate, TaxTerms, Terms

AT = datetime(2030, 3, 1, 12, tzinfo=UTC)


def terms(currency: str = "EUR", rate: str = "0.20", shipping: str = "5.00") -> Terms:
    flat = TaxTerms(default=Rate("flat_rate", Decimal(rate)))
    standard = Offer("standard", "Standard delivery", bands=(Band(Decimal(0), None, Decimal(shipping)),))
    return Terms(currency, AT, tax=flat, offers=(standard,))


def test_an_order_costs_its_lines_the_shipping_and_the_tax() -> None:
    priced = quote([Item("MUG", "Mug", Decimal("9.99"), 3), Item("TEA", "Tea", Decimal("0.02"), 1)], terms())
    assert [line.tax for line in priced.lines] == [Decimal("5.99"), Decimal("0.00")]
    assert [line.total for line in priced.lines] == [Decimal("35.96"), Decimal("0.02")]
    assert (priced.subtotal, priced.shipping_total, priced.tax_total) == (
        Decimal("29.99"),
        Decimal("5.00"),
        Decimal("5.99"),
    )
    assert priced.total == Decimal("40.98")


def test_a_gift_card_is_neither_taxed_nor_discounted() -> None:
    card = Item("CARD", "Gift card", Decimal("50.00"), 2, is_gift_card=True)
    priced = quote([card, Item("MUG", "Mug", Decimal("10.00"), 1)], terms())
    assert [(line.tax_rate, line.tax, line.total) for line in priced.lines] == [
        (0, 0, Decimal("100.00")),
        (Decimal("0.20"), Decimal("2.00"), Decimal("12.00")),
    ]


def test_each_amount_is_explained() -> None:
    priced = quote([Item("MUG", "Mug", Decimal("10.00"), 2)], terms())
    assert [(step.step, step.rule, step.amount) for step in priced.explanation] == [
        ("item", "MUG", Decimal("20.00")),
        ("shipping", "standard", Decimal("5.00")),
        ("tax", "flat_rate", Decimal("4.00")),
    ]
    assert priced.explanation[2].detail == "20 % of the goods, rounded per line."


def test_nothing_costs_nothing() -> None:
    assert quote([], terms()).total == 0


def test_yen_have_no_decimals() -> None:
    priced = quote([Item("MUG", "Mug", Decimal("999"), 1)], terms("JPY", "0.08", "500"))
    assert (priced.tax_total, priced.total) == (Decimal("80"), Decimal("1579"))


@given(st.integers(0, 10**8), st.lists(st.integers(1, 50), min_size=1, max_size=20))
def test_parts_of_a_line_add_up_to_the_line(units: int, counts: list[int]) -> None:
    total, quantity, first, parts = from_minor(units, "EUR"), sum(counts), 0, []
    for count in counts:
        parts.append(value_of_units(total, quantity, first=first, count=count, currency="EUR"))
        first += count
    assert sum(parts) == total
    assert all(part >= 0 for part in parts)
