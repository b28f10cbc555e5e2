import re

import pytest

from payments.gift_cards.codes import ALPHABET, code_from, hash_of, normal

SEED = "5" * 64


def test_a_code_is_sixteen_letters_and_digits_nobody_confuses() -> None:
    code = code_from(SEED)
    assert re.fullmatch(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", code)
    assert (len(ALPHABET), set(ALPHABET) & set("ILOU")) == (32, set())


def test_the_same_seed_and_key_make_the_same_code_and_others_another(settings) -> None:
    code = code_from(SEED)
    assert code_from(SEED) == code
    assert code_from("6" * 64) != code
    settings.GIFT_CARD_KEY = b"another"
    assert code_from(SEED) != code


def test_every_letter_comes_up_so_that_all_bits_count() -> None:
    codes = [code_from(str(number)).replace("-", "") for number in range(400)]
    assert {letter for code in codes for letter in code} == set(ALPHABET)
    assert len({code[0] for code in codes}) == len({code[-1] for code in codes}) == 32


@pytest.mark.parametrize(
    "typed",
    ["a0b1-c2d3-e4f5-g6h7", "A0B1C2D3E4F5G6H7", " a0b1 c2d3 e4f5 g6h7\n", "AOBL-C2D3-E4F5-G6H7", "aobi–c2d3—e4f5-g6h7"],
)
def test_a_code_is_read_however_it_is_typed(typed: str) -> None:
    assert normal(typed) == "A0B1C2D3E4F5G6H7"
    assert hash_of(typed) == hash_of("A0B1-C2D3-E4F5-G6H7")


@pytest.mark.parametrize(
    "typed", ["", "A0B1", "A0B1-C2D3-E4F5-G6H7-8", "A0B1-C2D3-E4F5-G6HU", "A0B1-C2D3-E4F5-G6H\x00", "ß" * 16]
)
def test_what_can_be_no_code_is_none(typed: str) -> None:
    assert normal(typed) is None
    assert hash_of(typed) == ""


def test_the_hash_is_not_that_of_the_bare_code(settings) -> None:
    code = code_from(SEED)
    before = hash_of(code)
    settings.GIFT_CARD_KEY = b"another"
    assert hash_of(code) != before
