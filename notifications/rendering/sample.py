"""What an e-mail is filled with, as an example: for previews, test mails and the check of a template."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from accounts.events import IdentityLinked
from accounts.models import User
from audit.models import LogEntry
from catalog.models import Product
from notifications import links
from notifications.rendering.contexts import (
    Values,
    cancellation_values,
    closing_values,
    gift_card_values,
    notice_values,
    order_values,
    payment_values,
    person_values,
    product_values,
    return_values,
    shipment_values,
    shop_values,
)
from notifications.states import Kind
from orders.models import Order, OrderAddress, OrderLine, OrderTransition, Return, ReturnLine, Shipment, ShipmentLine
from orders.states import LabelPayer, ReturnState, ShipmentStatus, Status
from payments.models import GiftCard


def sample(kind: str) -> Values:
    """Every variable of this kind of e-mail. Nothing of it is in the database."""
    return {"shop": shop_values()} | SAMPLES[Kind(kind)]()


def sample_order() -> Order:
    """An order of two lines, put together in memory; it passes through the same code as a real one."""
    now = timezone.now()
    order = Order(
        pk=0,
        number="W0042",
        reference="PO-7",
        currency="EUR",
        subtotal=Decimal("63.00"),
        discount_total=Decimal("5.00"),
        shipping_total=Decimal("5.00"),
        tax_total=Decimal("11.60"),
        total=Decimal("74.60"),
        captured_total=Decimal("74.60"),
        created_at=now,
        expires_at=now + timedelta(minutes=30),
    )
    lines = [
        _line(1, "TEAPOT-BLUE", "Blue teapot", {"colour": "blue"}, Decimal("39.00"), 1),
        _line(2, "CUP-BLUE", "Blue cup", {"colour": "blue", "size": "M"}, Decimal("6.00"), 4),
    ]
    address = OrderAddress(
        kind=OrderAddress.Kind.SHIPPING,
        first_name="Ada",
        last_name="Example",
        line1="1 High Street",
        postal_code="10115",
        city="Berlin",
        country="DE",
    )
    order._prefetched_objects_cache = {"lines": lines, "addresses": [address]}  # type: ignore[attr-defined]
    return order


def _line(number: int, sku: str, name: str, options: dict[str, str], price: Decimal, quantity: int) -> OrderLine:
    line = OrderLine(pk=number, sku=sku, name=name, options=options, unit_price=price, quantity=quantity)
    line.cancelled, line.shipped = (1, quantity - 1) if quantity > 1 else (0, quantity)
    return line


def sample_shipment() -> Shipment:
    order = sample_order()
    shipment = Shipment(
        pk=0,
        order=order,
        number="W0042-1",
        status=ShipmentStatus.SHIPPED,
        carrier="DHL",
        tracking_number="JD014600003SE",
    )
    parts = [ShipmentLine(line=line, quantity=line.shipped) for line in order.lines.all()]
    shipment._prefetched_objects_cache = {"lines": parts}  # type: ignore[attr-defined]
    return shipment


def _order() -> Values:
    return {"order": order_values(sample_order())}


def _shipped() -> Values:
    shipment = sample_shipment()
    return {"order": order_values(shipment.order), "shipment": shipment_values(shipment)}


def _cancelled() -> Values:
    order = sample_order()
    order.cancelled_total = order.total
    for line in order.lines.all():
        line.cancelled = line.quantity
    change = OrderTransition(verb="cancel", to_status=Status.CANCELLED, reason="Ordered by mistake")
    return {"order": order_values(order), "cancellation": cancellation_values(order, change)}


def _returned(status: ReturnState, reason: str = "") -> Values:
    order = sample_order()
    ret = Return(pk=0, order=order, number="W0042-R1", status=status, label_paid_by=LabelPayer.SHOP)
    parts = [ReturnLine(line=line, quantity=1, received=1) for line in order.lines.all()]
    ret._prefetched_objects_cache = {"lines": parts}  # type: ignore[attr-defined]
    ret.fee = Decimal("2.50") if status == ReturnState.RECEIVED else Decimal(0)
    return {"order": order_values(order), "return": return_values(ret, order, reason)}


def _reminded() -> Values:
    order = sample_order()
    order.captured_total = Decimal("20.00")
    return {"order": order_values(order), "payment": payment_values(order)}


def _gift_card() -> Values:
    card = GiftCard(balance=Decimal("25.00"), currency="EUR", expires_at=timezone.now() + timedelta(days=3 * 365))
    card.bought_with = OrderLine(order=sample_order())
    return {"gift_card": gift_card_values(card, "A0B1-C2D3-E4F5-G6H7")}


def _back_in_stock() -> Values:
    product = Product(sku="TEAPOT-BLUE", name="Blue teapot", options={"colour": "blue"}, currency="EUR")
    product.asked_price = Decimal("39.00")
    return {"person": person_values(User(first_name="Ada")), "product": product_values(product)}


def _low_stock() -> Values:
    names = ("sku", "name", "warehouse", "available", "incoming")
    rows = (("TEAPOT-BLUE", "Blue teapot", "Main", "2", "24"), ("CUP-BLUE", "Blue cup", "Main", "0", ""))
    levels = [dict(zip(names, row, strict=True)) for row in rows]
    stock = {"levels": levels, "more": True, "link": links.low_stock_link()}
    return {"person": person_values(User(first_name="Ada")), "stock": stock}


def _person(link: str) -> Values:
    return {"person": person_values(User(first_name="Ada")), "link": link}


def _closed() -> Values:
    return closing_values(User(first_name="Ada"), timezone.now() + timedelta(days=14), links.keep_link("example-key"))


def _noticed() -> Values:
    fact = LogEntry(actor="guest:guest", created_at=timezone.now())
    event = IdentityLinked(user_id=0, issuer="google")
    return notice_values(User(first_name="Ada"), event, fact, "Example Shop 3.1 (iPhone; iOS 26.1)")


SAMPLES: dict[Kind, Callable[[], Values]] = {
    Kind.ORDER_PLACED: _order,
    Kind.ORDER_PAID: _order,
    Kind.ORDER_SHIPPED: _shipped,
    Kind.ORDER_CANCELLED: _cancelled,
    Kind.RETURN_REQUESTED: lambda: _returned(ReturnState.REQUESTED),
    Kind.RETURN_APPROVED: lambda: _returned(ReturnState.APPROVED),
    Kind.RETURN_REJECTED: lambda: _returned(ReturnState.REJECTED, "Asked for after the end of the period"),
    Kind.RETURN_RECEIVED: lambda: _returned(ReturnState.RECEIVED),
    Kind.PAYMENT_REMINDER: _reminded,
    Kind.GIFT_CARD: _gift_card,
    Kind.BACK_IN_STOCK: _back_in_stock,
    Kind.LOW_STOCK: _low_stock,
    Kind.VERIFY_EMAIL: lambda: _person(links.verification_link("example-key")),
    Kind.PASSWORD_RESET: lambda: _person(links.reset_link("example-key")),
    Kind.ALREADY_REGISTERED: lambda: _person(links.login_link()),
    Kind.EXPORT_READY: lambda: _person(links.export_link()),
    Kind.ACCOUNT_CLOSED: _closed,
    Kind.SECURITY_NOTICE: _noticed,
}
