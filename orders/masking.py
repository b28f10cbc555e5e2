"""What is shown of people to who may not know them: enough to see that something is there, too little to find them.

The one place for it. Masking what is masked changes nothing, so that an answer kept for a replay can be masked again
for whoever asks again. City, region and country stay: they say where the work is, not whose.
"""

from collections.abc import Callable, Mapping
from typing import Any

HIDDEN = "•••"
POSTAL_CODE_SHOWN = 2
# What the shop itself writes as a reason; all else is the words of people, and may name anybody.
OWN_WORDS = frozenset({"", "expired"})

Shown = Mapping[str, Any]


def mask_email(email: str) -> str:
    """`a•••@•••.com`: the first letter and the top-level domain."""
    if not email:
        return ""
    name, _, domain = email.rpartition("@")
    _, dot, top = domain.rpartition(".")
    return f"{name[:1]}{HIDDEN}@{HIDDEN}{dot}{top if dot else ''}"


def mask_name(name: str) -> str:
    """The first letter."""
    return f"{name[:1]}{HIDDEN}" if name else ""


def mask_postal_code(code: str) -> str:
    """The first two characters: the region."""
    return f"{code[:POSTAL_CODE_SHOWN].rstrip('•')}{HIDDEN}" if code else ""


def mask_text(text: str) -> str:
    """Nothing of it."""
    return HIDDEN if text else ""


def mask_reason(reason: str) -> str:
    """What people wrote; what the shop writes stays."""
    return reason if reason in OWN_WORDS else HIDDEN


ADDRESS: Mapping[str, Callable[[str], str]] = {
    "first_name": mask_name,
    "last_name": mask_name,
    "company": mask_text,
    "line1": mask_text,
    "line2": mask_text,
    "postal_code": mask_postal_code,
    "phone": mask_text,
}


def mask_address(address: Shown | None) -> dict[str, Any] | None:
    """An address as it is shown, or none."""
    if address is None:
        return None
    return {name: ADDRESS[name](value) if name in ADDRESS else value for name, value in address.items()}


def mask_return(shown: Shown) -> dict[str, Any]:
    """A return as it is shown."""
    return {**shown, "note": mask_text(shown["note"])}


MASKS: Mapping[str, Callable[[Any], Any]] = {
    "email": mask_email,
    "note": mask_text,
    "cancel_reason": mask_reason,
    "shipping_address": mask_address,
    "billing_address": mask_address,
    "returns": lambda returns: [mask_return(shown) for shown in returns],
    "refunds": lambda refunds: [{**shown, "reason": mask_text(shown["reason"])} for shown in refunds],
}


def masked(shown: Shown) -> dict[str, Any]:
    """An order, cart, return or payment as it is shown, without the people in it."""
    return {name: MASKS[name](value) if name in MASKS else value for name, value in shown.items()}
