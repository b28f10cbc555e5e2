from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inventory.models import StockItem, StockLevel, StockMovement
from inventory.services import Want, adjust_stock, commit_reservations, consume, receive_stock, reserve
from inventory.services.ship import Pick
from inventory.tests.checks import broken_rules, counters, moves, open_shortfalls
from inventory.tests.factories import TESTS, WarehouseFactory, stock
from inventory.wms.apply import apply_facts
from inventory.wms.links import link_named
from inventory.wms.models import WmsDifference, WmsFact, WmsRequest, WmsShipment
from inventory.wms.tests.links import LINK, at, says

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def link(settings):
    settings.WMS_LINKS = {"main": LINK}


@pytest.fixture
def level():
    return stock("MUG", 60, warehouse=WarehouseFactory(code="MAIN"))


def hear(*facts):
    tally, rows = apply_facts(link=link_named("main"), facts=facts, cause="wms:tests", by=TESTS)
    return tally, [(row.state, row.why) for row in rows]


def ship(level, units, *, order=1, line=11):
    reserve(order_id=order, wants=[Want(line, "MUG", units)], expires_at=None)
    commit_reservations(order_id=order)
    cause = f"shipment:{order}"
    consume(order_id=order, picks=[Pick(line, level.warehouse_id, units)], cause=cause, by=TESTS)
    return cause


@pytest.mark.parametrize(
    ("theirs", "on_hand", "outcome"),
    [
        (60, 60, []),
        (55, 55, [("applied", "")]),
        # 12 units are a fifth of 60: still within.
        (48, 48, [("applied", "")]),
        (47, 60, [("quarantined", "absurd_drop")]),
        (0, 60, [("quarantined", "absurd_drop")]),
        (1060, 1060, [("applied", "")]),
        (1061, 60, [("quarantined", "absurd_rise")]),
        (-1, 60, [("refused", "invalid")]),
        (None, 60, [("refused", "invalid")]),
        (100_000_001, 60, [("refused", "invalid")]),
    ],
)
def test_a_number_is_taken_over_within_tolerance_and_waits_beyond(level, theirs, on_hand, outcome):
    _, states = hear(says(theirs, at(99)))
    assert states == outcome
    assert counters(level) == (on_hand, 0)
    assert broken_rules() == []


def test_few_units_may_vanish_whatever_their_percentage():
    few = stock("MUG", 9, warehouse=WarehouseFactory(code="MAIN"))
    assert hear(says(0, at(99)))[1] == [("applied", "")]
    assert counters(few) == (0, 0)


def test_taking_over_is_a_movement_of_its_own_kind(level):
    hear(says(57, at(99)))
    assert moves(level=level) == [("synced", -3, 57)]


def test_an_older_number_never_overwrites_a_newer_one(level):
    hear(says(58, at(90)))
    tally, states = hear(says(51, at(80)))
    assert states == [("refused", "stale")]
    assert (tally.changed, tally.refused) == (0, 1)
    assert counters(level) == (58, 0)


def test_of_two_numbers_for_one_moment_the_first_stands(level):
    moment = at(90)
    hear(says(58, moment))
    assert hear(says(58, moment))[1] == []
    assert hear(says(57, moment))[1] == [("refused", "stale")]
    assert counters(level) == (58, 0)


def test_of_one_page_only_the_newest_number_of_a_place_counts(level):
    tally, states = hear(says(58, at(90)), says(55, at(95)), says(59, at(70)))
    assert sorted(states) == [("applied", ""), ("refused", "stale"), ("refused", "stale")]
    assert tally.rows == 3
    assert counters(level) == (55, 0)


def test_the_future_is_refused_beyond_what_clocks_explain(level):
    soon, later = at(200), at(900)
    assert hear(says(50, later))[1] == [("refused", "future")]
    assert hear(says(59, soon))[1] == [("applied", "")]
    assert counters(level) == (59, 0)


def test_a_number_from_the_future_takes_nothing_from_the_right_one_beside_it(level):
    _, states = hear(says(55, at(90)), says(1, at(900)))
    assert sorted(states) == [("applied", ""), ("refused", "future")]
    assert counters(level) == (55, 0)


def test_of_two_numbers_of_one_page_for_one_moment_the_first_stands(level):
    moment = at(90)
    _, states = hear(says(55, moment), says(52, moment))
    assert sorted(states) == [("applied", ""), ("refused", "stale")]
    assert counters(level) == (55, 0)


def test_what_nobody_knows_is_refused_by_name(level):
    _, states = hear(says(5, at(99), sku="CUP"), says(5, at(99), warehouse="MOON"), says(5, None))
    assert states == [("refused", "unknown_sku"), ("refused", "unknown_warehouse"), ("refused", "invalid")]
    assert [*WmsDifference.objects.order_by("id").values_list("sku", "code", "theirs")] == [
        ("CUP", "MAIN", 5),
        ("MUG", "MOON", 5),
        ("MUG", "MAIN", 5),
    ]
    assert counters(level) == (60, 0)


