"""The words of the back office, for its templates."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import template
from django.forms import BoundField
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from orders.back_office import display
from orders.back_office.queues import Counts
from orders.models import Order, ReturnLine
from orders.states import Units

SCANS = {"exception": "bad", "returned_to_sender": "bad", "delivered": "good"}
KINDS = {"scan": "Scans", "step": "Steps", "fact": "Facts", "note": "Notes", "change": "Changes", "message": "E-mails"}
OUTCOMES = {"ready": "go", "done": "good", "refused": "wait", "failed": "bad"}
register = template.Library()

register.filter("money", display.money)
register.filter("words", display.words)
register.filter("pill", display.pill)
register.filter("payment_pill", display.payment_pill)
register.filter("ago", display.ago)
register.filter("exact", display.exact)
register.filter("country", display.country)
register.filter("options", display.options)


@register.filter
def amount(text: str, currency: str) -> str:
    """An amount that is kept as text."""
    return display.money(Decimal(text), currency)


@register.filter
def shown(counts: Counts, key: str) -> str:
    """The count of a queue as it is written."""
    return counts.shown(key)


@register.filter
def of(mapping: Mapping[Any, Any], key: Any) -> Any:
    """The value of a key that is itself a variable."""
    return mapping.get(key, "")


@register.filter
def pill_bad(value: str) -> SafeString:
    return display.pill(value, tone="bad")


@register.filter
def return_pill(value: str) -> SafeString:
    return display.pill(value, "Return requested" if value == "requested" else "")


@register.filter
def scan_pill(status: str) -> SafeString:
    return display.pill(status, tone=SCANS.get(status, "move"))


@register.filter
def outcome_pill(state: str) -> SafeString:
    return display.pill(state, tone=OUTCOMES[state])


@register.filter
def promised(order: Order) -> SafeString:
    return display.promise(order.ship_by, kept=False)


@register.filter
def counters(units: Units) -> list[tuple[str, int]]:
    """Where the units of a line stand: each unit once, at the furthest stage it has come to."""
    steps = (
        ("open", units.unpacked),
        ("packed", units.packed - units.shipped),
        ("shipped", units.shipped - units.delivered),
        ("delivered", units.delivered - units.returned),
        ("returned", units.returned),
        ("cancelled", units.cancelled),
    )
    return [(name, count) for name, count in steps if count]


@register.filter
def kind_name(kind: str) -> str:
    return KINDS.get(kind, display.words(kind))


@register.filter
def handler_name(handler: str) -> str:
    """`notifications.email_order_paid` as people say it."""
    return display.words(handler.rpartition(".")[2])


@register.filter
def query(value: Any, name: str) -> str:
    return f"?{name}={value}"


@register.filter
def with_suggestions(bound: BoundField) -> SafeString:
    """The field, offering what is often typed."""
    suggestions = getattr(bound.field, "suggestions", ())
    if not suggestions:
        return SafeString(bound)
    ident = f"{bound.auto_id}_suggestions"
    choices = format_html_join("", '<option value="{}">', ((text,) for text in suggestions))
    return format_html('{}<datalist id="{}">{}</datalist>', bound.as_widget(attrs={"list": ident}), ident, choices)


@register.filter
def whole(number: Decimal) -> str:
    """A count, grouped by thousands."""
    return f"{int(number):,}"


@register.filter
def signed(number: int) -> str:
    return f"{number:+d}".replace("-", "−") if number else "±0"


@register.filter
def percent_of(part: float, all_of_it: float) -> str:
    """For a style: how far down, in percent."""
    return f"{part / all_of_it * 100:.2f}%"


@register.filter
def announced(parts: Iterable[ReturnLine]) -> int:
    """The units that a return announces."""
    return sum(part.quantity for part in parts)


@register.filter
def disposition_pill(value: str) -> SafeString:
    return display.pill(value, tone={"restock": "good", "refurbish": "wait", "scrap": "bad"}.get(value, ""))
