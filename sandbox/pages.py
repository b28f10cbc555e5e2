"""Pages for people: templates and what they need."""

from decimal import Decimal
from pathlib import Path

from babel.numbers import get_currency_precision
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse


def money(units: int, currency: str) -> str:
    """Minor units as people read them: 1999, eur gives 19.99 EUR."""
    code = currency.upper()
    return f"{Decimal(units).scaleb(-get_currency_precision(code)):f} {code}"


TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.filters["money"] = money


def page(template: str, **context: object) -> HTMLResponse:
    """A template of `sandbox/templates/` filled in; it extends base.html (blocks `title` and `content`)."""
    return HTMLResponse(TEMPLATES.get_template(template).render(**context))
