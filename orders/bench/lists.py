"""Making pick lists, and ending them."""

from collections.abc import Iterable

from django.utils import timezone

from api.actors import Actor
from audit.verbs import verb
from inventory.models import Warehouse
from kernel.errors import Invalid, NotAllowedNow, NotFound
from orders.bench.bins import bins_of
from orders.bench.candidates import unlisted_lines
from orders.bench.errors import NothingToPick
from orders.models import OrderLine, PickList, PickTask
from orders.owned import warehouses_of

MOST_ORDERS = 50
READ_AT_ONCE = 500


@verb
def make_pick_list(*, warehouse: str, orders: int = 10, by: Actor) -> PickList:
    """Send somebody through a warehouse (a code) for the `orders` with the oldest promises.

    Only for units that may be packed and that no other list asks for. Raises `NotFound`, `Invalid`, `NothingToPick`.
    """
    if not 1 <= orders <= MOST_ORDERS:
        raise Invalid(f"1 to {MOST_ORDERS} orders.", field="orders")
    # Two lists of one warehouse are made one after the other; nobody else waits.
    place = Warehouse.objects.select_for_update(no_key=True).filter(code=warehouse).first()
    own = warehouses_of(by)
    if place is None or (own is not None and warehouse not in own):
        raise NotFound("There is no such warehouse.", field="warehouse")
    # Read no further than the last order wanted: the backlog may be long, and the warehouse is locked.
    lines = list(_of_first_orders(unlisted_lines(place).iterator(chunk_size=READ_AT_ONCE), orders))
    if not lines:
        raise NothingToPick()
    made = PickList.objects.create(warehouse=place, created_by=str(by))
    bins = bins_of((line.sku, place.pk) for line in lines)
    PickTask.objects.bulk_create(
        PickTask(
            pick_list=made,
            order_id=line.order_id,
            line=line,
            warehouse=place,
            sku=line.sku,
            bin=bins[line.sku, place.pk],
            quantity=line.here,  # type: ignore[attr-defined]  # annotated
        )
        for line in lines
    )
    made.refresh_from_db(fields=["number"])
    return made


@verb
def finish_pick_list(*, list_id: int, by: Actor) -> PickList:
    """The walk is over: what was not fetched may be put on another list. Raises `NotFound`, `NotAllowedNow`."""
    found = lock_list(list_id, by)
    end(found, PickList.State.DONE)
    return found


@verb
def cancel_pick_list(*, list_id: int, by: Actor) -> PickList:
    """Nobody walks, or what was fetched goes back to its shelf. Raises `NotFound`, `NotAllowedNow`."""
    found = lock_list(list_id, by)
    end(found, PickList.State.CANCELLED)
    return found


def end(pick_list: PickList, state: PickList.State) -> None:
    """Close what nobody waits for; what was fetched and is not packed yet stays with its list."""
    now = timezone.now()
    # Whoever packs meanwhile closes what is packed.
    open_tasks = pick_list.tasks.select_related("line").filter(closed_at=None)
    tasks = list(open_tasks.select_for_update(of=("self",)).order_by("pk"))
    for task in tasks:
        fetched = max(task.picked, task.packed)
        if state == PickList.State.CANCELLED or min(fetched, task.wanted) <= task.packed:
            task.closed_at = now
        else:
            task.quantity = fetched + task.short
    PickTask.objects.bulk_update(tasks, ["closed_at", "quantity"])
    pick_list.state, pick_list.finished_at = state, now
    pick_list.save(update_fields=["state", "finished_at"])


def lock_list(list_id: int, by: Actor) -> PickList:
    """An active list of a warehouse of `by`, locked. Raises `NotFound`, `NotAllowedNow`."""
    found = PickList.objects.select_for_update(of=("self",)).select_related("warehouse").filter(pk=list_id).first()
    own = warehouses_of(by)
    if found is None or (own is not None and found.warehouse.code not in own):
        raise NotFound("There is no such pick list.")
    if not found.is_active:
        raise NotAllowedNow(f"Pick list {found.number} is {found.state}.")
    return found


def _of_first_orders(lines: Iterable[OrderLine], most: int) -> Iterable[OrderLine]:
    seen: set[int] = set()
    for line in lines:
        seen.add(line.order_id)
        if len(seen) > most:
            return
        yield line
