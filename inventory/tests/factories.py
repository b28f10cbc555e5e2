"""Stock for tests, put there by the services."""

from typing import Any

import factory
from factory.django import DjangoModelFactory

from api.actors import Actor
from inventory.models import StockItem, StockLevel, Warehouse
from inventory.services import receive_stock

TESTS = Actor.system("tests")


class WarehouseFactory(DjangoModelFactory[Warehouse]):
    class Meta:
        model = Warehouse

    code = factory.Sequence(lambda n: f"W{n + 1}")
    name = factory.LazyAttribute(lambda warehouse: f"Warehouse {warehouse.code}")
    priority = factory.Sequence(lambda n: n + 1)


class StockItemFactory(DjangoModelFactory[StockItem]):
    class Meta:
        model = StockItem

    sku = factory.Sequence(lambda n: f"SKU-{n + 1}")


def stock(sku: str, quantity: int, *, warehouse: Warehouse | None = None) -> StockLevel:
    """So many more units of the item on hand: at the warehouse, or at the first there is (made if none)."""
    place = warehouse or Warehouse.objects.first() or WarehouseFactory()
    StockItem.objects.get_or_create(sku=sku)
    if not quantity:
        item = StockItem.objects.get(sku=sku)
        return StockLevel.objects.get_or_create(item=item, warehouse=place)[0]
    found: Any = receive_stock(sku=sku, warehouse_code=place.code, quantity=quantity, cause="tests", by=TESTS)
    return StockLevel.objects.get(pk=found.level_id)
