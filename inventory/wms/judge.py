"""Whether a number is believed: arithmetic and times, nothing else."""

from dataclasses import dataclass
from datetime import datetime

from inventory.wms.states import Why


@dataclass(frozen=True, slots=True)
class Tolerance:
    """A drop may be `units` or `percent` of what we have, whichever is more; a rise `rise` units."""

    units: int
    percent: int
    rise: int

    def exceeded_by(self, ours: int, target: int) -> Why:
        """`Why.NONE` within."""
        if target < ours and ours - target > max(self.units, ours * self.percent // 100):
            return Why.DROP
        return Why.RISE if target - ours > self.rise else Why.NONE


@dataclass(frozen=True, slots=True)
class Known:
    """The newest that was heard before."""

    on_hand: int
    as_of: datetime


def outdated(*, on_hand: int, as_of: datetime, known: Known | None) -> Why:
    """`Why.NONE` for news and for what is known already. Of two numbers for one moment the first stands."""
    if known is None or as_of > known.as_of or (as_of == known.as_of and on_hand == known.on_hand):
        return Why.NONE
    return Why.STALE


def target_of(theirs: int, since: int) -> int:
    """What lies there now: what they counted, and what came and went here that they have not."""
    return max(theirs + since, 0)
