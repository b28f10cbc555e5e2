"""Taking over what a WMS says: a thousand numbers by a fixed number of statements.

What lies there now is what the WMS counted at `as_of`, and what came and went here that it had not counted then. Only
`on_hand` is written, and only by a movement.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from api.actors import Actor
from audit.verbs import verb
from inventory.models import MAX_ON_HAND, StockItem, StockLevel, StockMovement, Warehouse
from inventory.services.levels import lock_places
from inventory.services.movements import Cause, Move, move
from inventory.wms.base import StockFact
from inventory.wms.judge import Known, outdated, target_of
from inventory.wms.links import Link
from inventory.wms.models import WmsDifference, WmsFact
from inventory.wms.reads import ignored_before, pending_units, since_then
from inventory.wms.states import DifferenceState, Why

State = DifferenceState


@dataclass(slots=True)
class Tally:
    """What became of some numbers. `newest`: the latest moment among them that is no error."""

    rows: int = 0
    changed: int = 0
    refused: int = 0
    quarantined: int = 0
    newest: datetime | None = None


@dataclass(slots=True)
class Heard:
    """One number on its way through the rules."""

    fact: StockFact
    code: str = ""
    why: Why = Why.NONE
    level: StockLevel | None = None
    since: int = 0
    target: int = 0
    ours: int = 0
    state: State | None = None


@dataclass(slots=True)
class Batch:
    """Numbers of one link that are judged together."""

    link: Link
    by: Actor
    cause: str
    heard: list[Heard]
    known: dict[int, WmsFact] = field(default_factory=dict)

    @property
    def sound(self) -> list[Heard]:
        return [one for one in self.heard if one.why == Why.NONE]


@verb
def apply_facts(
    *, link: Link, facts: Sequence[StockFact], cause: str, by: Actor, run_id: int | None = None
) -> tuple[Tally, list[WmsDifference]]:
    """Believe, refuse or quarantine each number, and write down what differed. At most `base.PAGE` at once."""
    batch = Batch(link, by, cause, [Heard(fact) for fact in facts])
    _read(batch)
    _find(batch)
    _judge(batch)
    _move(batch)
    _remember(batch)
    rows = _write_down(batch, run_id)
    return _tally(batch), rows


def _read(batch: Batch) -> None:
    """Which of them say something, the newest of each place; of two of one moment the first.

    `latest` is the furthest future that clocks explain.
    """
    latest = timezone.now() + timedelta(seconds=settings.WMS_REPLAY_SECONDS)
    newest: dict[tuple[str, str], Heard] = {}
    for one in batch.heard:
        fact = one.fact
        one.code = batch.link.warehouses.get(fact.warehouse, "")
        if not fact.sku or fact.as_of is None or fact.on_hand is None or not 0 <= fact.on_hand <= MAX_ON_HAND:
            one.why = Why.INVALID
        elif fact.as_of > latest:
            one.why = Why.FUTURE
        elif not one.code:
            one.why = Why.UNKNOWN_WAREHOUSE
        else:
            first = newest.setdefault((fact.sku, one.code), one)
            if first is not one:
                newer, older = (one, first) if _moment(one) > _moment(first) else (first, one)
                older.why, newest[fact.sku, one.code] = Why.STALE, newer


def _moment(one: Heard) -> datetime:
    assert one.fact.as_of is not None
    return one.fact.as_of


def _find(batch: Batch) -> None:
    """Their levels, locked, and what was heard of them before."""
    places = {place.code: place.pk for place in Warehouse.objects.filter(code__in={one.code for one in batch.sound})}
    found = StockItem.objects.filter(sku__in={one.fact.sku for one in batch.sound}).values_list("sku", "pk")
    items = dict(found)
    for one in batch.sound:
        if one.code not in places:
            one.why = Why.UNKNOWN_WAREHOUSE
        elif one.fact.sku not in items:
            one.why = Why.UNKNOWN_SKU
    wanted = {(items[one.fact.sku], places[one.code]): one for one in batch.sound}
    levels = lock_places(list(wanted)) if wanted else {}
    for place, one in wanted.items():
        one.level = levels[place]
    ids = [level.pk for level in levels.values()]
    batch.known = {fact.level_id: fact for fact in WmsFact.objects.filter(level_id__in=ids)}


def _judge(batch: Batch) -> None:
    for one in batch.sound:
        assert one.level is not None
        assert one.fact.on_hand is not None
        one.ours = one.level.on_hand
        before = batch.known.get(one.level.pk)
        known = Known(before.on_hand, before.as_of) if before else None
        one.why = outdated(on_hand=one.fact.on_hand, as_of=_moment(one), known=known)
    since = since_then({one.level.pk: _moment(one) for one in batch.sound if one.level})
    for one in batch.sound:
        assert one.level is not None
        one.since = since.get(one.level.pk, 0)
        one.target = min(target_of(one.fact.on_hand or 0, one.since), MAX_ON_HAND)
        if one.target != one.ours:
            absurd = batch.link.tolerance.exceeded_by(one.ours, one.target)
            one.state = State.QUARANTINED if absurd else State.APPLIED
    _spare_the_ignored(batch)


def _spare_the_ignored(batch: Batch) -> None:
    """What a person has looked at stays away while both sides say what they said then."""
    absurd = {one.level.pk: one for one in batch.sound if one.state == State.QUARANTINED and one.level}
    judged = ignored_before(absurd)
    for pk, one in absurd.items():
        if (one.fact.on_hand, one.ours) in judged.get(pk, ()):
            one.state = State.IGNORED


def _move(batch: Batch) -> None:
    applied = [one for one in batch.sound if one.state == State.APPLIED]
    moves = [Move(one.level, one.target - one.ours) for one in applied if one.level]
    if moves:
        move(moves, Cause(StockMovement.Kind.SYNCED, batch.cause, batch.by))


def _remember(batch: Batch) -> None:
    """The newest word on each level; of what waits for a person nothing is taken over yet."""
    rows = []
    for one in batch.sound:
        assert one.level is not None
        before = batch.known.get(one.level.pk)
        waits = one.state in (State.QUARANTINED, State.IGNORED)
        rows.append(
            WmsFact(
                level=one.level,
                link=batch.link.name,
                on_hand=one.fact.on_hand or 0,
                as_of=_moment(one),
                applied_as_of=(before.applied_as_of if before else None) if waits else _moment(one),
            )
        )
    if rows:
        WmsFact.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["level"],
            update_fields=["link", "on_hand", "as_of", "applied_as_of", "heard_at"],
        )


def _write_down(batch: Batch, run_id: int | None) -> list[WmsDifference]:
    """What differs, is refused or waits. Whatever waited on a level of which news came is overtaken."""
    # Known already is no news: what waits then goes on waiting.
    news = [one.level.pk for one in batch.sound if one.level and _is_news(batch, one)]
    if batch.known:
        WmsDifference.objects.filter(level_id__in=news, state=State.QUARANTINED).update(
            state=State.OVERTAKEN, decided_at=timezone.now(), decided_by=str(batch.by)
        )
    told = [one for one in batch.heard if one.why != Why.NONE or (one.state and _is_told(batch, one))]
    pending = pending_units([one.level.pk for one in told if one.level])
    return WmsDifference.objects.bulk_create(
        [_difference(one, batch.link, run_id, pending.get(one.level.pk, 0) if one.level else 0) for one in told]
    )


def _is_news(batch: Batch, one: Heard) -> bool:
    before = batch.known.get(one.level.pk) if one.level else None
    return before is None or _moment(one) > before.as_of or one.state == State.APPLIED


def _is_told(batch: Batch, one: Heard) -> bool:
    """Whether it is a difference of its own, and not the one that waits already."""
    return one.state == State.APPLIED or _is_news(batch, one)


def _difference(one: Heard, link: Link, run_id: int | None, pending: int) -> WmsDifference:
    level, fact = one.level, one.fact
    why = one.why
    if one.state in (State.QUARANTINED, State.IGNORED):
        why = link.tolerance.exceeded_by(one.ours, one.target)
    return WmsDifference(
        run_id=run_id,
        link=link.name,
        level=level,
        sku=fact.sku,
        code=one.code or fact.warehouse,
        theirs=fact.on_hand,
        as_of=fact.as_of,
        ours=one.ours if level else None,
        since=one.since,
        target=one.target if level and not one.why else None,
        reserved=level.reserved if level else 0,
        pending=pending,
        state=one.state or State.REFUSED,
        why=why,
    )


def _tally(batch: Batch) -> Tally:
    states = [one.state for one in batch.heard]
    return Tally(
        rows=len(batch.heard),
        changed=states.count(State.APPLIED),
        refused=sum(one.why != Why.NONE for one in batch.heard),
        quarantined=states.count(State.QUARANTINED),
        newest=max((_moment(one) for one in batch.sound), default=None),
    )
