from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.money import CURRENCIES, allocate, exponent, format_amount, from_minor, is_exact, quantize, to_minor


@pytest.mark.parametrize(("currency", "places"), [("EUR", 2), ("JPY", 0), ("KWD", 3)])
def test_the_exponent_is_that_of_iso_4217(currency: str, places: int) -> None:
    assert exponent(currency) == places


def test_metals_funds_test_codes_and_withdrawn_currencies_are_no_currencies() -> None:
    assert not {"XAU", "XXX", "XTS", "XDR", "CLF", "USN", "DEM", "FRF", "ZWL"} & CURRENCIES


def test_currencies_people_pay_with_are_known_even_when_new_or_written_with_an_x() -> None:
    assert {"EUR", "USD", "GBP", "JPY", "KWD", "XAF", "XCD", "XOF", "XPF", "MRU", "VES"} <= CURRENCIES


def test_an_unknown_code_has_no_exponent() -> None:
    with pytest.raises(KeyError, match="XYZ"):
        exponent("XYZ")


def test_rounds_half_up() -> None:
    assert quantize(Decimal("0.125"), "EUR") == Decimal("0.13")
    assert quantize(Decimal("2.5"), "JPY") == Decimal("3")
    assert quantize(Decimal("-0.125"), "EUR") == Decimal("-0.13")


def test_writes_exactly_the_decimals_of_the_currency() -> None:
    assert format_amount(Decimal("19.9900"), "EUR") == "19.99"
    assert format_amount(Decimal("500.0000"), "JPY") == "500"
    assert format_amount(Decimal("1.25"), "KWD") == "1.250"


def test_nothing_is_never_written_with_a_minus() -> None:
    assert format_amount(Decimal("-0.001"), "EUR") == "0.00"
    assert format_amount(Decimal("-0"), "JPY") == "0"


def test_an_amount_is_exact_when_its_currency_can_say_it() -> None:
    assert is_exact(Decimal("1.2500"), "EUR")
    assert not is_exact(Decimal("1.255"), "EUR")
    assert not is_exact(Decimal("1.5"), "JPY")


def test_a_fraction_of_a_cent_has_no_minor_units() -> None:
    with pytest.raises(ValueError, match="more decimals"):
        to_minor(Decimal("0.001"), "EUR")


def test_the_largest_remainder_gets_the_odd_cent() -> None:
    assert allocate(Decimal("0.05"), [3, 7], "EUR") == [Decimal("0.02"), Decimal("0.03")]
    assert allocate(Decimal("100"), [1, 1, 1], "JPY") == [Decimal(34), Decimal(33), Decimal(33)]
    assert allocate(Decimal("-0.05"), [1, 1], "EUR") == [Decimal("-0.03"), Decimal("-0.02")]


def test_zero_weights_share_evenly_and_no_weights_get_nothing() -> None:
    assert allocate(Decimal("0.03"), [0, 0], "EUR") == [Decimal("0.02"), Decimal("0.01")]
    assert allocate(Decimal("0.03"), [], "EUR") == []


def test_a_part_of_weight_zero_gets_nothing() -> None:
    assert allocate(Decimal("0.05"), [1, 0, 1], "EUR") == [Decimal("0.03"), Decimal("0.00"), Decimal("0.02")]


def test_weights_of_any_size_lose_no_unit() -> None:
    weights = [Decimal(10) ** 20 / 3, Decimal(10) ** 20 / 3, Decimal(10) ** 20 / 3]
    assert allocate(Decimal("300000000000.00"), weights, "EUR") == [Decimal("100000000000.00")] * 3


def test_a_negative_weight_is_a_bug() -> None:
    with pytest.raises(ValueError, match="negative"):
        allocate(Decimal(1), [2, -1], "EUR")


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 10**6), min_size=1, max_size=50))
def test_the_parts_always_add_up(units: int, weights: list[int]) -> None:
    amount = from_minor(units, "KWD")
    assert sum(allocate(amount, weights, "KWD")) == amount


@given(st.integers(-(10**15), 10**15), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_minor_units_come_back_as_they_went(units: int, currency: str) -> None:
    assert to_minor(from_minor(units, currency), currency) == units
