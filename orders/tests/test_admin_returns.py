"""Returns in the back office: the desk's lists, the end of a repair, and returns against the rules."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from inventory.models import StockLevel
from orders.back_office import returns_desk
from orders.models import Order, Return, ReturnRule, ReturnUnit
from orders.services import Arrival, Wish, approve_return, receive_return, request_return
from orders.tests.back_office import ask_url, do, look, page_url, staff
from orders.tests.factories import TESTS, buyable, delivered, fresh

pytestmark = pytest.mark.django_db
DESK = "/admin/orders/return/desk/"


def asked(order: Order) -> Return:
    wishes = [Wish(line.pk, line.quantity, "other") for line in order.lines.all()]
    return approve_return(return_id=request_return(order_id=order.pk, wishes=wishes, by=TESTS).pk, by=TESTS)


def to_refurbish() -> Order:
    """An order whose mug came back and waits to be refurbished."""
    order = delivered()
    arrivals = [Arrival(line.pk, line.quantity, "opened", False) for line in order.lines.all()]
    receive_return(return_id=asked(order).pk, arrivals=arrivals, by=TESTS)
    return fresh(order)


@pytest.mark.parametrize(("outcome", "disposition", "on_hand"), [("restock", "refurbish", 10), ("scrap", "scrap", 9)])
def test_a_repair_ends_on_sale_or_written_off(outcome: str, disposition: str, on_hand: int) -> None:
    buyable("MUG", quantity=10)
    order = to_refurbish()
    client = staff("warehouse")
    assert "1 × " in look(client, order, "restock_refurbished").content.decode()
    do(client, order, "restock_refurbished", units=ReturnUnit.objects.get().pk, outcome=outcome)
    unit = ReturnUnit.objects.get()
    assert (unit.disposition, unit.restocked_at is None) == (disposition, outcome == "scrap")
    assert StockLevel.objects.get().on_hand == on_hand
    assert client.get(DESK).context["waiting"].rows == []


def test_the_desk_says_when_more_waits_than_it_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    buyable("MUG", quantity=10)
    for _ in range(2):
        to_refurbish()
        asked(delivered())
    client = staff("warehouse")
    assert "There are more." not in client.get(DESK).content.decode()
    monkeypatch.setattr(returns_desk, "SHOWN", 1)
    page = client.get(DESK)
    assert [len(page.context[name].rows) for name in ("awaited", "waiting")] == [1, 1]
    assert page.content.decode().count("There are more.") == 2


def late(order: Order) -> Order:
    """Delivered so long ago that the window is closed."""
    Order.objects.filter(pk=order.pk).update(delivered_at=timezone.now() - timedelta(days=60))
    return fresh(order)


def answers(order: Order, **more: str) -> dict[str, object]:
    line = order.lines.get()
    return {f"quantity_{line.pk}": 1, f"reason_{line.pk}": "other", **more}


def why_not(client: Client, order: Order) -> str:
    return str(client.get(page_url(order)).context["buttons"]["request_return"].why_not)


def test_staff_open_a_return_against_the_rules_and_say_why() -> None:
    buyable()
    order, service = late(delivered()), staff("customer_service")
    assert why_not(service, order) == ""
    window = service.get(ask_url(order, "request_return")).content.decode()
    assert "It could be returned until" in window
    assert "Against the rules" in window
    do(service, order, "request_return", **answers(order, against_rules="on", override="Was in hospital"))
    assert Return.objects.get().override == "Was in hospital"
    assert why_not(service, fresh(order)) == "Nothing has been delivered that could be returned."


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "It could be returned until"),
        ({"against_rules": "on"}, "Say why."),
        ({"override": "Please"}, "Tick it"),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_the_rules_hold_without_a_tick_and_its_words(more: dict[str, str], said: str) -> None:
    buyable()
    order = late(delivered())
    page = do(staff("customer_service"), order, "request_return", **answers(order, **more))
    assert said in page.content.decode()
    assert not Return.objects.exists()


def test_a_line_that_never_comes_back_is_shown_as_such_beside_others() -> None:
    mug, _ = buyable("MUG"), buyable("CUP")
    ReturnRule.objects.create(name="No mugs", product=mug, returnable=False)
    order = delivered(("MUG", 1), ("CUP", 1))
    page = staff("customer_service").get(ask_url(order, "request_return"))
    assert {row.line.sku: row.warning for row in page.context["form"].rows()} == {
        "MUG": "This cannot be returned.", "CUP": ""}  # fmt: skip


def test_without_a_barred_line_nobody_is_asked_about_rules() -> None:
    buyable()
    page = staff("customer_service").get(ask_url(delivered(), "request_return"))
    assert "against_rules" not in page.context["form"].fields
