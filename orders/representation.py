"""Answers about carts and orders: plain dicts from rows already read. Their shape: `orders.serializers.shapes`."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from inventory.callers import is_theirs
from kernel.money import format_amount
from orders import actions
from orders.masking import mask_reason, masked
from orders.models import (
    Cart,
    CartItem,
    Hold,
    Order,
    OrderAddress,
    OrderLine,
    OrderTransition,
    Shipment,
)
from orders.permissions import Viewer
from orders.pricing.basket import Basket, Problem
from orders.pricing.delivery import ShippingOption
from orders.pricing.quote import Line
from orders.returning.representation import exchange_of, show_return
from orders.services.charges import explain
from orders.states import HoldKind

Shown = dict[str, Any]

ADDRESS_FIELDS = (
    *("first_name", "last_name", "company", "line1", "line2"),
    *("city", "region", "postal_code", "country", "phone"),
)
ORDER_TOTALS = (
    *("subtotal", "discount_total", "shipping_total", "tax_total", "included_tax_total", "total"),
    *("cancelled_total", "captured_total", "refunded_total"),
)
LINE_AMOUNTS = ("discount", "tax", "included_tax", "total")
QUOTE_TOTALS = ORDER_TOTALS[:6]


def show_order(order: Order, viewer: Viewer) -> Shown:
    """An order read with its parts, with what the viewer may do now and why not the rest."""
    currency = order.currency
    addresses = {address.kind: show_address(address) for address in order.addresses.all()}
    shown = {
        "number": order.number,
        "reference": order.reference,
        "exchange_of": exchange_of(order),
        "test": order.test,
        "version": order.version,
        "status": order.status,
        "payment_status": order.payment_status,
        "fulfillment_status": order.fulfillment_status,
        "return_status": order.return_status,
        "customer": order.user_id,
        "email": order.email,
        "currency": currency,
        **{name: format_amount(getattr(order, name), currency) for name in ORDER_TOTALS},
        "shipping_method": order.shipping_method,
        "discount_codes": order.discount_codes,
        "shipping_address": addresses.get(OrderAddress.Kind.SHIPPING),
        "billing_address": addresses.get(OrderAddress.Kind.BILLING),
        "cancel_reason": order.cancel_reason,
        "expires_at": order.expires_at,
        "ship_by": order.ship_by,
        "deliver_by": order.deliver_by,
        "created_at": order.created_at,
        "paid_at": order.paid_at,
        "delivered_at": order.delivered_at,
        "cancelled_at": order.cancelled_at,
        "lines": [show_line(line, currency) for line in order.lines.all()],
        "shipments": [show_shipment(shipment, viewer) for shipment in order.shipments.all()],
        "returns": [show_return(ret, viewer, order.currency) for ret in order.returns.all()],
        "holds": [show_hold(hold, viewer) for hold in order.holds.all() if _may_see(hold.kind, viewer)],
        "explanation": [_show_stored_step(step, currency) for step in order.explanation],
        **show_actions(order, viewer),
    }
    return shown if viewer.sees_people else masked(shown)


def show_actions(order: Order, viewer: Viewer) -> Shown:
    """`available_actions` and `refused_actions` among those the viewer may ever try."""
    refused = actions.refused(actions.facts_of(order))
    return {
        "available_actions": [action for action in viewer.actions if action not in refused],
        "refused_actions": {action: refused[action] for action in viewer.actions if action in refused},
    }


def show_line(line: OrderLine, currency: str) -> Shown:
    return {
        "id": line.pk,
        "sku": line.sku,
        "name": line.name,
        "options": line.options,
        "quantity": line.quantity,
        "unit_price": format_amount(line.unit_price, currency),
        "discount": format_amount(line.discount, currency),
        "tax_rate": f"{line.tax_rate.normalize():f}",
        "tax": format_amount(line.tax, currency),
        "included_tax": format_amount(line.included_tax, currency),
        "total": format_amount(line.total, currency),
        "waiting": line.waiting,
        "promised_at": line.promised_on,
        "cancelled": line.cancelled,
        "packed": line.packed,
        "shipped": line.shipped,
        "delivered": line.delivered,
        "returned": line.returned,
    }


def show_shipment(shipment: Shipment, viewer: Viewer) -> Shown:
    """A package is its order's; where it was packed is told to who was given that warehouse."""
    code = shipment.warehouse.code
    return {
        "number": shipment.number,
        "status": shipment.status,
        "warehouse": code if is_theirs(viewer, code) else "",
        "carrier": shipment.carrier,
        "tracking_number": shipment.tracking_number,
        "carrier_status": shipment.carrier_status,
        "weight_grams": shipment.weight_grams,
        "packed_at": shipment.packed_at,
        "shipped_at": shipment.shipped_at,
        "delivered_at": shipment.delivered_at,
        "cancelled_at": shipment.cancelled_at,
        "lines": [{"line": part.line_id, "quantity": part.quantity} for part in shipment.lines.all()],
    }


def show_hold(hold: Hold, viewer: Viewer) -> Shown:
    """Notes and names of staff are for staff."""
    return {
        "id": hold.pk,
        "kind": hold.kind,
        "note": hold.note if viewer.is_staff else "",
        "placed_by": hold.placed_by if viewer.is_staff else "",
        "placed_at": hold.placed_at,
        "released_at": hold.released_at,
    }


