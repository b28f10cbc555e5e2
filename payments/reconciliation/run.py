"""One comparison with one provider, from the request for it to its result.

1. The provider's list of the window is read page by page beside our rows of the same names: whatever differs, is
   unknown to one side, or was open after an earlier run, is a suspect. Nothing is called missing for that: clocks
   differ at the edges of a window, and lists lag behind.
2. Each suspect is looked up by itself. What then still differs is settled, as a webhook would have done, and looked
   at again; what is left is for a person.

The network is asked outside any transaction.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

import structlog
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from api.actors import Actor
from audit.hints import hint
from audit.verbs import verb
from kernel.errors import Invalid, NotAllowedNow, NotFound
from payments.gateways.base import Declined, Unclear
from payments.gateways.registry import configured, gateway_of
from payments.models import Difference, ReconciliationRun
from payments.reconciliation.books import ours_among, ours_written
from payments.reconciliation.compare import Found, Record, compare, record_of
from payments.reconciliation.examine import Examination, examine
from payments.reconciliation.store import store
from payments.states import DifferenceState

DAYS = timedelta(days=3)
LONGEST_WINDOW = timedelta(days=31)
# Longer than a worker may take, see `payments.tasks.run_reconciliations`; then it must have died.
LEASE = timedelta(hours=1)
PAGE = 500
BY = Actor.system("reconcile")
logger = structlog.get_logger(__name__)


@verb
def open_run(
    *, provider: str, since: datetime | None = None, until: datetime | None = None, by: Actor
) -> ReconciliationRun:
    """Ask for a comparison with a provider; a worker does it. Without a window, the last three days.

    Raises `Invalid` (provider, window) and `NotAllowedNow` while one with this provider is on its way.
    """
    gateway_of(provider)
    now = timezone.now()
    until = until or now
    if since is None:
        # Years have a beginning, and nobody was paid then.
        since = until - DAYS if until.year > 1 else until
    if not timedelta(0) < until - since <= LONGEST_WINDOW:
        raise Invalid(f"A window ends after it begins, at most {LONGEST_WINDOW.days} days later.", field="since")
    try:
        with transaction.atomic():
            run = ReconciliationRun.objects.create(
                provider=provider, window_from=since, window_to=until, started_by=str(by), started_at=now
            )
    except IntegrityError as error:
        raise NotAllowedNow("A comparison with this provider is on its way.", field="provider") from error
    transaction.on_commit(nudge, robust=True)
    return run


def open_nightly_runs() -> int:
    """Ask for the last three days of every provider there is; returns how many are new."""
    opened = 0
    for provider in configured():
        try:
            open_run(provider=provider, by=Actor.system("reconcile_nightly"))
        except NotAllowedNow:
            continue
        opened += 1
    return opened


def nudge() -> None:
    """Wake a worker. Only a hint: the schedule finds the run without it, so Redis may be away."""
    hint("payments.tasks.run_reconciliations", queue="money")


def perform_runs() -> int:
    """Do the comparisons nobody is at; returns how many. One whose worker died is begun again after an hour."""
    done = 0
    while (run := _claim()) is not None:
        _perform(run)
        done += 1
    return done


def _claim() -> ReconciliationRun | None:
    now = timezone.now()
    free = Q(leased_until=None) | Q(leased_until__lte=now)
    with transaction.atomic():
        waiting = ReconciliationRun.objects.select_for_update(skip_locked=True).filter(free, finished_at=None)
        run = waiting.order_by("pk").first()
        if run is not None:
            run.leased_until = now + LEASE
            run.save(update_fields=["leased_until"])
    return run


def _perform(run: ReconciliationRun) -> None:
    # What an earlier attempt that died has written.
    run.differences.all().delete()
    error = "It broke off."
    try:
        suspects, strangers = _suspects(run)
        store(run=run, examination=Examination("", strangers, strangers), by=BY)
        for reference in sorted(suspects):
            store(run=run, examination=examine(run.provider, reference, by=BY), by=BY)
        error = ""
    except (Unclear, Declined) as problem:
        error = f"The provider did not answer: {problem}"[:500]
    finally:
        _finish(run, error)


def _suspects(run: ReconciliationRun) -> tuple[set[str], list[Found]]:
    """The provider's ids of payments to look at, and what belongs to no payment at all."""
    seen: set[tuple[str, str]] = set()
    suspects: set[str] = set()
    strangers: list[Found] = []
    for page in _pages(run):
        seen.update(record.key for record in page)
        # Some list movements of money only: one that is there vouches for its payment.
        seen.update(("payment", record.payment_reference) for record in page)
        for found in compare(page, ours_among(run.provider, page)):
            if found.record.payment_reference:
                suspects.add(found.record.payment_reference)
            else:
                strangers.append(found)
        run.compared += len(page)
    for record in ours_written(run.provider, run.window_from, run.window_to):
        if record.key not in seen:
            suspects.add(record.payment_reference)
            run.compared += 1
    return suspects | _open_before(run), strangers


def _pages(run: ReconciliationRun) -> Iterator[list[Record]]:
    book: Iterable[Record] = map(record_of, gateway_of(run.provider).book(run.window_from, run.window_to))
    entries = iter(book)
    while page := list(islice(entries, PAGE)):
        yield page


def _open_before(run: ReconciliationRun) -> set[str]:
    earlier = Difference.objects.filter(run__provider=run.provider, state=DifferenceState.OPEN)
    return set(earlier.exclude(payment_reference="").values_list("payment_reference", flat=True))


def _finish(run: ReconciliationRun, error: str) -> None:
    run.repaired = run.differences.filter(state=DifferenceState.REPAIRED).count()
    run.open = run.differences.filter(state=DifferenceState.OPEN).count()
    run.error, run.finished_at, run.leased_until = error, timezone.now(), None
    run.save(update_fields=["compared", "repaired", "open", "error", "finished_at", "leased_until"])


@verb
def resolve_difference(*, difference_id: int, resolution: str, by: Actor) -> Difference:
    """Close a difference with what was done about it. Raises `NotFound`, `NotAllowedNow` unless open, `Invalid`."""
    difference = Difference.objects.select_for_update().filter(pk=difference_id).first()
    if difference is None:
        raise NotFound("There is no such difference.")
    if difference.state != DifferenceState.OPEN:
        raise NotAllowedNow("This difference is not open.")
    if not resolution.strip():
        raise Invalid("Say what was done about it.", field="resolution")
    difference.state, difference.resolution = DifferenceState.RESOLVED, resolution.strip()
    difference.resolved_at, difference.resolved_by = timezone.now(), str(by)
    difference.save(update_fields=["state", "resolution", "resolved_at", "resolved_by"])
    return difference
