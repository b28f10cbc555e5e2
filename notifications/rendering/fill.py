"""Rendering: contexts are plain dicts, HTML is escaped, nothing is loaded and nothing is called."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from notifications.rendering.language import Source, parse


@dataclass(frozen=True, slots=True)
class Rendered:
    """An e-mail ready to go: one line of subject, plain text, and a whole HTML document."""

    subject: str
    text: str
    html: str


def render(source: Source, values: Mapping[str, Any]) -> Rendered:
    """Fill the template in. Raises `TemplateSyntaxError` where it was never checked."""
    subject = " ".join(_fill(source.subject, values, escape=False).split())
    frame = {"subject": subject, "shop_name": settings.SHOP_NAME, "shop_url": settings.SHOP_PUBLIC_URL}
    return Rendered(
        subject=subject,
        text=render_to_string("email/frame.txt", frame | {"body": _fill(source.text, values, escape=False).strip()}),
        html=render_to_string("email/frame.html", frame | {"body": _fill(source.html, values, escape=True)}),
    )


def _fill(text: str, values: Mapping[str, Any], *, escape: bool) -> SafeString:
    # A template could empty a dict it is given; each part gets its own.
    return parse(text).render(Context(deepcopy(dict(values)), autoescape=escape))
