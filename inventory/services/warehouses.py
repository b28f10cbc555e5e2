"""Opening, changing and closing the places where stock lies."""

from typing import TypedDict, Unpack

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from inventory.errors import WarehouseInUse
from inventory.events import WarehouseChanged, WarehouseCreated, WarehouseDeleted
from inventory.models import Warehouse
from kernel.errors import Invalid, NotFound


class Place(TypedDict, total=False):
    """Where a warehouse stands, as far as is given."""

    line1: str
    city: str
    postal_code: str
    region: str
    country: str


@verb
def create_warehouse(
    *, code: str, name: str, active: bool = True, priority: int = 100, by: Actor, **place: Unpack[Place]
) -> Warehouse:
    """Open a warehouse. Raises `Invalid` when its code is taken."""
    try:
        with transaction.atomic():
            warehouse = Warehouse.objects.create(code=code, name=name, active=active, priority=priority, **place)
    except IntegrityError as error:
        raise Invalid(f"There is a warehouse {code} already.", field="code") from error
    publish(WarehouseCreated(warehouse_id=warehouse.pk), by=by)
    return warehouse


@verb
def update_warehouse(
    *,
    code: str,
    name: str | None = None,
    active: bool | None = None,
    priority: int | None = None,
    by: Actor,
    **place: Unpack[Place],
) -> Warehouse:
    """Change what is given; the code stays. An inactive warehouse sells nothing, and ships what it promised."""
    warehouse = _lock(code)
    given = {"name": name, "active": active, "priority": priority, **place}
    changed = [field for field, value in given.items() if value not in (None, getattr(warehouse, field))]
    if not changed:
        return warehouse
    for field in changed:
        setattr(warehouse, field, given[field])
    warehouse.save(update_fields=changed)
    publish(WarehouseChanged(warehouse_id=warehouse.pk), by=by)
    return warehouse


@verb
def delete_warehouse(*, code: str, by: Actor) -> None:
    """Remove a warehouse that nothing was ever kept in, sent to or asked of. Raises `WarehouseInUse` for any other."""
    warehouse = _lock(code)
    if warehouse.levels.exists():
        raise WarehouseInUse()
    deleted = WarehouseDeleted(warehouse_id=warehouse.pk)
    try:
        warehouse.delete()
    except ProtectedError as error:
        raise WarehouseInUse() from error
    publish(deleted, by=by)


def _lock(code: str) -> Warehouse:
    warehouse = Warehouse.objects.select_for_update().filter(code=code).first()
    if warehouse is None:
        raise NotFound(f"There is no warehouse {code}.")
    return warehouse
