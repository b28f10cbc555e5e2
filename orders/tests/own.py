"""People and partners of some warehouses, and orders whose goods lie in two."""

from typing import Any

from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Partner
from accounts.tests.factories import PartnerFactory, UserFactory, client_for, partner_client
from inventory.models import StockLevel
from inventory.tests.factories import WarehouseFactory, stock
from orders.models import Order, Shipment
from orders.services import pack_shipment
from orders.tests.back_office import ask_url
from orders.tests.factories import TESTS, buyable, paid

NEAR, FAR, BOTH, NONE = ["NEAR"], ["FAR"], ["NEAR", "FAR"], list[str]()


def two_warehouses() -> None:
    """Ten mugs lie near, which comes first, and twenty far away."""
    near, far = WarehouseFactory(code="NEAR", priority=1), WarehouseFactory(code="FAR", priority=2)
    buyable("MUG", quantity=10, warehouse=near)
    stock("MUG", 20, warehouse=far)


def person(*warehouses: str, role: str = "warehouse") -> APIClient:
    return client_for(UserFactory(role=role, warehouses=list(warehouses)))


def partner(warehouses: list[str] | None) -> APIClient:
    return partner_client(PartnerFactory(warehouses=warehouses))


def browser(*warehouses: str, role: str = "warehouse") -> Client:
    client = Client()
    client.force_login(UserFactory(role=role, warehouses=list(warehouses)))
    return client


def split(partner: Partner | None = None) -> Order:
    """Ten mugs of it lie near, twelve far away."""
    order = paid(("MUG", 22))
    assert StockLevel.objects.filter(reserved__gt=0).count() == 2
    if partner:
        Order.objects.filter(pk=order.pk).update(partner=partner)
    return order


def near_and_far(order: Order) -> tuple[Shipment, Shipment]:
    """A package from each, as the unlimited packed them."""
    near, far = (pack_shipment(order_id=order.pk, warehouse=code, by=TESTS) for code in BOTH)
    return near, far


def packed() -> list[tuple[str, str]]:
    return list(Shipment.objects.order_by("id").values_list("warehouse__code", "status"))


def confirmed(client: Client, order: Order, action: str, **answers: Any) -> Any:
    shown = client.post(ask_url(order, action), {"intent": "look", **answers})
    seen = shown.context["seen"] if shown.context else ""
    return client.post(ask_url(order, action), {"intent": "do", "seen": seen, **answers})
