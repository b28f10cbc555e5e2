"""A link for tests that no network is behind."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from inventory.wms.base import Page, StockFact
from inventory.wms.rest import RestAdapter

SECRET = "a-secret-of-the-tests-0123456789abcdef"
LINK: dict[str, Any] = {
    "adapter": "inventory.wms.rest.RestAdapter",
    "url": "http://127.0.0.1:9",
    "key_id": "tests",
    "secrets": [SECRET],
    "warehouses": {"MAIN": "MAIN"},
    "fulfils": True,
    "tolerance_units": 10,
    "tolerance_percent": 20,
    "rise_units": 1000,
    "seconds": 60,
    "snapshot_seconds": 86_400,
}


class OddAdapter(RestAdapter):
    """Of a WMS that does what nobody thought of."""

    def changes(self, cursor: str) -> Page:
        raise ZeroDivisionError("odd \ud800")


def at(seconds: float) -> datetime:
    """So many seconds after what has just been done, as their clock has it: a little ahead of ours."""
    return timezone.now().astimezone(UTC) + timedelta(seconds=seconds)


def says(on_hand: Any, as_of: datetime | None, *, sku: str = "MUG", warehouse: str = "MAIN") -> StockFact:
    return StockFact(sku, warehouse, on_hand, as_of)
