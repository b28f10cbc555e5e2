"""Asking a WMS what lies there: one run at a time for each link, page by page.

The network is asked outside any transaction. What a page says is committed together with how far the run is, so that
one whose worker died goes on where it was, and an answer heard twice changes nothing.
"""

from datetime import datetime, timedelta
from functools import partial

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from api.actors import Actor
from api.transactions import retrying
from audit.hints import hint
from audit.verbs import verb
from inventory.wms import inbox
from inventory.wms.apply import Tally, apply_facts
from inventory.wms.base import Away, CursorGone, Page, Unclear
from inventory.wms.documents import readable
from inventory.wms.links import Link, adapter_of, link_named, links
from inventory.wms.models import WmsDifference, WmsRun
from inventory.wms.states import DifferenceState, RunKind, Why
from kernel.errors import Invalid, NotAllowedNow

# Longer than a page may take, several times; then the worker must have died.
LEASE = timedelta(minutes=10)
# A WMS that never comes to an end is left there.
MOST_PAGES = 5000
BY = Actor.system("wms")
PERFORM = "inventory.tasks.sync_wms"
logger = structlog.get_logger(__name__)


class LeaseLost(Exception):
    """Somebody else has taken the run over."""


@verb
def open_run(*, link: str, kind: str, by: Actor) -> WmsRun:
    """Ask for a run; a worker does it. Raises `Invalid` (link, kind), and `NotAllowedNow` while one is on its way."""
    limits = link_named(link).tolerance
    if kind not in RunKind:
        raise Invalid(f"One of: {', '.join(RunKind)}.", field="kind")
    run = WmsRun(link=link, kind=kind, started_by=str(by), cursor=_cursor(link, kind))
    run.tolerance_units, run.tolerance_percent, run.rise_units = limits.units, limits.percent, limits.rise
    try:
        with transaction.atomic():
            run.save()
    except IntegrityError as error:
        raise NotAllowedNow("A run of this link is on its way.", field="link") from error
    transaction.on_commit(nudge, robust=True)
    return run


def nudge() -> None:
    """Wake a worker. Only a hint: the schedule finds the run without it, so Redis may be away."""
    hint(PERFORM, queue="fulfilment")


def open_due_runs() -> int:
    """Ask every link whose time has come; returns how many that are. All of it once a day, else what changed."""
    opened, now = 0, timezone.now()
    for link in links().values():
        # One that is under way counts: by the time it has ended, nobody shall begin on what was read before.
        last = WmsRun.objects.filter(link=link.name).order_by("-pk").first()
        if last is not None and last.started_at > now - timedelta(seconds=link.seconds):
            continue
        try:
            open_run(link=link.name, kind=_due_kind(link, now), by=BY)
        except NotAllowedNow:
            continue
        opened += 1
    return opened


def _due_kind(link: Link, now: datetime) -> RunKind:
    last = _ended(link.name).order_by("-pk").first()
    if last is not None and last.error.startswith(CursorGone.__name__):
        return RunKind.SNAPSHOT
    whole = _ended(link.name).filter(kind=RunKind.SNAPSHOT, error="")
    is_fresh = whole.filter(started_at__gt=now - timedelta(seconds=link.snapshot_seconds)).exists()
    return RunKind.CHANGES if is_fresh else RunKind.SNAPSHOT


def _ended(link: str) -> QuerySet[WmsRun]:
    return WmsRun.objects.filter(link=link).exclude(finished_at=None)


def _cursor(link: str, kind: str) -> str:
    """From where changes go on: where the last run that ended well stopped."""
    if kind == RunKind.SNAPSHOT:
        return ""
    last = _ended(link).filter(error="").order_by("-pk").first()
    return last.cursor if last else ""


def perform_runs() -> int:
    """Do the runs nobody is at; returns how many. One whose worker died goes on ten minutes later."""
    done = 0
    while (run := _claim()) is not None:
        _perform(run)
        done += 1
    return done


