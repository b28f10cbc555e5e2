"""Shortfalls: where more is promised than lies there, the open row says exactly how much more."""

from collections.abc import Mapping

from django.db import connection
from django.utils import timezone

from api.actors import Actor
from audit.log import publish_all
from inventory.events import LevelEvent, ShortfallChanged, ShortfallClosed, ShortfallOpened
from inventory.models import Shortfall


def settle_shortfalls(gaps: Mapping[int, int]) -> None:
    """Open, change or close the shortfall of each level, given `reserved - on_hand` by level id.

    The caller holds the locks of the levels. Without a gap before and after there is nothing to do, and no
    statement is run.
    """
    if not gaps:
        return
    by = _acting()
    found = {row.level_id: row for row in Shortfall.objects.filter(level_id__in=gaps, closed_at=None)}
    opened = [Shortfall(level_id=pk, quantity=gap) for pk, gap in gaps.items() if gap > 0 and pk not in found]
    changed, closed = [], []
    for pk, row in found.items():
        if gaps[pk] <= 0:
            row.closed_at = timezone.now()
            closed.append(row)
        elif row.quantity != gaps[pk]:
            row.quantity = gaps[pk]
            changed.append(row)
    Shortfall.objects.bulk_create(opened)
    Shortfall.objects.bulk_update(changed + closed, ["quantity", "closed_at"])
    # Each level is named once among them.
    told: list[LevelEvent] = [
        ShortfallOpened(level_id=row.level_id, shortfall_id=row.pk, quantity=row.quantity) for row in opened
    ]
    told += [ShortfallChanged(level_id=row.level_id, shortfall_id=row.pk, quantity=row.quantity) for row in changed]
    told += [ShortfallClosed(level_id=row.level_id, shortfall_id=row.pk) for row in closed]
    publish_all(told, by=by)


def _acting() -> Actor:
    """Whoever the transaction acts for: a shortfall follows from any verb, of this app or of one above."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('waybill.actor', true)")
        (name,) = cursor.fetchone()
    return Actor.parse(name) if name else Actor.system("database")
