"""Orders and a WMS over real HTTP: the sandbox is asked, ships, and tells."""

from decimal import Decimal

import pytest

from inventory.models import StockLevel
from inventory.tests.checks import broken_rules, counters
from inventory.tests.factories import WarehouseFactory
from inventory.wms import inbox, push
from inventory.wms.models import WmsEvent, WmsRequest, WmsRun, WmsShipment
from inventory.wms.runs import open_run, perform_runs
from orders.exceptions.stock import WATCHER
from orders.models import Shipment
from orders.services import (
    Changes,
    Totals,
    cancel_order,
    change_address,
    edit_order,
    pack_shipment,
    place_hold,
    record_payment_totals,
    release_hold,
    ship_shipment,
)
from orders.tests import wms
from orders.tests.factories import ADDRESS, TESTS, buyable, fresh, paid, pay, place
from sandbox.testing import start_sandbox

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with start_sandbox(home=tmp_path_factory.mktemp("wms"), shop_url="") as found:
        yield found


@pytest.fixture
def sandbox(running, live_server, settings):
    """Its webhooks go to this shop; its books are as the last test left them, under other orders."""
    running.stop()
    for book in running.home.glob("sandbox.sqlite3*"):
        book.unlink()
    running.shop_url = live_server.url
    running.start()
    settings.WMS_LINKS = {"main": running.wms_link()}
    buyable("MUG", quantity=20, warehouse=WarehouseFactory(code="MAIN"))
    wms.fill(running, MUG=20)
    return running


def the_level():
    return StockLevel.objects.get(item__sku="MUG")


def told(sandbox):
    """All webhooks of the sandbox are here, taken up, and what follows is done."""
    sandbox.wait_until_webhooks_are_delivered()
    wms.take_up()
    wms.take_up()


def test_a_paid_order_is_asked_for_once_with_its_address(sandbox):
    order = paid(("MUG", 2))
    wms.let_follow()
    assert wms.send() == [("fulfil", "accepted")]
    assert wms.send() == [("fulfil", "accepted")]
    (request,) = wms.books(sandbox)["request"]
    asked = request["asked"]
    line = order.lines.get()
    assert request["times"] == 1
    assert asked["lines"] == [{"line": line.pk, "sku": "MUG", "quantity": 2, "shipped": 0}]
    assert (asked["order"], asked["ship_to"]["city"]) == (order.number, "Berlin")
    assert not {name.name for name in WmsRequest._meta.fields} & {"body", "address"}


def test_an_order_that_is_not_paid_is_not_asked_for(sandbox):
    place(("MUG", 1))
    wms.let_follow()
    assert wms.send() == []


def test_what_the_wms_ships_is_shipped_here_with_its_tracking(sandbox):
    order = paid(("MUG", 2))
    wms.let_follow()
    wms.send()
    wms.ship(sandbox, order)
    told(sandbox)
    shipment = Shipment.objects.get()
    assert fresh(order).status == "shipped"
    assert (shipment.carrier, shipment.tracking_number) == ("DHL", "00340434000000000001")
    assert counters(the_level()) == (18, 0)
    assert wms.on_hand(sandbox) == 18
    # It is not told of its own package.
    assert wms.requests() == [("fulfil", "accepted")]
    assert broken_rules() == []


@pytest.mark.parametrize("habits", [{"duplicate": True}, {"shuffle": True, "duplicate": True}, {"late": 1.0}])
def test_duplicate_late_and_unordered_events_have_one_effect(sandbox, habits):
    wms.habits(sandbox, **habits)
    orders = [paid(("MUG", 2)), paid(("MUG", 3))]
    wms.let_follow()
    wms.send()
    for order in orders:
        wms.ship(sandbox, order)
    # A whole count comes before the late word of the packages.
    open_run(link="main", kind="snapshot", by=TESTS)
    perform_runs()
    told(sandbox)
    assert [fresh(order).status for order in orders] == ["shipped", "shipped"]
    assert Shipment.objects.count() == WmsShipment.objects.count() == 2
    assert counters(the_level()) == (15, 0)
    assert set(WmsEvent.objects.values_list("state", flat=True)) == {"processed"}
    assert broken_rules() == []


def test_more_than_was_ordered_is_parked_and_nothing_leaves(sandbox):
    order = paid(("MUG", 2))
    wms.let_follow()
    wms.send()
    wms.ship(sandbox, order, more=1)
    told(sandbox)
    event = WmsEvent.objects.get(type="shipment")
    assert (event.state, event.last_error) == ("parked", "MUG: at most 2 units.")
    assert fresh(order).status == "paid"
    assert not Shipment.objects.exists()
    assert not WmsShipment.objects.exists()