def test_what_came_and_went_here_since_is_counted(level):
    counted = timezone.now()
    ship(level, 4)
    receive_stock(sku="MUG", warehouse_code="MAIN", quantity=7, cause="po", by=TESTS)
    hear(says(58, counted))
    # 58 were there, 4 have left and 7 have come.
    assert counters(level) == (61, 0)
    difference = WmsDifference.objects.get()
    assert (difference.theirs, difference.ours, difference.since, difference.target) == (58, 63, 3, 61)


def test_what_happened_before_they_counted_is_not_counted_again(level):
    ship(level, 4)
    hear(says(56, at(1)))
    assert counters(level) == (56, 0)
    assert not WmsDifference.objects.exists()


def test_our_own_taking_over_is_no_movement_since(level):
    hear(says(55, at(80)))
    hear(says(54, at(90)))
    assert counters(level) == (54, 0)


def test_a_package_of_the_wms_counts_from_when_it_left_its_shelf(level):
    left, counted = timezone.now() - timedelta(seconds=9), timezone.now()
    cause = ship(level, 4)
    WmsShipment.objects.create(link="main", reference="shp_1", order_id=1, cause=cause, shipped_at=left)
    hear(says(56, counted))
    assert counters(level) == (56, 0)


def test_a_package_of_ours_counts_until_the_wms_was_told(level):
    cause = ship(level, 4)
    told = WmsRequest.objects.create(
        link="main", warehouse=level.warehouse, order_id=1, version=3, kind="shipped", cause=cause
    )
    hear(says(60, at(10)))
    assert counters(level) == (56, 0)
    told.state, told.accepted_at = "accepted", timezone.now()
    told.save()
    hear(says(56, at(20)))
    assert counters(level) == (56, 0)


def test_more_promised_than_they_have_is_a_shortfall(level):
    reserve(order_id=1, wants=[Want(11, "MUG", 55)], expires_at=None)
    hear(says(50, at(99)))
    assert counters(level) == (50, 55)
    assert open_shortfalls() == {level.pk: 5}
    assert WmsDifference.objects.get().reserved == 55


def test_units_whose_request_is_not_accepted_yet_are_shown(level):
    reserve(order_id=1, wants=[Want(11, "MUG", 3)], expires_at=None)
    reserve(order_id=2, wants=[Want(12, "MUG", 2)], expires_at=None)
    WmsRequest.objects.create(link="main", warehouse=level.warehouse, order_id=2, version=1, kind="fulfil")
    hear(says(59, at(99)))
    difference = WmsDifference.objects.get()
    assert (difference.reserved, difference.pending) == (5, 2)


def test_news_overtake_what_waits(level):
    hear(says(5, at(80)))
    hear(says(58, at(90)))
    assert [*WmsDifference.objects.order_by("id").values_list("state", flat=True)] == ["overtaken", "applied"]
    assert counters(level) == (58, 0)


def test_what_waits_is_not_taken_for_what_we_took_over(level):
    counted = at(80)
    hear(says(5, counted))
    fact = WmsFact.objects.get()
    assert (fact.on_hand, fact.as_of, fact.applied_as_of) == (5, counted, None)


def test_an_item_that_never_lay_there_gets_its_place():
    WarehouseFactory(code="MAIN")
    StockItem.objects.create(sku="MUG")
    hear(says(7, at(99)))
    assert StockLevel.objects.get().on_hand == 7


def test_a_correction_of_ours_after_they_counted_stays(level):
    counted = timezone.now()
    adjust_stock(sku="MUG", warehouse_code="MAIN", delta=-2, reason="damage", by=TESTS)
    hear(says(60, counted))
    assert counters(level) == (58, 0)
    assert StockMovement.objects.filter(kind="synced").count() == 0


@pytest.mark.parametrize("trouble", ["changes", "shortfalls", "quarantine"])
def test_a_thousand_numbers_take_few_statements(trouble):
    place = WarehouseFactory(code="MAIN")
    items = StockItem.objects.bulk_create(StockItem(sku=f"S{n:04}") for n in range(1000))
    apply_facts(link=link_named("main"), facts=[says(40, at(40), sku=item.sku) for item in items], cause="t", by=TESTS)
    if trouble == "shortfalls":
        StockLevel.objects.update(reserved=40)
    theirs = {"changes": 38, "shortfalls": 35, "quarantine": 0}[trouble]
    with CaptureQueriesContext(connection) as statements:
        tally, _ = apply_facts(
            link=link_named("main"), facts=[says(theirs, at(99), sku=item.sku) for item in items], cause="t", by=TESTS
        )
    assert tally.changed == (0 if trouble == "quarantine" else 1000)
    assert StockLevel.objects.filter(warehouse=place, on_hand=40 if trouble == "quarantine" else theirs).count() == 1000
    assert len(statements) <= 60
