"""Transfers that take their time."""

import pytest

from audit.doctor import check
from inventory.errors import InsufficientStock, TransferClosed
from inventory.invariants import INVARIANTS
from inventory.models import StockLevel, Transfer, TransferLine
from inventory.services import Want, reserve
from inventory.tests.checks import broken_rules, moves, refused, unhealthy_history
from inventory.tests.factories import TESTS, WarehouseFactory, stock
from inventory.transfers.services import cancel_transfer, receive_transfer, send_transfer
from kernel.errors import Invalid, NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _houses() -> None:
    here = WarehouseFactory(code="HERE", priority=1)
    WarehouseFactory(code="THERE", priority=2)
    stock("A", 10, warehouse=here)
    stock("B", 5, warehouse=here)


def send(**lines: int) -> Transfer:
    return send_transfer(from_code="HERE", to_code="THERE", lines=lines or {"A": 4, "B": 1}, by=TESTS)


def on_hand(code: str) -> dict[str, int]:
    return dict(StockLevel.objects.filter(warehouse__code=code).values_list("item__sku", "on_hand"))


def test_what_is_sent_lies_nowhere_until_it_arrives() -> None:
    transfer = send()
    assert (on_hand("HERE"), on_hand("THERE")) == ({"A": 6, "B": 4}, {})
    received = receive_transfer(number=transfer.number, by=TESTS)
    assert (received.state, on_hand("THERE")) == ("received", {"A": 4, "B": 1})
    assert moves(cause=f"transfer:{transfer.number}", item__sku="A") == [("transferred", -4, 6), ("transferred", 4, 4)]
    assert (broken_rules(), unhealthy_history()) == ([], [])


def test_what_does_not_arrive_is_lost_with_a_reason() -> None:
    number = send().number
    with refused(Invalid) as refusal:
        receive_transfer(number=number, received={"A": 3, "B": 1}, by=TESTS)
    assert refusal.value.problems[0].field == "loss_reason"
    assert (Transfer.objects.get().state, on_hand("THERE")) == ("in_transit", {})
    receive_transfer(number=number, received={"A": 3, "B": 1}, loss_reason="Fell off", by=TESTS)
    assert (Transfer.objects.get().loss_reason, on_hand("THERE")) == ("Fell off", {"A": 3, "B": 1})
    assert list(TransferLine.objects.values_list("quantity", "received")) == [(4, 3), (1, 1)]
    assert broken_rules() == []


def test_a_cancelled_one_goes_back() -> None:
    cancel_transfer(number=send().number, by=TESTS)
    assert (on_hand("HERE"), on_hand("THERE"), broken_rules()) == ({"A": 10, "B": 5}, {}, [])


@pytest.mark.parametrize("again", [receive_transfer, cancel_transfer])
def test_what_is_over_stays_over(again) -> None:
    number = send().number
    receive_transfer(number=number, by=TESTS)
    with refused(TransferClosed):
        again(number=number, by=TESTS)
    assert (on_hand("HERE"), on_hand("THERE")) == ({"A": 6, "B": 4}, {"A": 4, "B": 1})


def test_promised_units_stay() -> None:
    reserve(order_id=7, wants=[Want(71, "A", 7)], expires_at=None)
    with refused(InsufficientStock) as refusal:
        send(A=4)
    assert refusal.value.extra["items"] == [{"sku": "A", "requested": 4, "available": 3}]
    assert (Transfer.objects.count(), on_hand("HERE")["A"]) == (0, 10)


@pytest.mark.parametrize("received", [{"A": 5}, {"A": -1}, {"C": 1}])
def test_no_more_arrives_than_was_sent(received) -> None:
    number = send().number
    with refused(Invalid):
        receive_transfer(number=number, received=received, loss_reason="x", by=TESTS)
    assert (on_hand("THERE"), Transfer.objects.get().state) == ({}, "in_transit")


def test_an_unknown_one_cannot_arrive() -> None:
    with refused(NotFound):
        receive_transfer(number="T1", by=TESTS)


def test_the_doctor_sees_a_unit_that_vanished_on_the_way() -> None:
    send()
    TransferLine.objects.filter(item__sku="A").update(quantity=3)
    (rule,) = [rule for rule in INVARIANTS if rule.name == "stock.transfers"]
    assert check(rule) is not None
