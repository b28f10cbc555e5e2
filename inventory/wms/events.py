"""What a WMS brings about that concerns the apps above."""

from dataclasses import dataclass
from typing import ClassVar

from audit.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class WmsShipmentReported(Event):
    """A WMS has packed and shipped; what it says is in the inbox."""

    aggregate: ClassVar[str] = "wms_event"
    key: ClassVar[str] = "event_id"

    event_id: int
