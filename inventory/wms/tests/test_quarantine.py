import pytest
from django.utils import timezone

from audit.models import LogEntry
from inventory.models import StockItem
from inventory.services import adjust_stock
from inventory.tests.checks import broken_rules, counters, moves, refused
from inventory.tests.factories import TESTS, WarehouseFactory, stock
from inventory.wms import quarantine
from inventory.wms.apply import apply_facts
from inventory.wms.links import link_named
from inventory.wms.models import WmsDifference
from inventory.wms.tests.links import LINK, at, says
from kernel.errors import NotAllowedNow, NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def link(settings):
    settings.WMS_LINKS = {"main": LINK}


@pytest.fixture
def level():
    return stock("MUG", 60, warehouse=WarehouseFactory(code="MAIN"))


def hear(*facts):
    return apply_facts(link=link_named("main"), facts=facts, cause="wms:tests", by=TESTS)


def waiting():
    return WmsDifference.objects.get(state="quarantined")


def states():
    return [*WmsDifference.objects.order_by("pk").values_list("state", flat=True)]


def test_approving_takes_the_number_over_with_what_moved_since(level):
    counted = timezone.now()
    hear(says(5, counted))
    adjust_stock(sku="MUG", warehouse_code="MAIN", delta=-2, reason="damage", by=TESTS)
    done = quarantine.approve(difference_id=waiting().pk, by=TESTS)
    assert (done.state, done.theirs, done.ours, done.since, done.target) == ("approved", 5, 58, -2, 3)
    assert counters(level) == (3, 0)
    assert moves(level=level) == [("adjusted", -2, 58), ("synced", -55, 3)]
    assert LogEntry.objects.filter(name="StockAdjusted", aggregate_id=str(level.pk)).count() == 3
    assert broken_rules() == []


def test_what_was_approved_is_decided(level):
    hear(says(5, at(1)))
    pk = waiting().pk
    quarantine.approve(difference_id=pk, by=TESTS)
    assert counters(level) == (5, 0)
    for verb in (quarantine.approve, quarantine.ignore, quarantine.replay):
        with refused(NotAllowedNow):
            verb(difference_id=pk, by=TESTS)
    assert counters(level) == (5, 0)


def test_ignoring_leaves_our_number_and_is_remembered(level):
    hear(says(5, at(1)))
    quarantine.ignore(difference_id=waiting().pk, by=TESTS)
    hear(says(5, at(2)))
    assert states() == ["ignored", "ignored"]
    assert counters(level) == (60, 0)


def test_another_number_than_the_ignored_one_waits(level):
    hear(says(5, at(1)))
    quarantine.ignore(difference_id=waiting().pk, by=TESTS)
    hear(says(4, at(2)))
    assert states() == ["ignored", "quarantined"]


def test_the_same_number_heard_again_waits_once(level):
    moment = at(1)
    hear(says(5, moment))
    hear(says(5, moment))
    assert states() == ["quarantined"]


def test_a_number_is_judged_anew_by_the_tolerance_of_now(level, settings):
    hear(says(5, at(1)))
    settings.WMS_LINKS = {"main": LINK | {"tolerance_units": 60}}
    found = quarantine.replay(difference_id=waiting().pk, by=TESTS)
    assert found.state == "applied"
    assert states() == ["overtaken", "applied"]
    assert counters(level) == (5, 0)


def test_judged_anew_by_the_same_rules_it_waits_again(level):
    hear(says(60, at(1)))
    hear(says(5, at(3)))
    found = quarantine.replay(difference_id=waiting().pk, by=TESTS)
    assert found.state == "quarantined"
    assert WmsDifference.objects.filter(state="quarantined").count() == 1
    assert counters(level) == (60, 0)


def test_what_was_refused_for_a_missing_item_is_taken_once_it_is_there():
    WarehouseFactory(code="MAIN")
    hear(says(7, at(1), sku="CUP"))
    StockItem.objects.create(sku="CUP")
    found = quarantine.replay(difference_id=WmsDifference.objects.get().pk, by=TESTS)
    assert (found.state, found.target, found.level.on_hand) == ("applied", 7, 7)


def test_what_is_older_than_what_is_known_cannot_be_judged_anew(level):
    hear(says(5, at(1)))
    old = waiting().pk
    quarantine.ignore(difference_id=old, by=TESTS)
    hear(says(58, at(2)))
    with refused(NotAllowedNow):
        quarantine.replay(difference_id=old, by=TESTS)
    assert counters(level) == (58, 0)


def test_nothing_can_be_done_about_what_is_not_there():
    for verb in (quarantine.approve, quarantine.ignore, quarantine.replay):
        with refused(NotFound):
            verb(difference_id=1, by=TESTS)