def show_address(address: OrderAddress) -> Shown:
    return {name: getattr(address, name) for name in ADDRESS_FIELDS}


def show_edit(before: Order, after: Order) -> Shown:
    """What became of an order between two reads of it."""
    currency, paid, owed = after.currency, after.money(), after.due
    amounts = {
        "due_before": before.due,
        "due": owed,
        "difference": owed - before.due,
        "to_pay": paid.outstanding,
        "to_refund": max(paid.captured - paid.given_back - owed, Decimal(0)),
    }
    units: Counter[str] = Counter()
    for order, sign in ((before, -1), (after, 1)):
        for line in order.lines.all():
            units[line.sku] += sign * line.units.live
    return {
        **{name: format_amount(amount, currency) for name, amount in amounts.items()},
        "stock": [{"sku": sku, "units": count} for sku, count in sorted(units.items()) if count],
    }


def show_timeline(
    order: Order, transitions: Iterable[OrderTransition], subjects: Mapping[int, str], viewer: Viewer
) -> list[Shown]:
    """All that happened to an order, oldest first. `subjects`: version → the package or return it was about."""
    return [
        {
            "version": row.version,
            "at": row.created_at,
            "action": row.verb,
            "about": subjects.get(row.version, ""),
            "from_status": row.from_status,
            "status": row.to_status,
            "payment_status": row.payment_status,
            "fulfillment_status": row.fulfillment_status,
            "return_status": row.return_status,
            "actor": row.actor if viewer.is_staff else _kind_of(row.actor, order),
            "reason": _show_reason(row, viewer),
        }
        for row in transitions
        if not row.verb.endswith("hold") or _may_see(row.reason, viewer)
    ]


def _show_reason(row: OrderTransition, viewer: Viewer) -> str:
    """The kind of a hold, and what the shop did by itself, name nobody."""
    is_plain = viewer.sees_people or row.verb.endswith("hold") or row.actor.startswith("system:")
    return row.reason if is_plain else mask_reason(row.reason)


def _may_see(hold_kind: str, viewer: Viewer) -> bool:
    """A suspicion of fraud is not told to whom it concerns."""
    return viewer.is_staff or hold_kind != HoldKind.FRAUD


def _kind_of(actor: str, order: Order) -> str:
    """Who it was, without saying which member of staff."""
    kind, _, name = actor.partition(":")
    if kind != "user":
        return kind
    return "customer" if name == str(order.user_id) else "staff"


def show_cart(cart: Cart, items: Sequence[CartItem], basket: Basket, viewer: Viewer) -> Shown:
    """A cart with its quote. `items` are those the basket was priced from, in the same order."""
    quote = basket.quote
    priced = dict(zip(basket.indexes, quote.lines, strict=True))
    shown = {
        "id": str(cart.pk),
        "email": cart.email,
        "currency": quote.currency,
        "items": [
            {**_show_item(item, priced.get(index), quote.currency), **_show_supply(item, basket)}
            for index, item in enumerate(items)
        ],
        "shipping_address": _show_given_address(cart.shipping_address),
        "billing_address": _show_given_address(cart.billing_address),
        "shipping_method": cart.shipping_method,
        "discount_codes": cart.discount_codes,
        **{name: format_amount(getattr(quote, name), quote.currency) for name in QUOTE_TOTALS},
        "explanation": explain(quote),
        "problems": [_show_problem(problem, items) for problem in basket.problems],
        "order": cart.order.number if cart.order else None,
    }
    return shown if viewer.sees_people else masked(shown)


def _show_item(item: CartItem, line: Line | None, currency: str) -> Shown:
    """An item that is not on sale has no price."""
    unit_price = line.item.unit_price if line else None
    amounts = {"unit_price": unit_price, **{name: getattr(line, name, None) for name in LINE_AMOUNTS}}
    return {
        "id": item.pk,
        "sku": item.product.sku,
        "name": item.product.name,
        "quantity": item.quantity,
        **{name: None if amount is None else format_amount(amount, currency) for name, amount in amounts.items()},
    }


def _show_supply(item: CartItem, basket: Basket) -> Shown:
    """How the item's units would be sold now, and when they would be there if they are not."""
    supply = basket.supply.get(item.product.sku)
    return {
        "availability": supply.availability(item.quantity) if supply else None,
        "promised_at": supply.promised_on(item.quantity) if supply else None,
    }


def _show_given_address(given: Mapping[str, str] | None) -> Shown | None:
    return {name: given.get(name, "") for name in ADDRESS_FIELDS} if given else None


def _show_problem(problem: Problem, items: Sequence[CartItem]) -> Shown:
    shown: Shown = {"code": problem.code, "detail": problem.detail, "reason": problem.reason}
    if problem.item is None:
        return shown | {"field": problem.field}
    return shown | {"item": items[problem.item].pk}


def _show_stored_step(step: Mapping[str, Any], currency: str) -> Shown:
    """Orders that were placed earlier know less of their steps."""
    whole = {"base": None, "sku": "", "reason": "", **step}
    base = None if whole["base"] is None else format_amount(Decimal(whole["base"]), currency)
    return {**whole, "amount": format_amount(Decimal(step["amount"]), currency), "base": base}


def show_option(option: ShippingOption) -> Shown:
    return {
        "code": option.code,
        "name": option.name,
        "price": format_amount(option.price, option.currency),
        "currency": option.currency,
        "ship_by": option.ship_by,
        "deliver_by": option.deliver_by,
    }
