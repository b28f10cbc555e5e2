"""Bodies and queries as Stripe takes them: forms whose brackets nest (`metadata[size]=L`, `expand[0]=charge`)."""

import re
from typing import Any
from urllib.parse import parse_qsl

from sandbox.calls import Call
from sandbox.stripe.errors import invalid

Form = dict[str, Any]

PART = re.compile(r"[^\[\]]+")
# The whole of a value: within a longer one, such as a UUID, digits follow each other by chance.
CARD_NUMBER = re.compile(r"\s*\d(?:[ -]?\d){12,18}\s*")


def form_of(call: Call) -> Form:
    """What was sent, nested, with its strings as they are. Refuses card numbers wherever they stand."""
    form: Form = {}
    pairs = [*parse_qsl(call.query, keep_blank_values=True), *parse_qsl(call.body.decode(), keep_blank_values=True)]
    for name, value in pairs:
        refuse_card_number(name, value)
        *outer, last = PART.findall(name) or [""]
        place: Any = form
        for part in outer:
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                raise invalid("Invalid request: a parameter is both a value and an object.", param=name)
        if name.endswith("[]"):
            place = place.setdefault(last, {})
            last = str(len(place))
        place[last] = value
    return form


def refuse_card_number(name: str, value: str) -> None:
    looks_like_one = CARD_NUMBER.fullmatch(value) and passes_luhn(re.sub(r"\D", "", value))
    if looks_like_one or name.endswith("[number]"):
        raise invalid(
            "Sending credit card numbers directly to the Stripe API is generally unsafe. "
            "Use one of the test payment methods (pm_card_visa).",
            param=name,
        )


def passes_luhn(digits: str) -> bool:
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def known(form: Form, *names: str) -> Form:
    """The form, refused when it holds a parameter that is none of these."""
    for name in form:
        if name not in names and name not in ("expand", "key"):
            raise invalid(f"Received unknown parameter: {name}", code="parameter_unknown", param=name)
    return form


def required(form: Form, name: str) -> str:
    if form.get(name) in (None, ""):
        raise invalid(f"Missing required param: {name}.", code="parameter_missing", param=name)
    return str(form[name])


def integer(form: Form, name: str, *, default: int = 0, least: int = 1) -> int:
    """A whole number of minor units."""
    text = form.get(name)
    if text is None:
        return default
    if not isinstance(text, str) or not re.fullmatch(r"-?\d{1,12}", text):
        raise invalid(f"Invalid integer: {text}", code="parameter_invalid_integer", param=name)
    if int(text) < least:
        raise invalid(
            f"This value must be greater than or equal to {least}.", code="parameter_invalid_integer", param=name
        )
    return int(text)


def choice(form: Form, name: str, choices: tuple[str, ...]) -> str | None:
    value = form.get(name) or None
    if value is not None and value not in choices:
        raise invalid(f"Invalid {name}: must be one of {', '.join(choices)}", param=name)
    return value


def truth(form: Form, name: str, *, default: bool = False) -> bool:
    return str(form.get(name, default)).lower() == "true"


def items(form: Form, name: str) -> list[str]:
    """An array, in the order of its indices."""
    found = form.get(name, {})
    return [str(value) for value in found.values()] if isinstance(found, dict) else [str(found)]


def merged(metadata: dict[str, str], form: Form) -> dict[str, str]:
    """Metadata after an update: an empty value removes its key, an empty string removes all."""
    given = form.get("metadata")
    if given is None:
        return metadata
    if not isinstance(given, dict):
        return {}
    return {key: value for key, value in {**metadata, **given}.items() if value != ""}
