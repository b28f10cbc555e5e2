from typing import Any

import pytest
from django.urls import reverse

from audit.models import LogEntry
from orders.errors import OnHold
from orders.models import Order, Shipment
from orders.services import Wish, pack_shipment, place_hold, request_return
from orders.tests.back_office import list_url, staff
from orders.tests.factories import TESTS, buyable, delivered, fresh, paid, place, shipped

# On real transactions, as each order is one of its own.
pytestmark = pytest.mark.django_db(transaction=True)


def bulk_url(action: str) -> str:
    return reverse("admin:orders_order_bulk", args=(action,))


def look_and_do(client: Any, action: str, *orders: Order, **answers: Any) -> Any:
    """See what would happen to each, then confirm it."""
    chosen = {"id": [order.pk for order in orders], **answers}
    shown = client.post(bulk_url(action), {"intent": "look", **chosen}).context
    ready = [outcome.key for outcome in shown["outcomes"] if outcome.state == "ready"]
    return client.post(bulk_url(action), {"intent": "do", "ready": ready, **chosen})


def outcomes(response: Any) -> dict[int, tuple[str, str]]:
    return {found.order.pk: (found.state, found.says) for found in response.context["outcomes"]}


def test_ticked_rows_lead_to_a_page_that_says_what_will_happen() -> None:
    buyable()
    first, second, waits = paid(("MUG", 2)), paid(), place()
    client = staff()
    ids = [first.pk, second.pk, waits.pk]
    ticked = client.post(list_url(queue="to_pack"), {"action": "pack", "index": 0, "_selected_action": ids})
    facts = LogEntry.objects.count()
    response = client.get(ticked.url)
    assert outcomes(response) == {
        first.pk: ("ready", f"Stage: Paid → Packed · Package {first.number}-1: new → Packed · 2 units"),
        second.pk: ("ready", f"Stage: Paid → Packed · Package {second.number}-1: new → Packed · 1 unit"),
        waits.pk: ("refused", "The order is not paid."),
    }
    assert (Shipment.objects.count(), LogEntry.objects.count()) == (0, facts)


def test_each_order_has_its_result() -> None:
    buyable()
    good, held = paid(), paid()
    place_hold(order_id=held.pk, kind="fraud", by=TESTS)
    response = look_and_do(staff(), "pack", good, held)
    assert outcomes(response)[good.pk] == ("done", "Packed.")
    assert outcomes(response)[held.pk] == ("refused", str(OnHold.detail))
    assert (fresh(good).status, fresh(held).status) == ("packed", "paid")


def test_an_order_that_has_changed_since_is_left_alone() -> None:
    buyable()
    order = paid()
    client = staff()
    shown = client.get(f"{bulk_url('pack')}?id={order.pk}").context["outcomes"]
    place_hold(order_id=order.pk, kind="address", by=TESTS)
    response = client.post(bulk_url("pack"), {"intent": "do", "id": order.pk, "ready": shown[0].key})
    assert outcomes(response) == {
        order.pk: ("refused", "It has changed since you looked, so nothing was done. Look again.")
    }
    assert Shipment.objects.count() == 0


def test_tracking_numbers_are_pasted_as_lines() -> None:
    buyable()
    first, second = paid(), paid()
    for order in (first, second):
        pack_shipment(order_id=order.pk, by=TESTS)
    pasted = f"{first.number}\t0034 0434\r\n\r\n{second.number.lower()}-1  JJD7\r\nW9\tT9\r\n"
    answers = {"carrier": "DHL", "tracking": pasted}
    client = staff("warehouse")
    shown = client.post(bulk_url("ship"), {"intent": "look", "id": [first.pk, second.pk], **answers})
    assert shown.context["strangers"] == ["W9"]
    assert f"Tracking of {first.number}-1: – → DHL 0034 0434" in shown.context["outcomes"][0].says
    look_and_do(client, "ship", first, second, **answers)
    sent = Shipment.objects.order_by("id").values_list("status", "carrier", "tracking_number")
    assert list(sent) == [("shipped", "DHL", "0034 0434"), ("shipped", "DHL", "JJD7")]


@pytest.mark.parametrize(
    ("pasted", "says"),
    [
        ("W1\tT1\nW2", "Line 2 needs a tracking number of up to 100 characters."),
        ("W1 T1\nw1 T2", "Line 2: W1 is there twice."),
    ],
)
def test_lines_that_cannot_be_meant_are_refused(pasted: str, says: str) -> None:
    buyable()
    order = paid()
    pack_shipment(order_id=order.pk, by=TESTS)
    answers = {"intent": "do", "id": order.pk, "ready": f"{order.pk}:{order.version}", "tracking": pasted}
    response = staff().post(bulk_url("ship"), answers)
    assert response.context["form"].errors["tracking"] == [says]
    assert Shipment.objects.get().status == "packed"


def test_deliver_approve_hold_cancel_and_pay() -> None:
    buyable()
    client = staff()
    way, back, stop, drop, owes = shipped(), delivered(), paid(), paid(), place()
    request_return(order_id=back.pk, wishes=[Wish(back.lines.get().pk, 1, "other")], by=TESTS)
    look_and_do(client, "deliver", way)
    look_and_do(client, "approve_return", back)
    look_and_do(client, "hold", stop, kind="stock", note="")
    look_and_do(client, "cancel", drop, reason="Out of stock")
    look_and_do(client, "pay", owes)
    assert fresh(way).status == "delivered"
    assert fresh(back).returns.get().status == "approved"
    assert fresh(stop).holds.get().kind == "stock"
    assert (fresh(drop).status, fresh(drop).cancel_reason) == ("cancelled", "Out of stock")
    assert fresh(owes).status == "paid"


def test_a_role_does_to_many_only_what_it_may_do_to_one() -> None:
    buyable()
    order = place()
    response = staff("warehouse").post(bulk_url("pay"), {"intent": "do", "id": order.pk, "ready": f"{order.pk}:1"})
    assert response.status_code == 403
    assert fresh(order).status == "pending"


@pytest.mark.parametrize("digits", [19, 5000])
def test_an_id_that_no_row_can_have_is_not_there(digits: int) -> None:
    client, number = staff(), "9" * digits
    windows = [f"{bulk_url('pack')}?id={number}", reverse("admin:orders_order_ask", args=(number, "pack"))]
    pages = [reverse(f"admin:orders_{name}_change", args=(number,)) for name in ("order", "picklist")]
    assert [client.get(address).status_code for address in (*windows, *pages)] == [404] * 4


def test_nothing_chosen_and_nothing_known() -> None:
    buyable()
    order = place()
    client = staff()
    assert client.get(bulk_url("pack")).status_code == 404
    assert client.get(f"{bulk_url('note')}?id={order.pk}").status_code == 404
    assert client.get(f"{bulk_url('nothing')}?id={order.pk}").status_code == 404
    assert client.post(list_url(queue="to_pack"), {"action": "pack", "index": 0}).url == list_url(queue="to_pack")
