"""Answers about returns: plain dicts from rows already read. Their shape: `orders.serializers.shapes`."""

from collections.abc import Mapping, Sequence
from typing import Any

from kernel.money import format_amount
from orders.masking import mask_return
from orders.models import Order, Return, ReturnLine, ReturnUnit
from orders.permissions import Viewer
from orders.returning.photos import photo_link
from orders.returning.refunds import suggestions
from orders.returning.rules import Chance
from orders.returning.suggestion import Suggestion
from orders.states import ASKED_REASONS

Shown = dict[str, Any]


def show_return(ret: Return, viewer: Viewer, currency: str) -> Shown:
    """A return read with its parts. What staff wrote and judged is for staff."""
    shown = {
        "number": ret.number,
        "status": ret.status,
        "note": ret.note,
        "requested_at": ret.requested_at,
        "decided_at": ret.decided_at,
        "received_at": ret.received_at,
        "label_paid_by": ret.label_paid_by,
        "override": ret.override if viewer.is_staff else "",
        "fee": format_amount(ret.fee, currency),
        "exchange_order": ret.exchange_order.number if ret.exchange_order else "",
        "lines": [_show_line(part, viewer) for part in ret.lines.all()],
    }
    return shown if viewer.sees_people else mask_return(shown)


def show_return_of(order: Order, number: str, viewer: Viewer) -> Shown:
    """The return of this number by itself, of an order read with its parts."""
    ret = next(found for found in order.returns.all() if found.number == number)
    found = suggestions(order).get(number) if viewer.is_staff else None
    suggestion = show_suggestion(found, order.currency) if found else None
    return show_return(ret, viewer, order.currency) | {"order": order.number, "refund_suggestion": suggestion}


def show_suggestion(found: Suggestion, currency: str) -> Shown:
    return {
        "amount": format_amount(found.amount, currency),
        "currency": currency,
        "steps": [
            {"what": step.what, "amount": format_amount(step.amount, currency), "detail": step.detail}
            for step in found.steps
        ],
    }


def show_returnable(order: Order, found: Sequence[Chance]) -> Shown:
    return {
        "order": order.number,
        "currency": order.currency,
        "lines": [_show_chance(chance, order.currency) for chance in found],
    }


def exchange_of(order: Order) -> str:
    """The number of the return whose units the order replaces; empty for other orders."""
    steps: Sequence[Mapping[str, Any]] = order.explanation
    return next((str(step["rule"]) for step in steps if step["step"] == "exchange"), "")


def _show_line(part: ReturnLine, viewer: Viewer) -> Shown:
    return {
        "line": part.line_id,
        "quantity": part.quantity,
        "reason": part.reason,
        "received": part.received,
        "condition": part.condition,
        "restocked": part.restocked,
        "exchanged": part.exchanged,
        "units": [_show_unit(unit) for unit in part.units.all()] if viewer.is_staff else [],
    }


def _show_unit(unit: ReturnUnit) -> Shown:
    return {
        "id": unit.pk,
        "quantity": unit.quantity,
        "condition": unit.condition,
        "disposition": unit.disposition,
        "warehouse": unit.warehouse.code,
        "note": unit.note,
        "photo": photo_link(unit),
        "restocked_at": unit.restocked_at,
    }


def _show_chance(chance: Chance, currency: str) -> Shown:
    return {
        "line": chance.line.pk,
        "sku": chance.line.sku,
        "name": chance.line.name,
        "quantity": max(chance.units, 0),
        "returnable": not chance.why_not,
        "why_not": chance.why_not,
        "until": chance.until,
        "reasons": [_show_term(reason, chance, currency) for reason, _ in ASKED_REASONS],
    }


def _show_term(reason: str, chance: Chance, currency: str) -> Shown:
    term = chance.rule.term(reason, currency)
    return {
        "reason": reason,
        "shop_pays_label": term.shop_pays_label,
        "fee_percent": f"{term.fee_percent.normalize():f}",
        "fee_amount": format_amount(term.fee_amount, currency),
        "approved_at_once": term.auto_approve,
    }
