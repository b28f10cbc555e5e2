"""When a delivery leaves and arrives, counted in working days. Nothing here reads settings or the clock."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SATURDAY = 5
LAST_MOMENT = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class Promise:
    """It leaves on `ship_by` and is there on `deliver_by`, at the latest: days in the shop's time zone."""

    ship_by: date
    deliver_by: date


def promise(
    at: datetime,
    *,
    cut_off: time | None,
    handling_days: int,
    transit_days: int,
    closed: frozenset[date],
    zone: ZoneInfo,
) -> Promise:
    """What is promised of an order of this instant. `cut_off` is time of the shop's `zone`.

    What comes after the cut-off, or on a day off, counts as of the next working day. It leaves `handling_days`
    working days after that one and travels `transit_days` more.
    """
    local = at.astimezone(zone)
    day = local.date()
    is_late = cut_off is not None and local.time() > cut_off
    if is_late or not is_workday(day, closed):
        day = after_workdays(day, 1, closed)
    ship_by = after_workdays(day, handling_days, closed)
    return Promise(ship_by, after_workdays(ship_by, transit_days, closed))


def is_workday(day: date, closed: frozenset[date]) -> bool:
    """Monday to Friday, but for the days on which the shop is closed."""
    return day.weekday() < SATURDAY and day not in closed


def after_workdays(day: date, workdays: int, closed: frozenset[date]) -> date:
    """The day that lies this many working days later."""
    while workdays:
        day += timedelta(days=1)
        workdays -= is_workday(day, closed)
    return day


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The last second of a day, as an instant."""
    return datetime.combine(day, LAST_MOMENT, zone)
