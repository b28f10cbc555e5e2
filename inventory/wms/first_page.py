"""What of the WMS link waits for somebody: counted in the sidebar."""

from django.db.models import QuerySet

from inventory.wms.models import WmsDifference, WmsEvent, WmsRequest
from inventory.wms.states import DifferenceState, EventState, RequestState


def in_quarantine() -> QuerySet[WmsDifference]:
    return WmsDifference.objects.filter(state=DifferenceState.QUARANTINED)


def refused_requests() -> QuerySet[WmsRequest]:
    return WmsRequest.objects.filter(state=RequestState.REFUSED)


def parked_events() -> QuerySet[WmsEvent]:
    return WmsEvent.objects.filter(state=EventState.PARKED)
