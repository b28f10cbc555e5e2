from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from rest_framework import serializers

from api.fields import (
    AmountField,
    CurrencyField,
    FlatMapField,
    MoneyField,
    QuantityField,
    StrictBooleanField,
    TextField,
)

CARD = "4242" * 4  # a test number of the schemes, put together here so that none stands in a file


def read(field: serializers.Field[Any, Any, Any, Any], data: Any) -> Any:
    return field.run_validation(data)


def refused(field: serializers.Field[Any, Any, Any, Any], data: Any) -> str:
    with pytest.raises(serializers.ValidationError) as caught:
        read(field, data)
    return str(caught.value.get_codes()[0])


@pytest.mark.parametrize(
    ("given", "amount"),
    [
        ("19.99", "19.99"),
        (" 5 ", "5"),
        ("0", "0"),
        (5, "5"),
        (19.99, "19.99"),
        ("999999999999.9999", "999999999999.9999"),
    ],
)
def test_an_amount_is_read_exactly(given: Any, amount: str) -> None:
    assert read(AmountField(), given) == Decimal(amount)


def test_minus_zero_is_zero() -> None:
    assert str(read(AmountField(), "-0.00")) == "0.0000"


@pytest.mark.parametrize(
    "given",
    [
        "",
        "abc",
        "1e3",
        "1_000",
        "NaN",
        "Infinity",
        "1,50",
        "٣",
        "+1",
        ".5",
        "1.",
        True,
        [],
        {},
        1e300,
        12345678901234.567,
    ],
)
def test_what_is_no_amount_is_refused(given: Any) -> None:
    assert refused(AmountField(), given) == "invalid"


def test_an_amount_is_not_negative_and_fits_its_column() -> None:
    assert refused(AmountField(), "-0.01") == "min_value"
    assert refused(AmountField(), "1.00001") == "max_decimal_places"
    assert refused(AmountField(), "1000000000000") == "max_whole_digits"


@pytest.mark.parametrize(("given", "units"), [(1, 1), ("1", 1), (1_000_000, 1_000_000)])
def test_a_quantity_is_a_whole_number(given: Any, units: int) -> None:
    assert read(QuantityField(), given) == units


@pytest.mark.parametrize("given", [1.5, 1.0, "1.5", "1.0", "one", True, False, [], "１", "", 1e30])
def test_what_is_no_whole_number_is_refused_not_rounded(given: Any) -> None:
    assert refused(QuantityField(), given) == "invalid"


@pytest.mark.parametrize(
    ("given", "code"), [(0, "min_value"), (-1, "min_value"), ("-1", "min_value"), (10**9, "max_value")]
)
def test_a_quantity_has_its_limits(given: Any, code: str) -> None:
    assert refused(QuantityField(), given) == code


@pytest.mark.parametrize("given", ["a\x00b", "\x1b[31m", "\x7f"])
def test_text_has_no_control_characters(given: str) -> None:
    assert refused(TextField(), given) == "control"


def test_text_keeps_its_lines_and_loses_its_margins() -> None:
    assert read(TextField(), "  a\r\n\tb ") == "a\r\n\tb"


@pytest.mark.parametrize("given", [CARD, f"call me, {CARD} 12/30", "-".join([CARD[:4]] * 4)])
def test_text_holds_no_number_of_a_payment_card(given: str) -> None:
    assert refused(TextField(), given) == "card_number"
    with pytest.raises(serializers.ValidationError) as caught:
        read(FlatMapField(), {"colour": given})
    assert caught.value.get_codes() == {"colour": ["card_number"]}
    assert refused(FlatMapField(), {given: "red"}) == "card_number"


def test_a_code_of_somebody_elses_may_look_like_one() -> None:
    assert read(TextField(is_identifier=True), CARD) == CARD


@pytest.mark.parametrize(
    ("given", "code"), [(5, "invalid"), (True, "invalid"), ([], "invalid"), ("", "blank"), ("x" * 201, "max_length")]
)
def test_text_is_a_string_of_a_length(given: Any, code: str) -> None:
    assert refused(TextField(), given) == code


def test_a_currency_is_one_that_exists_in_upper_case() -> None:
    assert read(CurrencyField(), "JPY") == "JPY"
    assert [refused(CurrencyField(), code) for code in ("eur", "XXX", "€")] == ["unknown"] * 3


@pytest.mark.parametrize("given", ["true", 1, 0, "", []])
def test_a_flag_is_true_or_false_and_nothing_like_them(given: Any) -> None:
    assert refused(StrictBooleanField(), given) == "invalid"


def test_a_flat_map_has_few_short_texts() -> None:
    assert read(FlatMapField(), {"colour": "red"}) == {"colour": "red"}
    assert refused(FlatMapField(), {str(n): "x" for n in range(21)}) == "too_many"
    assert refused(FlatMapField(), {"": "x"}) == "key"
    assert refused(FlatMapField(), {"a\x00": "x"}) == "key"
    with pytest.raises(serializers.ValidationError):
        read(FlatMapField(), {"colour": {"deep": "red"}})


class Bill(serializers.Serializer[Any]):
    total = MoneyField()
    fee = MoneyField(currency_source="order.currency")


def test_money_goes_out_with_the_decimals_of_its_currency() -> None:
    order = SimpleNamespace(currency="KWD")
    row = SimpleNamespace(total=Decimal("500.0000"), currency="JPY", fee=Decimal("1.25"), order=order)
    assert Bill(row).data == {"total": "500", "fee": "1.250"}
    assert Bill({"total": None, "currency": "EUR", "fee": Decimal(0), "order": order}).data == {
        "total": None,
        "fee": "0.000",
    }