def test_what_was_cancelled_here_and_left_there_all_the_same_is_for_a_person_at_once(sandbox):
    order = paid(("MUG", 2))
    wms.let_follow()
    wms.send()
    wms.ship(sandbox, order)
    cancel_order(order_id=order.pk, reason="", by=TESTS)
    told(sandbox)
    event = WmsEvent.objects.get(type="shipment")
    assert (event.state, event.last_error) == ("parked", "The order is cancelled.")
    assert not Shipment.objects.exists()
    assert broken_rules() == []


def test_what_is_on_hold_here_is_tried_again_and_ships_when_it_is_released(sandbox):
    order = paid(("MUG", 2))
    wms.let_follow()
    wms.send()
    wms.ship(sandbox, order)
    hold = place_hold(order_id=order.pk, kind="address", note="", by=TESTS)
    told(sandbox)
    event = WmsEvent.objects.get(type="shipment")
    assert (event.state, event.last_error) == ("received", "The order is on hold.")
    release_hold(hold_id=hold.pk, order_id=order.pk, role="admin", by=TESTS)
    WmsEvent.objects.update(due_at=event.received_at)
    wms.take_up()
    assert fresh(order).status == "shipped"


@pytest.mark.parametrize(("placed_by", "status"), [(WATCHER, "shipped"), (TESTS, "paid")])
def test_what_has_left_is_booked_though_we_took_it_for_missing_but_not_against_a_persons_word(
    sandbox, placed_by, status
):
    order = paid(("MUG", 2))
    wms.let_follow()
    wms.send()
    wms.ship(sandbox, order)
    place_hold(order_id=order.pk, kind="stock", note="", by=placed_by)
    told(sandbox)
    assert fresh(order).status == status
    assert broken_rules() == []


def test_what_has_left_there_before_we_heard_of_it_is_not_sent_again_when_it_is_asked_for_again(sandbox):
    order = paid(("MUG", 2))
    wms.let_follow()
    wms.send()
    wms.habits(sandbox, late=2.0)
    wms.ship(sandbox, order)
    hold = place_hold(order_id=order.pk, kind="address", note="", by=TESTS)
    release_hold(hold_id=hold.pk, order_id=order.pk, role="admin", by=TESTS)
    wms.let_follow()
    assert wms.send()[1:] == [("fulfil", "accepted")] * 2
    (work,) = wms.books(sandbox)["order"]
    assert (work["state"], work["lines"]) == ("shipped", [])
    told(sandbox)
    assert fresh(order).status == "shipped"
    assert wms.on_hand(sandbox) == the_level().on_hand == 18


def test_a_parked_event_is_replayed(sandbox):
    order = paid(("MUG", 2))
    wms.let_follow()
    wms.send()
    wms.ship(sandbox, order)
    sandbox.wait_until_webhooks_are_delivered()
    WmsEvent.objects.filter(type="shipment").update(state="parked")
    inbox.replay(event_id=WmsEvent.objects.get(type="shipment").pk, by=TESTS)
    wms.take_up()
    assert fresh(order).status == "shipped"


def test_holds_changes_and_cancellations_follow_as_requests_of_their_own(sandbox):
    order = paid(("MUG", 2))
    wms.let_follow()
    hold = place_hold(order_id=order.pk, kind="address", note="", by=TESTS)
    wms.let_follow()
    change_address(order_id=order.pk, address=ADDRESS | {"city": "Hamburg"}, by=TESTS)
    wms.let_follow()
    release_hold(hold_id=hold.pk, order_id=order.pk, role="admin", by=TESTS)
    wms.let_follow()
    cancel_order(order_id=order.pk, reason="", by=TESTS)
    wms.let_follow()
    # What is overtaken before it was sent is not sent at all.
    assert wms.send() == [
        ("fulfil", "needless"),
        ("hold", "accepted"),
        ("fulfil", "needless"),
        ("cancel", "accepted"),
    ]
    (work,) = wms.books(sandbox)["order"]
    assert work["state"] == "cancelled"


def test_a_change_of_address_reaches_the_wms(sandbox):
    order = paid(("MUG", 2))
    wms.let_follow()
    wms.send()
    change_address(order_id=order.pk, address=ADDRESS | {"city": "Hamburg"}, by=TESTS)
    wms.let_follow()
    assert wms.send() == [("fulfil", "accepted"), ("fulfil", "accepted")]
    assert wms.books(sandbox)["order"][0]["ship_to"]["city"] == "Hamburg"


def test_an_edit_reaches_the_wms_and_waits_there_for_its_money(sandbox):
    order = paid(("MUG", 2))
    (line,) = order.lines.all()
    wms.let_follow()
    wms.send()
    edit_order(order_id=order.pk, changes=Changes(quantities={line.pk: 1}), by=TESTS)
    wms.let_follow()
    assert wms.send() == [("fulfil", "accepted")] * 2
    assert [part["quantity"] for part in wms.books(sandbox)["order"][0]["lines"]] == [1]
    edit_order(order_id=order.pk, changes=Changes(added=[("MUG", 4)]), by=TESTS)
    wms.let_follow()
    assert wms.send()[2:] == [("cancel", "accepted")]
    pay(fresh(order))
    wms.let_follow()
    assert wms.send()[3:] == [("fulfil", "accepted")]
    assert [part["quantity"] for part in wms.books(sandbox)["order"][0]["lines"]] == [1, 4]


