"""Fetching: each scan confirms units, and what is not there is said with its reason."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from inventory.models import Warehouse
from kernel.errors import Invalid, NotFound
from orders.bench.errors import WrongItem
from orders.bench.lists import end, lock_list
from orders.errors import TooMany
from orders.events import PickedShort
from orders.models import Order, OrderLine, PickList, PickTask, ShortPick
from orders.owned import warehouses_of


@verb
def confirm_pick(*, list_id: int, code: str, quantity: int = 1, task_id: int | None = None, by: Actor) -> PickTask:
    """Count units that were taken from their shelf, by SKU or barcode; `task_id` says for which order.

    The last one finishes the list. Raises `NotFound`, `NotAllowedNow` (the list is over), `WrongItem`, `TooMany`.
    """
    pick_list = lock_list(list_id, by)
    tasks = _tasks(pick_list)
    named = [task for task in tasks if is_meant(task.line, code) and task_id in {None, task.pk}]
    if not named:
        raise WrongItem(f"{code.strip()[:64]} is not on this list.", field="code")
    task = next((task for task in named if task.left), None)
    if task is None:
        raise WrongItem(f"All of {named[0].sku} is picked already.", field="code")
    if quantity > task.left:
        raise TooMany(f"{task.sku}: at most {task.left} units.", field="quantity")
    task.picked = max(task.picked, task.packed) + quantity
    task.save(update_fields=["picked"])
    _went_on(pick_list, tasks, by)
    return task


@verb
def short_pick(*, task_id: int, quantity: int, reason: str, by: Actor) -> PickTask:
    """Say that units were not to be had. Their order stays open for them. Raises as `confirm_pick`, and `Invalid`."""
    asked = PickTask.objects.filter(pk=task_id).first()
    if asked is None:
        raise NotFound("There is no such task.", field="task")
    _lock_order(asked.order_id)
    pick_list = lock_list(asked.pick_list_id, by)
    tasks = _tasks(pick_list)
    task = next((task for task in tasks if task.pk == task_id), None)
    if task is None or not 1 <= quantity <= task.left:
        raise TooMany(f"At most {task.left if task else 0} units are still to be picked.", field="quantity")
    record_short(task.line, pick_list.warehouse, quantity, reason, pick_list=pick_list, by=by)
    task.short += quantity
    task.save(update_fields=["short"])
    _went_on(pick_list, tasks, by)
    return task


@verb
def short_at_bench(*, line_id: int, warehouse: str, quantity: int, reason: str, by: Actor) -> ShortPick:
    """Say at the bench that units did not come with the others. Raises `NotFound`, `TooMany`, `Invalid`."""
    line = OrderLine.objects.filter(pk=line_id).first()
    place = Warehouse.objects.filter(code=warehouse).first()
    own = warehouses_of(by)
    if line is None or place is None or (own is not None and warehouse not in own):
        raise NotFound("There is no such line here.", field="line")
    _lock_order(line.order_id)
    if not 1 <= quantity <= line.units.unpacked:
        raise TooMany(f"{line.sku}: at most {line.units.unpacked} units.", field="quantity")
    task = PickTask.objects.select_for_update().filter(line=line, warehouse=place, closed_at=None).first()
    if task is not None:
        _take_back(task, quantity)
    return record_short(line, place, quantity, reason, pick_list=task.pick_list if task else None, by=by)


def record_short(
    line: OrderLine, place: Warehouse, quantity: int, reason: str, *, pick_list: PickList | None, by: Actor
) -> ShortPick:
    if reason not in ShortPick.Reason.values:
        raise Invalid(f"One of: {', '.join(ShortPick.Reason.values)}.", field="reason")
    found = ShortPick.objects.create(
        order_id=line.order_id, line=line, warehouse=place, pick_list=pick_list, quantity=quantity, reason=reason,
        actor=str(by),
    )  # fmt: skip
    publish(PickedShort(short_pick_id=found.pk), by=by)
    return found


def note_packed(units: Mapping[int, int], *, warehouse_id: int, at: datetime) -> None:
    """Units of lines went into a package: whoever has them on a list need not fetch them any more."""
    tasks = list(
        PickTask.objects.select_for_update()
        .filter(line__in=units, warehouse=warehouse_id, closed_at=None)
        .order_by("pk")
    )
    for task in tasks:
        task.packed += units[task.line_id]
        if task.packed >= task.quantity - task.short:
            task.closed_at = at
    PickTask.objects.bulk_update(tasks, ["packed", "closed_at"])


def is_meant(line: OrderLine, code: str) -> bool:
    """Whether a code is the line's SKU, in any case, or the barcode of its product."""
    said = code.strip()
    return bool(said) and (said.upper() == line.sku.upper() or said == line.product.barcode)


def _tasks(pick_list: PickList) -> list[PickTask]:
    """In the order in which scans are counted: the oldest promise first."""
    rows = pick_list.tasks.filter(Q(closed_at=None)).select_related("line__product")
    return list(rows.select_for_update(of=("self",)).order_by("pk"))


def _lock_order(order_id: int) -> None:
    """Whoever packs locks the order before its tasks, and a short pick points at both."""
    Order.objects.select_for_update().only("pk").get(pk=order_id)


def _went_on(pick_list: PickList, tasks: Iterable[PickTask], by: Actor) -> None:
    """The first scan says who picks, the last one that all is done."""
    if pick_list.state == PickList.State.OPEN:
        pick_list.state, pick_list.assigned_to_id = PickList.State.PICKING, by.user_id
        pick_list.save(update_fields=["state", "assigned_to"])
    if not any(task.left for task in tasks):
        end(pick_list, PickList.State.DONE)


def _take_back(task: PickTask, quantity: int) -> None:
    """It was counted as picked, and is not there: the shelf is asked again by another list."""
    task.short = min(task.short + quantity, task.quantity)
    task.picked = min(task.picked, task.quantity - task.short)
    if task.packed >= task.quantity - task.short:
        task.closed_at = timezone.now()
    task.save(update_fields=["short", "picked", "closed_at"])
