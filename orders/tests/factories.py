"""Orders for tests, brought to any stage by the services themselves."""

from decimal import Decimal

from accounts.models import User
from api.actors import Actor
from catalog.models import Product
from catalog.services import create_product
from inventory.models import Warehouse
from inventory.tests.factories import stock
from orders.models import Order
from orders.services import (
    DirectOrder,
    Owner,
    Totals,
    deliver_shipment,
    pack_shipment,
    place_direct_order,
    record_payment_totals,
    ship_shipment,
)

TESTS = Actor.system("tests")
ADDRESS = {"last_name": "Example", "line1": "1 High Street", "city": "Berlin", "postal_code": "10115", "country": "DE"}


def buyable(
    sku: str = "MUG", *, quantity: int = 10, price: str = "10.00", warehouse: Warehouse | None = None
) -> Product:
    """A published product with stock."""
    product = create_product(
        sku=sku, fields={"name": sku.title(), "price": Decimal(price), "currency": "EUR", "published": True}, by=TESTS
    )
    stock(sku, quantity, warehouse=warehouse)
    return product


def owner(user: User | None = None) -> Owner:
    return Owner(user_id=user.pk, email=user.email) if user else Owner(email="guest@example.com")


def place(*lines: tuple[str, int], user: User | None = None) -> Order:
    """A pending order; a single mug unless lines are given."""
    direct = DirectOrder(owner=owner(user), lines=lines or [("MUG", 1)], shipping_address=ADDRESS)
    return place_direct_order(direct=direct, by=TESTS)


def pay(order: Order, amount: Decimal | None = None) -> Order:
    captured = order.due if amount is None else amount
    totals = Totals(authorized=captured, captured=captured, refunded=Decimal(0))
    return record_payment_totals(order_id=order.pk, totals=totals, by=TESTS)


def paid(*lines: tuple[str, int], user: User | None = None) -> Order:
    return pay(place(*lines, user=user))


def shipped(*lines: tuple[str, int], user: User | None = None) -> Order:
    """All of it in one package that the carrier has."""
    order = paid(*lines, user=user)
    ship_shipment(
        shipment_id=pack_shipment(order_id=order.pk, by=TESTS).pk, carrier="DHL", tracking_number="T1", by=TESTS
    )
    return fresh(order)


def delivered(*lines: tuple[str, int], user: User | None = None) -> Order:
    order = shipped(*lines, user=user)
    for shipment in order.shipments.all():
        deliver_shipment(shipment_id=shipment.pk, by=TESTS)
    return fresh(order)


def fresh(order: Order) -> Order:
    """The order as the database has it now."""
    return Order.objects.whole().get(pk=order.pk)
