"""The codes of gift cards: 80 bits a person can read out, derived from a seed, so that none is stored.

Crockford's base32 (https://www.crockford.com/base32.html): no I, L, O or U, and on reading 0 for O, 1 for I and L.
"""

import hmac
import re
from hashlib import sha256

from django.conf import settings

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16
BITS = 5
_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015]+")
_SOUNDALIKES = str.maketrans("OIL", "011")
_CODE = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")


def code_from(seed: str) -> str:
    """The code of a card, as it is written: `XXXX-XXXX-XXXX-XXXX`."""
    bits = int.from_bytes(_keyed(seed.encode())[: LENGTH * BITS // 8])
    letters = "".join(ALPHABET[bits >> shift & 31] for shift in range(BITS * (LENGTH - 1), -1, -BITS))
    return "-".join(letters[start : start + 4] for start in range(0, LENGTH, 4))


def normal(typed: str) -> str | None:
    """What was typed as 16 plain letters and digits, whatever its case and gaps; None for what can be no code."""
    plain = _SEPARATORS.sub("", typed).upper().translate(_SOUNDALIKES)
    return plain if _CODE.fullmatch(plain) else None


def hash_of(typed: str) -> str:
    """What a code is found by; empty for what can be no code. Keyed: a stolen table cannot be tried at home."""
    plain = normal(typed)
    return _keyed(b"hash:" + plain.encode()).hex() if plain else ""


def _keyed(message: bytes) -> bytes:
    return hmac.new(settings.GIFT_CARD_KEY, message, sha256).digest()
