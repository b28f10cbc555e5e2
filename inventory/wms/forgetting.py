"""What WMS told long ago."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, Max, OuterRef, QuerySet
from django.utils import timezone

from audit.retention import in_batches
from inventory.wms.models import WmsDifference, WmsEvent, WmsRun
from inventory.wms.states import DifferenceState, EventState


def forget_runs() -> int:
    """Delete the runs that ended `INBOX_DAYS` ago with what they found; returns how many.

    Not the last of a link, which knows from where to go on, nor what a person has yet to decide or has ignored.
    """
    last = WmsRun.objects.values("link").annotate(last=Max("pk")).values_list("last", flat=True)
    keeps = WmsDifference.objects.filter(
        run=OuterRef("pk"), state__in=(DifferenceState.QUARANTINED, DifferenceState.IGNORED)
    )
    old = WmsRun.objects.filter(~Exists(keeps), finished_at__lt=_before()).exclude(pk__in=list(last))
    return in_batches(lambda size: _forget(old, size))


def forget_events() -> int:
    """Delete the events that were taken up `INBOX_DAYS` ago; returns how many.

    A package that is told again after that is known by its name all the same.
    """
    old = WmsEvent.objects.filter(state=EventState.PROCESSED, processed_at__lt=_before())
    return in_batches(lambda size: _forget(old, size))


def _forget(old: "QuerySet[WmsRun] | QuerySet[WmsEvent]", size: int) -> int:
    ids = list(old.order_by("pk").select_for_update(skip_locked=True).values_list("pk", flat=True)[:size])
    old.model._default_manager.filter(pk__in=ids).delete()
    return len(ids)


def _before() -> datetime:
    return timezone.now() - timedelta(days=settings.INBOX_DAYS)