def test_a_payment_that_changes_nothing_is_not_told(sandbox):
    order = paid(("MUG", 2))
    wms.let_follow()
    wms.send()
    give_back(order)
    wms.let_follow()
    assert wms.send() == [("fulfil", "accepted")]
    wms.ship(sandbox, order)
    told(sandbox)
    give_back(order)
    wms.let_follow()
    assert wms.send() == [("fulfil", "accepted")]


def give_back(order):
    """A refund of goodwill: nothing becomes due by it."""
    now = fresh(order)
    back = now.refunded_total + Decimal("0.01")
    totals = Totals(authorized=now.captured_total, captured=now.captured_total, refunded=back)
    record_payment_totals(order_id=order.pk, totals=totals, by=TESTS)


def test_a_wms_that_does_not_fulfil_is_told_what_our_people_ship(sandbox, settings):
    settings.WMS_LINKS = {"main": sandbox.wms_link(fulfils=False)}
    order = paid(("MUG", 2))
    wms.let_follow()
    assert wms.send() == []
    package = pack_shipment(order_id=order.pk, by=TESTS)
    ship_shipment(shipment_id=package.pk, carrier="DHL", tracking_number="T1", by=TESTS)
    wms.let_follow()
    # Until it hears of it, its number has the units.
    open_run(link="main", kind="snapshot", by=TESTS)
    perform_runs()
    assert counters(the_level()) == (18, 0)
    assert wms.send() == [("shipped", "accepted")]
    open_run(link="main", kind="snapshot", by=TESTS)
    perform_runs()
    assert counters(the_level()) == (18, 0)
    assert wms.on_hand(sandbox) == 18


def test_what_our_people_ship_does_not_come_back_before_anything_has_followed(sandbox):
    order = paid(("MUG", 2))
    package = pack_shipment(order_id=order.pk, by=TESTS)
    ship_shipment(shipment_id=package.pk, by=TESTS)
    open_run(link="main", kind="snapshot", by=TESTS)
    perform_runs()
    assert counters(the_level()) == (18, 0)
    assert wms.requests() == [("shipped", "pending")]


def test_shipping_without_a_link_asks_for_none(settings, django_assert_num_queries):
    settings.WMS_LINKS = {}
    with django_assert_num_queries(0):
        assert push.queue_shipped(order_id=1, version=1, warehouse_id=1, cause="shipment:W1-1") == []


def test_while_the_wms_is_down_orders_go_on_and_the_backlog_drains_in_order(sandbox):
    wms.habits(sandbox, down=True)
    orders = []
    for _ in range(4):
        orders.append(paid(("MUG", 1)))
        wms.let_follow()
        wms.awake()
        wms.send()
    assert wms.requests() == [("fulfil", "unknown")] + [("fulfil", "pending")] * 3
    open_run(link="main", kind="snapshot", by=TESTS)
    perform_runs()
    assert WmsRun.objects.get().error == "Away: It answered 503."
    assert counters(the_level()) == (20, 4)
    assert wms.books(sandbox)["request"] == []
    wms.habits(sandbox, down=False)
    # It rests until the lease of the last attempt is over.
    assert wms.send() == [("fulfil", "unknown")] + [("fulfil", "pending")] * 3
    wms.awake()
    assert wms.send() == [("fulfil", "accepted")] * 4
    heard = wms.books(sandbox)["request"]
    assert [one["asked"]["order"] for one in heard] == [order.number for order in orders]
    assert [one["times"] for one in heard] == [1, 1, 1, 1]


def test_an_answer_that_was_lost_makes_no_second_request(sandbox):
    sandbox.knob(effect="drop_answer", provider="wms", method="POST", path="/v1/fulfilment", times=1)
    paid(("MUG", 1))
    wms.let_follow()
    assert wms.send() == [("fulfil", "unknown")]
    wms.awake()
    assert wms.send() == [("fulfil", "accepted")]
    (request,) = wms.books(sandbox)["request"]
    assert request["times"] == 2
    assert len(wms.books(sandbox)["order"]) == 1


def test_absurd_numbers_of_the_wms_change_nothing(sandbox):
    wms.habits(sandbox, wrong=True)
    open_run(link="main", kind="snapshot", by=TESTS)
    perform_runs()
    run = WmsRun.objects.get()
    assert (run.rows, run.changed, run.quarantined, run.error) == (1, 0, 1, "")
    assert counters(the_level()) == (20, 0)
