"""Telling the number of a payment card in a text, so that none is ever kept.

Issuer ranges and lengths as the card schemes publish them; the check digit is that of ISO/IEC 7812-1 (Luhn).
"""

import re
import unicodedata

# Digits with at most two blanks or dashes between them.
_RUN = re.compile(r"\d(?:[^\S\n]?[\s\-\u2010-\u2015.]?\d)*")
_GROUP = re.compile(r"\d+")
SHORTEST, LONGEST = 14, 19

# First digits (from, to) and the lengths there are.
_ISSUERS: tuple[tuple[str, str, frozenset[int]], ...] = (
    ("4", "4", frozenset({16, 19})),  # Visa
    ("51", "55", frozenset({16})),  # Mastercard
    ("2221", "2720", frozenset({16})),
    ("34", "34", frozenset({15})),  # American Express
    ("37", "37", frozenset({15})),
    ("300", "305", frozenset({14, 16})),  # Diners Club
    ("36", "36", frozenset({14, 16})),
    ("38", "39", frozenset({14, 16})),
    ("6011", "6011", frozenset({16, 19})),  # Discover
    ("644", "659", frozenset({16, 19})),
    ("3528", "3589", frozenset({16, 19})),  # JCB
    ("62", "62", frozenset({16, 17, 18, 19})),  # UnionPay
    ("2200", "2204", frozenset({16, 19})),  # Mir
    ("5018", "5038", frozenset({16, 18, 19})),  # Maestro
    ("5893", "5893", frozenset({16, 18, 19})),
    ("6304", "6304", frozenset({16, 18, 19})),
    ("6759", "6763", frozenset({16, 18, 19})),
)


def holds_card_number(text: str) -> bool:
    """Whether the text has 14 to 19 digits, perhaps in groups, that are a card's: by issuer, length and check digit.

    A number is taken at the bounds of its groups: the digits within a longer one are not a card's.
    """
    return any(_in_run(run.group()) for run in _RUN.finditer(text))


def _in_run(run: str) -> bool:
    groups = [_plain(group) for group in _GROUP.findall(run)]
    for start in range(len(groups)):
        digits = ""
        for group in groups[start:]:
            digits += group
            if len(digits) > LONGEST:
                break
            if len(digits) >= SHORTEST and _is_issued(digits) and _checks(digits):
                return True
    return False


def _plain(digits: str) -> str:
    """Digits of any script as 0 to 9."""
    return digits if digits.isascii() else "".join(str(unicodedata.digit(digit)) for digit in digits)


def _is_issued(digits: str) -> bool:
    return any(first <= digits[: len(first)] <= last and len(digits) in lengths for first, last, lengths in _ISSUERS)


def _checks(digits: str) -> bool:
    doubled = (int(digit) * 2 for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(two - 9 if two > 9 else two for two in doubled)) % 10 == 0
