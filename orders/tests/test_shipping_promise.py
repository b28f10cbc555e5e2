from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from orders.delivery.promise import Promise, after_workdays, end_of, promise

BERLIN = ZoneInfo("Europe/Berlin")
NOON = time(12)
CHRISTMAS = frozenset({date(2026, 12, 24), date(2026, 12, 25), date(2027, 1, 1)})


def promised(
    at: datetime,
    *,
    cut_off: time | None = NOON,
    handling: int = 0,
    transit: int = 1,
    closed: frozenset[date] = frozenset(),
) -> tuple[str, str]:
    found = promise(at, cut_off=cut_off, handling_days=handling, transit_days=transit, closed=closed, zone=BERLIN)
    return str(found.ship_by), str(found.deliver_by)


def at(text: str) -> datetime:
    """Of Berlin."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("ordered", "how", "leaves", "arrives"),
    [
        ("2026-11-25 11:59:59", {}, "2026-11-25", "2026-11-26"),  # a Wednesday
        ("2026-11-25 12:00:00", {}, "2026-11-25", "2026-11-26"),
        ("2026-11-25 12:00:01", {}, "2026-11-26", "2026-11-27"),
        ("2026-11-25 23:00:00", {"cut_off": None}, "2026-11-25", "2026-11-26"),
        ("2026-11-27 12:00:01", {}, "2026-11-30", "2026-12-01"),  # a Friday
        ("2026-11-28 09:00:00", {}, "2026-11-30", "2026-12-01"),
        ("2026-11-28 18:00:00", {}, "2026-11-30", "2026-12-01"),  # after the cut-off of a day off
        ("2026-11-29 18:00:00", {"cut_off": None}, "2026-11-30", "2026-12-01"),
        ("2026-11-25 09:00:00", {"handling": 1, "transit": 3}, "2026-11-26", "2026-12-01"),
        ("2026-11-25 13:00:00", {"handling": 1, "transit": 3}, "2026-11-27", "2026-12-02"),
        ("2026-11-27 09:00:00", {"handling": 2, "transit": 0}, "2026-12-01", "2026-12-01"),
    ],
)
def test_days_are_counted_from_the_day_the_order_counts_as_of(ordered, how, leaves, arrives):
    assert promised(at(ordered), **how) == (leaves, arrives)


def test_closed_days_are_no_working_days_across_the_end_of_a_year():
    how = {"closed": CHRISTMAS}
    assert promised(at("2026-12-23 13:00"), **how) == ("2026-12-28", "2026-12-29")
    assert promised(at("2026-12-25 09:00"), **how) == ("2026-12-28", "2026-12-29")
    assert promised(at("2026-12-31 09:00"), **how) == ("2026-12-31", "2027-01-04")
    assert promised(at("2026-12-31 12:30"), **how) == ("2027-01-04", "2027-01-05")
    assert promised(at("2026-12-23 09:00"), handling=1, transit=4, **how) == ("2026-12-28", "2027-01-04")


def test_the_cut_off_is_of_the_shops_clock_in_winter_and_in_summer():
    assert promised(datetime(2026, 3, 27, 11, 0, tzinfo=UTC)) == ("2026-03-27", "2026-03-30")
    assert promised(datetime(2026, 3, 27, 11, 0, 1, tzinfo=UTC)) == ("2026-03-30", "2026-03-31")
    assert promised(datetime(2026, 3, 30, 10, 0, tzinfo=UTC)) == ("2026-03-30", "2026-03-31")
    assert promised(datetime(2026, 3, 30, 10, 0, 1, tzinfo=UTC)) == ("2026-03-31", "2026-04-01")
    # An hour that Berlin has twice, on a Sunday: both are as of Monday.
    for moment in (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)):
        assert promised(moment) == ("2026-10-26", "2026-10-27")


def test_the_day_is_that_of_the_shop_and_not_of_utc():
    assert promised(datetime(2026, 11, 25, 23, 30, tzinfo=UTC)) == ("2026-11-26", "2026-11-27")
    assert promised(datetime(2026, 11, 27, 22, 59, tzinfo=UTC), cut_off=None)[0] == "2026-11-27"
    assert promised(datetime(2026, 11, 27, 23, 0, tzinfo=UTC), cut_off=None)[0] == "2026-11-30"


def test_a_promise_of_many_days_is_counted_one_by_one():
    assert after_workdays(date(2026, 11, 25), 0, frozenset()) == date(2026, 11, 25)
    assert after_workdays(date(2026, 11, 25), 365, frozenset()) == date(2028, 4, 19)
    assert promise(
        at("2026-11-25 09:00"), cut_off=NOON, handling_days=5, transit_days=5, closed=frozenset(), zone=BERLIN
    ) == Promise(date(2026, 12, 2), date(2026, 12, 9))


def test_a_day_ends_with_its_last_second():
    assert end_of(date(2026, 7, 1), BERLIN).astimezone(UTC) == datetime(2026, 7, 1, 21, 59, 59, tzinfo=UTC)
