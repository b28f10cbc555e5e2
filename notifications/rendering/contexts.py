"""What e-mails are filled with: plain dicts of texts, made from an order or a person."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency
from django.conf import settings
from django.utils import timezone

from accounts.events import SecurityEvent
from accounts.models import User
from accounts.oidc import title_of
from api.actors import Actor
from audit.models import LogEntry
from catalog.models import Product
from notifications import links
from orders.models import Order, OrderAddress, OrderLine, OrderTransition, Return, Shipment
from orders.states import LabelPayer, ReturnState, Status
from payments.models import GiftCard

LOCALE = "en_GB"
DEVICE_LENGTH = 100  # whoever signs in chooses its words
Values = dict[str, Any]


def money_text(amount: Decimal, currency: str) -> str:
    """As people read it: €19.99."""
    return str(format_currency(amount, currency, locale=LOCALE))


def _unless_zero(amount: Decimal, currency: str) -> str:
    return money_text(amount, currency) if amount else ""


def _local(moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(settings.SHOP_TIME_ZONE))


def shop_values() -> Values:
    return {"name": settings.SHOP_NAME, "url": settings.SHOP_PUBLIC_URL}


def order_values(order: Order) -> Values:
    """An order read with its lines and addresses."""
    shipping = _address(order, OrderAddress.Kind.SHIPPING)
    # What is left of it; of an order that is cancelled as a whole, what it was.
    lines = list(order.lines.all())
    gone = not any(line.units.live for line in lines)
    units = [(line, line.quantity if gone else line.units.live) for line in lines]
    return {
        "number": order.number,
        "reference": order.reference,
        "placed_on": format_date(_local(order.created_at), "long", locale=LOCALE),
        "pay_before": format_datetime(_local(order.expires_at), "d MMMM, HH:mm", locale=LOCALE)
        if order.expires_at
        else "",
        "first_name": shipping.first_name if shipping else "",
        "address": _lines_of(shipping) if shipping else [],
        "lines": [_line(line, count, order.currency) for line, count in units if count],
        "subtotal": money_text(order.subtotal, order.currency),
        "discount": _unless_zero(order.discount_total, order.currency),
        "shipping": money_text(order.shipping_total, order.currency),
        "tax": _unless_zero(order.tax_total, order.currency),
        "cancelled": "" if gone else _unless_zero(order.cancelled_total, order.currency),
        "total": money_text(order.total if gone else order.due, order.currency),
        "paid": _unless_zero(order.captured_total, order.currency),
        "link": links.order_link(order.number),
    }


def shipment_values(shipment: Shipment) -> Values:
    """One package. `complete`: nothing of the order is left to be sent."""
    lines = {line.pk: line for line in shipment.order.lines.all()}
    currency = shipment.order.currency
    return {
        "number": shipment.number,
        "carrier": shipment.carrier,
        "tracking_number": shipment.tracking_number,
        "lines": [_line(lines[part.line_id], part.quantity, currency) for part in shipment.lines.all()],
        "complete": all(line.shipped == line.units.live for line in lines.values()),
    }


def cancellation_values(order: Order, transition: OrderTransition) -> Values:
    """What has been taken away so far: all of the order (`whole`), or units of it."""
    cancelled = [line for line in order.lines.all() if line.cancelled]
    return {
        "whole": transition.to_status == Status.CANCELLED,
        "expired": transition.verb == "expire",
        "reason": "" if transition.verb == "expire" else transition.reason,
        "lines": [_line(line, line.cancelled, order.currency) for line in cancelled],
        "refund": _unless_zero(max(order.captured_total - order.due, Decimal(0)), order.currency),
    }


def return_values(ret: Return, order: Order, reason: str = "") -> Values:
    """A return read with its lines, of an order read with its own. `reason`: why it was rejected."""
    lines = {line.pk: line for line in order.lines.all()}
    is_back = ret.status == ReturnState.RECEIVED
    units = [(lines[part.line_id], part.received if is_back else part.quantity) for part in ret.lines.all()]
    return {
        "number": ret.number,
        "reason": reason,
        "shop_pays": ret.label_paid_by == LabelPayer.SHOP,
        "lines": [_line(line, count, order.currency) for line, count in units if count],
        "fee": _unless_zero(ret.fee, order.currency),
        "link": links.return_link(order.number, ret.number),
    }


def payment_values(order: Order) -> Values:
    """What is still to be paid, and where."""
    return {
        "open": money_text(order.money().outstanding, order.currency),
        # It was paid already, and has been made more since.
        "added": order.paid_at is not None,
        "link": links.payment_link(order.number),
    }


def gift_card_values(card: GiftCard, code: str) -> Values:
    """A card with what is on it now. `first_name` is the buyer's, of a card that was bought."""
    order = card.bought_with.order if card.bought_with else None
    buyer = _address(order, OrderAddress.Kind.SHIPPING) if order else None
    return {
        "first_name": buyer.first_name if buyer else "",
        "order_number": order.number if order else "",
        "amount": money_text(card.balance, card.currency),
        "code": code,
        "valid_until": format_date(_local(card.expires_at), "long", locale=LOCALE) if card.expires_at else "",
    }


def product_values(product: Product) -> Values:
    """A product as it is sold now."""
    return {
        "name": product.name,
        "sku": product.sku,
        "options": ", ".join(str(value) for value in product.options.values()),
        "price": money_text(product.asked_price, product.currency),
        "link": links.product_link(product.sku),
    }


def person_values(user: User) -> Values:
    return {"first_name": user.first_name}


def closing_values(user: User, erase_at: datetime, link: str) -> Values:
    """Until when the link opens the account again: empty where there is no time to think."""
    until = "" if erase_at <= timezone.now() else format_datetime(_local(erase_at), "d MMMM yyyy, HH:mm", locale=LOCALE)
    return {"person": person_values(user), "erased_on": until, "link": link}


def notice_values(user: User, event: SecurityEvent, fact: LogEntry, device: str) -> Values:
    """What changed about how the person comes in. `by_shop`: staff or an operator did it, not they themselves."""
    actor = Actor.parse(fact.actor)
    return {
        "person": person_values(user),
        "notice": {
            "what": event.what,
            "happened_at": format_datetime(_local(fact.created_at), "d MMMM yyyy, HH:mm zzz", locale=LOCALE),
            "device": device[:DEVICE_LENGTH],
            "issuer": title_of(getattr(event, "issuer", "")),
            "by_shop": actor.kind == "system" or actor.user_id not in {None, user.pk},
        },
        "link": links.login_link(),
    }


def _line(line: OrderLine, quantity: int, currency: str) -> Values:
    return {
        "name": line.name,
        "sku": line.sku,
        "options": ", ".join(str(value) for value in line.options.values()),
        "quantity": quantity,
        "unit_price": money_text(line.unit_price, currency),
        "amount": money_text(line.unit_price * quantity, currency),
    }


def _address(order: Order, kind: str) -> OrderAddress | None:
    return next((found for found in order.addresses.all() if found.kind == kind), None)


def _lines_of(address: OrderAddress) -> list[str]:
    lines = [
        f"{address.first_name} {address.last_name}",
        address.company,
        address.line1,
        address.line2,
        f"{address.postal_code} {address.city}",
        address.region,
        address.get_country_display(),
    ]
    return [line.strip() for line in lines if line.strip()]
