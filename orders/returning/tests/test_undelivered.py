"""Packages that the carrier brings back undelivered: awaited, received as any return, refunded or sent again."""

from typing import Any

import pytest

from accounts.tests.factories import PartnerFactory, UserFactory, client_for, partner_client
from audit.doctor import check
from audit.models import LogEntry
from inventory.models import StockLevel
from inventory.tests.checks import broken_rules, refused
from inventory.tests.factories import WarehouseFactory
from kernel.errors import Invalid, NotAllowedNow
from orders.invariants import INVARIANTS
from orders.models import Order, OrderTransition, Return, ReturnRule, ReturnUnit, Shipment
from orders.reading import read_order
from orders.returning.refunds import suggestions
from orders.returning.rules import returnable
from orders.services import (
    Arrival,
    Swap,
    Wish,
    deliver_shipment,
    exchange_return,
    lose_shipment,
    pack_shipment,
    receive_return,
    reject_return,
    request_return,
    return_to_sender,
    ship_shipment,
)
from orders.tests.back_office import do, look, page_url
from orders.tests.back_office import staff as browser
from orders.tests.factories import TESTS, buyable, delivered, fresh, paid, shipped
from orders.tests.http import get, post, staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _mugs() -> None:
    buyable("MUG", quantity=10)


def line_of(order: Order) -> int:
    return int(order.lines.get().pk)


def came_back(package: Shipment) -> Return:
    return return_to_sender(shipment_id=package.pk, by=TESTS)


def receive(ret: Return, **more: Any) -> Return:
    """All of it, as new."""
    arrivals = [Arrival(part.line_id, part.quantity, "new", True) for part in ret.lines.all()]
    return receive_return(return_id=ret.pk, arrivals=arrivals, by=TESTS, **more)


def broken() -> list[str]:
    return [rule.name for rule in INVARIANTS if check(rule)] + broken_rules()


def counts(order: Order) -> tuple[int, int, int]:
    line = order.lines.get()
    return line.shipped, line.delivered, line.returned


def in_two(units: int = 3) -> tuple[Order, Shipment, Shipment]:
    """One mug has been delivered; the others are on their way."""
    order = paid(("MUG", units))
    line = line_of(order)
    one, others = (pack_shipment(order_id=order.pk, lines={line: n}, by=TESTS) for n in (1, units - 1))
    for package in (one, others):
        ship_shipment(shipment_id=package.pk, carrier="DHL", tracking_number="T1", by=TESTS)
    deliver_shipment(shipment_id=one.pk, by=TESTS)
    return fresh(order), one, others


def test_it_is_awaited_by_an_approved_return_for_just_its_units() -> None:
    order = shipped(("MUG", 2))
    ret = came_back(order.shipments.get())
    after, part = fresh(order), ret.lines.get()
    assert (ret.status, ret.number, part.quantity, part.reason) == ("approved", f"{order.number}-R1", 2, "undelivered")
    assert (after.status, after.return_status, after.version) == ("shipped", "requested", order.version + 1)
    assert (counts(after), after.shipments.get().status) == ((2, 0, 0), "shipped")
    assert LogEntry.objects.latest("sequence").name == "ShipmentCameBack"
    assert broken() == []


def test_when_it_is_received_the_order_goes_from_shipped_to_returned() -> None:
    ReturnRule.objects.create(name="Fee", window_days=1).terms.create(reason="other", fee_percent=50)
    order = shipped(("MUG", 2))
    receive(came_back(order.shipments.get()))
    after, step = fresh(order), OrderTransition.objects.latest("id")
    assert (step.from_status, step.to_status, after.return_status) == ("shipped", "returned", "returned")
    assert (counts(after), after.shipments.get().status, after.delivered_at) == ((2, 2, 2), "returned", None)
    assert StockLevel.objects.get().on_hand == 10
    assert suggestions(read_order(order.pk))[f"{order.number}-R1"].amount == order.total
    assert broken() == []


def test_a_part_that_comes_back_leaves_the_rest_delivered_and_returnable() -> None:
    order, _, others = in_two()
    line = line_of(order)
    ret = came_back(others)
    assert returnable(fresh(order)) == {line: 1}
    receive(ret)
    after = fresh(order)
    assert (after.status, after.return_status, counts(after)) == ("delivered", "partially_returned", (3, 3, 2))
    assert ([found.status for found in after.shipments.all()], returnable(after)) == (
        ["delivered", "returned"],
        {line: 1},
    )
    assert after.delivered_at is not None
    assert suggestions(read_order(order.pk))[ret.number].amount == 2 * order.lines.get().total / 3
    own = request_return(order_id=order.pk, wishes=[Wish(line, 1, "other")], by=TESTS)
    assert (own.number, broken()) == (f"{order.number}-R2", [])


def test_what_was_lost_may_come_back() -> None:
    order = shipped()
    lose_shipment(shipment_id=order.shipments.get().pk, by=TESTS)
    receive(came_back(order.shipments.get()))
    assert (fresh(order).status, fresh(order).shipments.get().status, broken()) == ("returned", "returned", [])


def test_all_units_of_the_package_are_counted() -> None:
    order = shipped(("MUG", 2))
    ret, line = came_back(order.shipments.get()), line_of(order)
    with refused(Invalid):
        receive_return(return_id=ret.pk, arrivals=[Arrival(line, 1, "new", True)], by=TESTS)
    assert (counts(fresh(order)), Return.objects.get().status) == ((2, 0, 0), "approved")
    missing = Arrival(line, 1, "damaged", False, note="Missing")
    receive_return(return_id=ret.pk, arrivals=[Arrival(line, 1, "new", True), missing], by=TESTS)
    assert (counts(fresh(order)), StockLevel.objects.get().on_hand) == ((2, 2, 2), 9)
    assert suggestions(read_order(order.pk))[ret.number].amount == order.total
    assert broken() == []


