"""Goods that take their time between our own warehouses: sent, then received or taken back.

Locks: the transfer, then the levels by id.
"""

from collections.abc import Mapping, Sequence

from django.utils import timezone

from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from inventory.errors import InsufficientStock, TransferClosed
from inventory.events import TransferCancelled, TransferReceived, TransferSent
from inventory.models import StockItem, StockLevel, StockMovement, Transfer, TransferLine, Warehouse
from inventory.services.levels import lock_places
from inventory.services.movements import Cause, Move, move
from kernel.errors import FieldProblem, Invalid, NotFound


@verb
def send_transfer(*, from_code: str, to_code: str, lines: Mapping[str, int], by: Actor) -> Transfer:
    """Send units ({sku: quantity}) on their way: they leave the shelf now and arrive when they are received.

    Promised units stay. Raises `InsufficientStock` when fewer are free, `Invalid` naming the field.
    """
    source, target = _warehouses(from_code, to_code)
    items = _items(lines)
    levels = lock_places([(item.pk, source.pk) for item in items.values()])
    shelf = {sku: levels[item.pk, source.pk] for sku, item in items.items()}
    _check_free(lines, shelf, from_code)
    transfer = Transfer.objects.create(source=source, target=target, sent_at=timezone.now())
    TransferLine.objects.bulk_create(
        TransferLine(transfer=transfer, item=items[sku], quantity=quantity) for sku, quantity in lines.items()
    )
    move([Move(shelf[sku], -quantity) for sku, quantity in lines.items()], _cause(transfer, by))
    publish(TransferSent(transfer_id=transfer.pk), by=by)
    return transfer


@verb
def receive_transfer(
    *, number: str, received: Mapping[str, int] | None = None, loss_reason: str = "", by: Actor
) -> Transfer:
    """Put what arrived ({sku: quantity}, without it all) on the shelf of the target.

    What did not arrive is lost, which needs a reason. Raises `NotFound`, `TransferClosed`, `Invalid`.
    """
    transfer = _lock(number)
    lines = list(transfer.lines.select_related("item").order_by("id"))
    arrived = _arrived(lines, received)
    lost = sum(line.quantity - arrived[line.item.sku] for line in lines)
    if lost and not loss_reason.strip():
        raise Invalid(f"{lost} units did not arrive. Say why.", field="loss_reason")
    _put(transfer, transfer.target_id, {line.item_id: arrived[line.item.sku] for line in lines}, by)
    for line in lines:
        line.received = arrived[line.item.sku]
    TransferLine.objects.bulk_update(lines, ["received"])
    transfer.loss_reason = loss_reason.strip() if lost else ""
    _close(transfer, Transfer.State.RECEIVED)
    publish(TransferReceived(transfer_id=transfer.pk, lost=lost), by=by)
    return transfer


@verb
def cancel_transfer(*, number: str, by: Actor) -> Transfer:
    """Put all of it back where it came from. Raises `NotFound` and `TransferClosed`."""
    transfer = _lock(number)
    _put(transfer, transfer.source_id, dict(transfer.lines.values_list("item_id", "quantity")), by)
    _close(transfer, Transfer.State.CANCELLED)
    publish(TransferCancelled(transfer_id=transfer.pk), by=by)
    return transfer


def _warehouses(from_code: str, to_code: str) -> tuple[Warehouse, Warehouse]:
    if from_code == to_code:
        raise Invalid("Name two different warehouses.", field="to_warehouse")
    found = {warehouse.code: warehouse for warehouse in Warehouse.objects.filter(code__in=[from_code, to_code])}
    for code, field in ((from_code, "from_warehouse"), (to_code, "to_warehouse")):
        if code not in found:
            raise Invalid(f"There is no warehouse {code}.", field=field)
    return found[from_code], found[to_code]


def _items(lines: Mapping[str, int]) -> dict[str, StockItem]:
    if not lines:
        raise Invalid("Name at least one item.", field="lines")
    found = {item.sku: item for item in StockItem.objects.filter(sku__in=lines)}
    for sku, quantity in lines.items():
        if sku not in found:
            raise Invalid(f"There is no item {sku}.", field="sku")
        if quantity < 1:
            raise Invalid("At least one unit.", field="quantity")
    return {sku: found[sku] for sku in lines}


def _check_free(lines: Mapping[str, int], shelf: Mapping[str, StockLevel], code: str) -> None:
    free = {sku: max(level.on_hand - level.reserved, 0) for sku, level in shelf.items()}
    short = [sku for sku, quantity in lines.items() if quantity > free[sku]]
    if short:
        told = ", ".join(f"{free[sku]} of {sku}" for sku in short)
        raise InsufficientStock(
            f"Only {told} are free to leave {code}.",
            field="quantity",
            items=[{"sku": sku, "requested": lines[sku], "available": free[sku]} for sku in short],
        )


def _arrived(lines: Sequence[TransferLine], received: Mapping[str, int] | None) -> dict[str, int]:
    sent = {line.item.sku: line.quantity for line in lines}
    if received is None:
        return sent
    wrong = [
        FieldProblem("lines", "invalid", f"{sku}: from 0 to {sent.get(sku, 0)} units were sent.")
        for sku, units in received.items()
        if not 0 <= units <= sent.get(sku, -1)
    ]
    if wrong:
        raise Invalid(wrong[0].detail, problems=wrong)
    return {sku: received.get(sku, 0) for sku in sent}


def _put(transfer: Transfer, warehouse_id: int, units: Mapping[int, int], by: Actor) -> None:
    there = {item: quantity for item, quantity in units.items() if quantity}
    levels = lock_places([(item, warehouse_id) for item in there])
    moves = [Move(levels[item, warehouse_id], quantity) for item, quantity in there.items()]
    if moves:
        move(moves, _cause(transfer, by))


def _cause(transfer: Transfer, by: Actor) -> Cause:
    return Cause(StockMovement.Kind.TRANSFERRED, transfer.cause, by)


def _lock(number: str) -> Transfer:
    transfer = Transfer.objects.select_for_update(of=("self",)).select_related("source", "target").filter(number=number)
    found = transfer.first()
    if found is None:
        raise NotFound("There is no such transfer.")
    if found.state != Transfer.State.IN_TRANSIT:
        raise TransferClosed(f"{number} is {found.get_state_display()} already.")
    return found


def _close(transfer: Transfer, state: Transfer.State) -> None:
    transfer.state, transfer.closed_at = state, timezone.now()
    transfer.save(update_fields=["state", "closed_at", "loss_reason"])
