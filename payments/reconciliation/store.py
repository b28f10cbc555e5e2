"""Writing down what a run found, so that each difference is open once, in the newest run that saw it."""

from django.db.models import QuerySet
from django.utils import timezone

from api.actors import Actor
from audit.verbs import verb
from payments.models import Difference, ReconciliationRun
from payments.reconciliation.compare import ACTIONS, Found
from payments.reconciliation.examine import Examination
from payments.states import DifferenceState

TAKEN_OVER = "Taken over from the provider's book."


@verb
def store(*, run: ReconciliationRun, examination: Examination, by: Actor) -> None:
    """The differences of one payment: those repaired, and those left. Open ones of earlier runs end here.

    What a person has resolved stays resolved while both books say what they said then.
    """
    left = {found.key for found in examination.after}
    seen = {found.key: found for found in [*examination.before, *examination.after]}
    earlier = Difference.objects.filter(run__provider=run.provider).exclude(run=run)
    rows = [_row(run, found, examination) for found in seen.values()]
    for row in rows:
        if (row.kind, row.object_type, row.reference) not in left:
            row.action = "Nothing: it is repaired."
            _end(row, DifferenceState.REPAIRED, TAKEN_OVER, by=by)
        elif (judged := _judged(earlier, row)) is not None:
            row.state, row.resolution = DifferenceState.RESOLVED, judged.resolution
            row.resolved_at, row.resolved_by = judged.resolved_at, judged.resolved_by
    Difference.objects.bulk_create(rows)
    _close_earlier(earlier, run, examination, left, by=by)


def _row(run: ReconciliationRun, found: Found, examination: Examination) -> Difference:
    return Difference(
        run=run,
        kind=found.kind,
        object_type=found.record.kind,
        reference=found.record.reference,
        payment_reference=examination.reference,
        payment_id=examination.payment_id,
        ours=found.ours[:100],
        theirs=found.theirs[:100],
        action=ACTIONS[found.kind],
    )


def _judged(earlier: QuerySet[Difference], row: Difference) -> Difference | None:
    """What a person said about exactly this."""
    same = earlier.filter(
        reference=row.reference, object_type=row.object_type, kind=row.kind, ours=row.ours, theirs=row.theirs
    )
    by_hand = same.filter(state=DifferenceState.RESOLVED).exclude(resolved_by__startswith="system:")
    return by_hand.order_by("-pk").first()


def _close_earlier(
    earlier: QuerySet[Difference],
    run: ReconciliationRun,
    examination: Examination,
    left: set[tuple[str, str, str]],
    *,
    by: Actor,
) -> None:
    """Of one payment all, of what belongs to no payment those that were found again: others may lie elsewhere."""
    for old in earlier.filter(state=DifferenceState.OPEN, payment_reference=examination.reference):
        is_left = (old.kind, old.object_type, old.reference) in left
        if is_left or examination.reference:
            words = f"Found again by run {run.pk}." if is_left else f"No longer there in run {run.pk}."
            _end(old, DifferenceState.RESOLVED, words, by=by)
            old.save(update_fields=["state", "resolution", "resolved_at", "resolved_by"])


def _end(row: Difference, state: DifferenceState, words: str, *, by: Actor) -> None:
    row.state, row.resolution = state, words
    row.resolved_at, row.resolved_by = timezone.now(), str(by)
