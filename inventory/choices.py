"""Codes of warehouses, for forms of apps that know none of them."""

from inventory.models import Warehouse


def warehouses() -> list[tuple[str, str]]:
    return list(Warehouse.objects.order_by("name").values_list("code", "name"))
