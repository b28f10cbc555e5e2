"""What a person does with a number that no rule believed: take it over, leave it, or have it judged anew."""

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from inventory.events import StockAdjusted
from inventory.models import MAX_ON_HAND, StockLevel, StockMovement
from inventory.services.movements import Cause, Move, move
from inventory.wms.apply import apply_facts
from inventory.wms.base import StockFact
from inventory.wms.judge import target_of
from inventory.wms.links import link_named
from inventory.wms.models import WmsDifference, WmsFact
from inventory.wms.reads import since_then
from inventory.wms.states import DifferenceState
from kernel.errors import NotAllowedNow, NotFound

State = DifferenceState
JUDGED_AGAIN = frozenset({State.REFUSED, State.QUARANTINED, State.IGNORED})


@verb
def approve(*, difference_id: int, by: Actor) -> WmsDifference:
    """Believe it: the level becomes what was counted, and what came and went here since.

    Raises `NotFound`, and `NotAllowedNow` for one that does not wait.
    """
    difference, level = _lock(difference_id)
    if difference.state != State.QUARANTINED or level is None or difference.as_of is None:
        raise NotAllowedNow("This number does not wait for a person.")
    since = since_then({level.pk: difference.as_of}).get(level.pk, 0)
    target = min(target_of(difference.theirs or 0, since), MAX_ON_HAND)
    difference.ours, difference.since, difference.target = level.on_hand, since, target
    cause = Cause(StockMovement.Kind.SYNCED, f"wms:{difference.link}:difference {difference.pk}", by)
    (movement,) = move([Move(level, target - level.on_hand)], cause)
    WmsFact.objects.filter(level=level, as_of=difference.as_of).update(applied_as_of=difference.as_of)
    publish(StockAdjusted(level_id=level.pk, movement_id=movement.pk), by=by)
    return _decide(difference, State.APPROVED, by)


@verb
def ignore(*, difference_id: int, by: Actor) -> WmsDifference:
    """Leave our number; it does not wait again while both sides say the same. Raises as `approve`."""
    difference, _ = _lock(difference_id)
    if difference.state != State.QUARANTINED:
        raise NotAllowedNow("This number does not wait for a person.")
    return _decide(difference, State.IGNORED, by)


@verb
def replay(*, difference_id: int, by: Actor) -> WmsDifference:
    """Judge it by the rules and the goods of now, such as an item made since. Returns what came of it.

    Raises `NotFound`, and `NotAllowedNow` for one that was taken over, or has been overtaken.
    """
    difference, level = _lock(difference_id)
    if difference.state not in JUDGED_AGAIN or difference.as_of is None:
        raise NotAllowedNow("There is nothing to be judged anew.")
    if level is not None and WmsFact.objects.filter(level=level, as_of__gt=difference.as_of).exists():
        raise NotAllowedNow("A newer number is known.")
    _decide(difference, State.OVERTAKEN, by)
    link = link_named(difference.link)
    fact = StockFact(difference.sku, link.theirs(difference.code), difference.theirs, difference.as_of)
    # What it said shall be news once more.
    just_before = difference.as_of - timedelta(microseconds=1)
    WmsFact.objects.filter(level=level, as_of=difference.as_of).update(as_of=just_before)
    cause = f"wms:{link.name}:replay {difference.pk}"
    _, rows = apply_facts(link=link, facts=[fact], cause=cause, by=by, run_id=difference.run_id)
    return rows[0] if rows else difference


def _lock(difference_id: int) -> tuple[WmsDifference, StockLevel | None]:
    """Levels before differences, as a run locks them."""
    found = WmsDifference.objects.filter(pk=difference_id)
    level_id = found.values_list("level_id", flat=True).first()
    level = _levels().filter(pk=level_id).first() if level_id else None
    difference = found.select_for_update().first()
    if difference is None:
        raise NotFound("There is no such difference.")
    return difference, level


def _levels() -> QuerySet[StockLevel]:
    return StockLevel.objects.select_related("item", "warehouse").select_for_update(of=("self",))


def _decide(difference: WmsDifference, state: State, by: Actor) -> WmsDifference:
    difference.state, difference.decided_at, difference.decided_by = state, timezone.now(), str(by)
    difference.save(update_fields=["state", "decided_at", "decided_by", "ours", "since", "target"])
    return difference