def test_it_is_awaited_once_until_that_is_rejected() -> None:
    package = shipped().shipments.get()
    ret = came_back(package)
    with refused(NotAllowedNow):
        came_back(package)
    assert Return.objects.count() == 1
    reject_return(return_id=ret.pk, reason="By mistake", by=TESTS)
    receive(came_back(package))
    assert (fresh(package.order).status, broken()) == ("returned", [])


def test_what_was_delivered_or_has_not_left_does_not_come_back() -> None:
    ready = pack_shipment(order_id=paid().pk, by=TESTS)
    for package in (ready, delivered().shipments.get()):
        with refused(NotAllowedNow):
            came_back(package)
    assert not Return.objects.exists()


def test_what_is_delivered_after_all_is_a_usual_return() -> None:
    order = shipped(("MUG", 2))
    ret = came_back(order.shipments.get())
    deliver_shipment(shipment_id=order.shipments.get().pk, by=TESTS)
    assert (fresh(order).status, returnable(fresh(order))) == ("delivered", {line_of(order): 0})
    receive_return(return_id=ret.pk, arrivals=[Arrival(line_of(order), 1, "new", True)], by=TESTS)
    assert (fresh(order).status, counts(fresh(order)), broken()) == ("delivered", (2, 2, 1), [])


def test_it_goes_back_to_the_warehouse_of_its_package() -> None:
    order, _, others = in_two()
    place = StockLevel.objects.get().warehouse.code
    other = WarehouseFactory.create()
    Shipment.objects.filter(order=order).exclude(pk=others.pk).update(warehouse=other)
    receive(came_back(others))
    assert ReturnUnit.objects.get().warehouse.code == place


def test_it_is_sent_again_as_an_exchange() -> None:
    order = shipped(("MUG", 2))
    ret = receive(came_back(order.shipments.get()))
    again = exchange_return(return_id=ret.pk, swaps=[Swap(line_of(order), 2)], by=TESTS).exchange_order
    assert (again.status, again.due) == ("paid", 0)
    assert suggestions(read_order(order.pk))[ret.number].amount == order.total - sum(
        line.total for line in order.lines.all()
    )


@pytest.mark.parametrize(
    ("role", "status"), [("warehouse", 201), ("admin", 201), ("customer_service", 403), ("customer", 403)]
)
def test_who_moves_packages_says_over_the_api_that_one_came_back(role: str, status: int) -> None:
    package = shipped().shipments.get()
    answer = post(staff(role), f"shipments/{package.number}/returned-to-sender", {})
    assert (answer.status_code, Return.objects.count()) == (status, int(status == 201))
    if status == 201:
        assert (answer.json()["status"], answer.json()["lines"][0]["reason"]) == ("approved", "undelivered")


def test_partners_say_it_of_their_own_and_warehouses_of_theirs() -> None:
    mine, order = PartnerFactory(), shipped()
    path = f"shipments/{order.shipments.get().number}/returned-to-sender"
    partner = partner_client(mine, scopes=["fulfilment:write"])
    elsewhere = client_for(UserFactory(role="warehouse", warehouses=[WarehouseFactory.create().code]))
    assert [post(client, path, {}).status_code for client in (partner, elsewhere)] == [404, 404]
    assert not Return.objects.exists()
    Order.objects.filter(pk=order.pk).update(partner=mine)
    assert post(partner, path, {}).status_code == 201


def test_a_key_is_needed_and_counts_once() -> None:
    path = f"shipments/{shipped().shipments.get().number}/returned-to-sender"
    warehouse = staff("warehouse")
    assert post(warehouse, path, {}, idempotency_key="").status_code == 400
    assert [post(warehouse, path, {}, idempotency_key="k").status_code for _ in range(2)] == [201, 201]
    assert Return.objects.count() == 1


def test_nobody_asks_for_such_a_return_and_it_needs_no_label() -> None:
    order, warehouse = delivered(), staff("warehouse")
    body = {"lines": [{"line": line_of(order), "quantity": 1, "reason": "undelivered"}]}
    assert post(warehouse, f"orders/{order.number}/returns", body).status_code == 400
    reasons = get(warehouse, f"orders/{order.number}/returnable").json()["lines"][0]["reasons"]
    assert "undelivered" not in {found["reason"] for found in reasons}
    ret = came_back(shipped().shipments.get())
    assert get(warehouse, f"returns/{ret.number}/label.pdf").status_code == 409
    assert get(warehouse, f"returns/{ret.number}/authorisation.pdf").status_code == 200


def test_from_the_page_of_the_order_to_the_desk() -> None:
    order, client = shipped(("MUG", 2)), browser("warehouse")
    package = order.shipments.get()
    page = client.get(page_url(order)).context
    assert [button.verb.action for button in page["packages"][0].buttons] == [
        "deliver",
        "return_to_sender",
        "lose_shipment",
    ]
    assert "Approved" in look(client, order, "return_to_sender", package=package.pk).content.decode()
    do(client, order, "return_to_sender", package=package.pk)
    page = client.get(page_url(order))
    actions = [button.verb.action for button in page.context["packages"][0].buttons]
    assert (actions, page.context["returns"][0].undelivered) == (["deliver", "lose_shipment"], package.number)
    assert f"package {package.number}, undelivered" in page.content.decode()
    number = Return.objects.get().number
    assert [ret.number for ret in client.get("/admin/orders/return/desk/").context["awaited"].rows] == [number]
    desk = client.get(f"/admin/orders/return/desk/{number}/")
    assert "count all of it" in desk.content.decode()
    assert desk.context["look"].rehearsal.refusal is None