def _claim() -> WmsRun | None:
    now = timezone.now()
    free = Q(leased_until=None) | Q(leased_until__lte=now)
    with transaction.atomic():
        waiting = WmsRun.objects.select_for_update(skip_locked=True).filter(free, finished_at=None)
        run = waiting.order_by("pk").first()
        if run is not None:
            run.leased_until = now + LEASE
            run.save(update_fields=["leased_until"])
    return run


def _perform(run: WmsRun) -> None:
    if connection.in_atomic_block:
        raise RuntimeError("A WMS is asked outside any transaction.")
    error = "It broke off."
    try:
        _walk(run, link_named(run.link))
        error = ""
    except LeaseLost:
        logger.warning("wms_run_taken_over", run=run.pk)
        return
    except (Away, Unclear, Invalid) as problem:
        error = f"{type(problem).__name__}: {problem}"[:500]
        logger.warning("wms_run_broke_off", run=run.pk, link=run.link, reason=error)
    except SoftTimeLimitExceeded:
        raise
    except Exception as failure:
        # What nobody thought of at one link must not keep the others from being asked.
        error = readable(f"{type(failure).__name__}: {failure}")[:500]
        logger.exception("wms_run_broke", run=run.pk, link=run.link, exc_info=failure)
    finally:
        _end(run, error)


def _walk(run: WmsRun, link: Link) -> None:
    """A snapshot begins anew after a crash, since pages of stock that moves fit only beside each other."""
    adapter = adapter_of(link)
    is_whole = run.kind == RunKind.SNAPSHOT
    cursor, position = "" if is_whole else run.cursor, ""
    for _ in range(MOST_PAGES):
        page = adapter.snapshot(cursor) if is_whole else adapter.changes(cursor)
        # Changes during a snapshot are asked for again: its first page says from where.
        position = position or page.position
        at = position if is_whole else page.position or page.next or cursor
        retrying(partial(_take, run, link, page, at))
        adapter.settle(page)
        if not page.next or page.next == cursor:
            return
        cursor = page.next
    raise Unclear("It goes on without end.")


@transaction.atomic
def _take(run: WmsRun, link: Link, page: Page, cursor: str) -> None:
    """One page, with the place to go on from. Raises `LeaseLost`."""
    tally, _ = apply_facts(link=link, facts=page.facts, cause=f"wms:{link.name}:{run.pk}", by=BY, run_id=run.pk)
    for notice in page.notices:
        inbox.store(link=link.name, notice=notice)
    if page.problem:
        tally.refused += 1
        _note_problem(run, page.problem)
    _count(run, tally, cursor)


def _note_problem(run: WmsRun, problem: str) -> None:
    WmsDifference.objects.create(
        run=run, link=run.link, sku=problem[:100], code="", state=DifferenceState.REFUSED, why=Why.INVALID
    )


def _count(run: WmsRun, tally: Tally, cursor: str) -> None:
    """The lease is the fence: whoever lost it may not write on."""
    until = timezone.now() + LEASE
    newest = {"lag_seconds": _age(tally.newest)} if tally.newest else {}
    mine = WmsRun.objects.filter(pk=run.pk, leased_until=run.leased_until, finished_at=None)
    updated = mine.update(
        rows=F("rows") + tally.rows,
        changed=F("changed") + tally.changed,
        refused=F("refused") + tally.refused,
        quarantined=F("quarantined") + tally.quarantined,
        cursor=cursor,
        leased_until=until,
        **newest,
    )
    if not updated:
        raise LeaseLost
    leased: datetime = until
    transaction.on_commit(lambda: setattr(run, "leased_until", leased))


def _age(moment: datetime) -> int:
    return max(int((timezone.now() - moment).total_seconds()), 0)


def _end(run: WmsRun, error: str) -> None:
    mine = WmsRun.objects.filter(pk=run.pk, leased_until=run.leased_until, finished_at=None)
    mine.update(error=error, finished_at=timezone.now(), leased_until=None)
