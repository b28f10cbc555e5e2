import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from audit.models import LogEntry
from inventory.models import StockLevel, StockMovement
from inventory.tests.factories import WarehouseFactory
from orders.models import Hold, Order, OrderNote, OrderTransition, Return, Shipment
from orders.services import approve_return, pack_shipment, place_hold, request_return, ship_shipment
from orders.services.returns import Wish
from orders.tests.back_office import ask_url, do, list_url, look, page_url, staff, told, user_of
from orders.tests.factories import TESTS, buyable, delivered, fresh, paid, place, shipped

pytestmark = pytest.mark.django_db


def line_of(order: Order):
    return order.lines.get()


def written() -> tuple[int, int, int]:
    """How much has been written down: nothing may be added by a look or a refusal."""
    return OrderTransition.objects.count(), LogEntry.objects.count(), StockMovement.objects.count()


def test_pack_takes_the_units_named() -> None:
    buyable()
    order = paid(("MUG", 3))
    client = staff("warehouse")
    code = StockLevel.objects.get().warehouse.code
    response = do(client, order, "pack", warehouse=code, **{f"quantity_{line_of(order).pk}": 2})
    assert told(response) == ["Packed."]
    assert (line_of(order).packed, fresh(order).fulfillment_status) == (2, "partially_packed")
    step = OrderTransition.objects.latest("id")
    assert (step.verb, step.actor) == ("pack", str(user_of(client).as_actor()))


def test_ship_hands_the_package_to_the_carrier() -> None:
    buyable(quantity=10)
    order = paid(("MUG", 3))
    package = pack_shipment(order_id=order.pk, by=TESTS)
    do(staff(), order, "ship", package=package.pk, carrier="DHL", tracking_number="T9")
    package.refresh_from_db()
    assert (package.status, package.carrier, package.tracking_number) == ("shipped", "DHL", "T9")
    assert (StockLevel.objects.get().on_hand, fresh(order).status) == (7, "shipped")


def test_deliver() -> None:
    buyable()
    order = shipped()
    do(staff(), order, "deliver", package=order.shipments.get().pk)
    assert fresh(order).status == "delivered"


def test_unpack() -> None:
    buyable()
    order = paid()
    package = pack_shipment(order_id=order.pk, by=TESTS)
    do(staff(), order, "cancel_shipment", package=package.pk)
    assert (Shipment.objects.get().status, fresh(order).status) == ("cancelled", "paid")


def test_cancel_all_of_it() -> None:
    buyable()
    order = paid(("MUG", 2))
    do(staff("customer_service"), order, "cancel", reason="Ordered twice")
    order = fresh(order)
    assert (order.status, order.cancel_reason, StockLevel.objects.get().reserved) == ("cancelled", "Ordered twice", 0)


def test_cancel_some_units() -> None:
    buyable()
    order = paid(("MUG", 3))
    do(staff(), order, "cancel_lines", reason="Broken", **{f"quantity_{line_of(order).pk}": 1})
    assert (line_of(order).cancelled, StockLevel.objects.get().reserved) == (1, 2)


def test_hold_and_release() -> None:
    buyable()
    order = paid()
    client = staff()
    do(client, order, "hold", kind="fraud", note="Looks odd")
    hold = Hold.objects.get()
    assert (hold.kind, hold.note, hold.released_at) == ("fraud", "Looks odd", None)
    do(client, order, "release_hold", hold=hold.pk)
    hold.refresh_from_db()
    assert hold.released_by == str(user_of(client).as_actor())


def test_change_address() -> None:
    buyable()
    order = paid()
    address = {"last_name": "New", "line1": "2 Low Road", "city": "Paris", "postal_code": "75001", "country": "FR"}
    do(staff(), order, "change_address", **address)
    found = order.addresses.get(kind="shipping")
    assert (found.last_name, found.line1, found.country) == ("New", "2 Low Road", "FR")


def test_a_return_from_request_to_the_shelf() -> None:
    buyable(quantity=10)
    order = delivered(("MUG", 3))
    client, line = staff(), line_of(order)
    do(client, order, "request_return", note="Too small", **{f"quantity_{line.pk}": 2, f"reason_{line.pk}": "other"})
    ret = Return.objects.get()
    do(client, order, "approve_return", **{"return": ret.pk})
    answers = {f"quantity_{line.pk}": 2, f"condition_{line.pk}": "new", f"restock_{line.pk}": "on"}
    do(client, order, "receive_return", **{"return": ret.pk} | answers)
    ret.refresh_from_db()
    assert (ret.status, ret.note, ret.lines.get().restocked) == ("received", "Too small", 2)
    assert (fresh(order).return_status, StockLevel.objects.get().on_hand) == ("partially_returned", 9)


def test_reject_a_return() -> None:
    buyable()
    order = delivered()
    ret = request_return(order_id=order.pk, wishes=[Wish(line_of(order).pk, 1, "other")], by=TESTS)
    do(staff(), order, "reject_return", **{"return": ret.pk, "reason": "Worn"})
    ret.refresh_from_db()
    assert (ret.status, OrderTransition.objects.latest("id").reason) == ("rejected", "Worn")


def test_a_note_is_kept_for_colleagues() -> None:
    buyable()
    order = place()
    response = do(staff(), order, "note", text="Called her")
    assert OrderNote.objects.get().text == "Called her"
    assert "Called her" in response.content.decode()


def test_a_look_tells_what_will_happen_and_changes_nothing() -> None:
    buyable(quantity=10)
    order = paid(("MUG", 3))
    package = pack_shipment(order_id=order.pk, by=TESTS)
    before = written()
    response = staff().get(ask_url(order, "ship"))
    effects = [(effect.what, effect.was, effect.becomes) for effect in response.context["rehearsal"].effects]
    code = package.warehouse.code
    assert effects == [
        ("Stage", "Packed", "Shipped"),
        ("Fulfilment", "Packed", "Shipped"),
        (f"Package {package.number}", "Packed", "Shipped"),
        ("MUG shipped", "0", "3"),
        (f"MUG at {code}, on hand", "10", "7"),
        (f"MUG at {code}, reserved", "3", "0"),
    ]
    assert (written(), fresh(order).status) == (before, "packed")


def test_nothing_is_done_that_was_not_shown() -> None:
    buyable()
    order = paid(("MUG", 3))
    client, before = staff(), written()
    name, code = f"quantity_{line_of(order).pk}", StockLevel.objects.get().warehouse.code
    seen = look(client, order, "pack", warehouse=code, **{name: 1}).context["seen"]
    response = client.post(ask_url(order, "pack"), {"intent": "do", "seen": seen, "warehouse": code, name: 2})
    assert "Confirm it once more" in response.context["notice"]
    assert (written(), line_of(order).packed) == (before, 0)


def test_an_order_that_has_changed_meanwhile_is_shown_anew() -> None:
    buyable()
    order = paid(("MUG", 3))
    client = staff()
    seen = look(client, order, "cancel", reason="x").context["seen"]
    place_hold(order_id=order.pk, kind="fraud", by=TESTS)
    response = client.post(ask_url(order, "cancel"), {"intent": "do", "seen": seen, "reason": "x"})
    assert response.context["notice"]
    assert fresh(order).status == "paid"


def test_a_refusal_shows_its_sentence_and_changes_nothing() -> None:
    buyable()
    order = place()
    before = written()
    response = staff().post(ask_url(order, "pack"), {"intent": "do"}, follow=True)
    assert told(response) == ["The order is not paid."]
    assert (written(), fresh(order).status) == (before, "pending")


@pytest.mark.django_db(transaction=True)
def test_a_refusal_of_the_service_is_shown_in_the_window() -> None:
    buyable()
    order = paid()
    place_hold(order_id=order.pk, kind="fraud", by=TESTS)
    before = written()
    response = staff().post(ask_url(order, "hold"), {"intent": "do", "kind": "fraud"})
    assert response.context["form"].non_field_errors() == ["The order already has this hold."]
    assert (response.status_code, written()) == (200, before)


def test_more_than_there_is_names_the_line() -> None:
    buyable()
    order = paid(("MUG", 2))
    name, code = f"quantity_{line_of(order).pk}", StockLevel.objects.get().warehouse.code
    response = look(staff(), order, "pack", warehouse=code, **{name: 3})
    assert list(response.context["form"].errors) == [name]
    assert response.context["seen"] == ""


def test_each_warehouse_packs_what_it_holds() -> None:
    first, second = WarehouseFactory(), WarehouseFactory()
    buyable(quantity=2, warehouse=first)
    from_second = buyable("TEE", quantity=5, warehouse=second)
    order = paid(("MUG", 2), ("TEE", 1))
    client = staff()
    rows = client.get(f"{ask_url(order, 'pack')}?warehouse={second.code}").context["form"].rows()
    assert [(row.line.sku, row.room) for row in rows] == [(from_second.sku, 1)]
    tee = order.lines.get(sku="TEE")
    do(client, order, "pack", warehouse=second.code, **{f"quantity_{tee.pk}": 1})
    assert Shipment.objects.get().warehouse == second


def test_the_next_step_is_the_big_button_and_the_rest_is_greyed_with_its_reason() -> None:
    buyable()
    order = place()
    context = staff().get(page_url(order)).context
    assert context["big"].verb.action == "pay"
    assert context["buttons"]["ship"].why_not == "There is no packed package."
    page = staff().get(page_url(order)).content.decode()
    assert f'title="{escape("There is no packed package.")}"' in page


@pytest.mark.parametrize(
    ("prepare", "action"),
    [(place, "pay"), (paid, "pack"), (shipped, "deliver"), (delivered, None)],
)
def test_each_stage_has_its_next_step(prepare, action: str | None) -> None:
    buyable()
    big = staff().get(page_url(prepare())).context["big"]
    assert (big.verb.action if big else None) == action


def test_what_a_role_may_not_do_is_not_there() -> None:
    buyable()
    order = place()
    warehouse, service = staff("warehouse"), staff("customer_service")
    assert not {"pay", "refund"} & set(warehouse.get(page_url(order)).context["buttons"])
    assert not {"pack", "ship", "deliver"} & set(service.get(page_url(order)).context["buttons"])
    before = written()
    assert warehouse.post(ask_url(order, "pay"), {"intent": "do", "amount": "1"}).status_code == 403
    assert (written(), fresh(order).payment_status) == (before, "unpaid")


def test_a_hold_that_only_others_may_release_says_so() -> None:
    buyable()
    order = paid()
    place_hold(order_id=order.pk, kind="fraud", by=TESTS)
    client = staff("warehouse")
    assert client.get(page_url(order)).context["buttons"]["release_hold"].why_not == "Only admin may do this."
    do(client, order, "release_hold", hold=Hold.objects.get().pk)
    assert Hold.objects.get().released_at is None


def test_a_form_of_another_site_does_nothing() -> None:
    buyable()
    order = place()
    client = staff()
    client.handler.enforce_csrf_checks = True
    assert client.post(ask_url(order, "cancel"), {"intent": "do", "reason": "x"}).status_code == 403
    assert fresh(order).status == "pending"


def test_the_page_reads_in_a_fixed_number_of_statements() -> None:
    for sku in ("MUG", "TEE", "CAP"):
        buyable(sku)
    small, large = delivered(("MUG", 1)), delivered(("MUG", 1), ("TEE", 2), ("CAP", 1))
    ret = request_return(order_id=large.pk, wishes=[Wish(large.lines.first().pk, 1, "other")], by=TESTS)
    approve_return(return_id=ret.pk, by=TESTS)
    client = staff()
    spent = []
    for order in (small, large):
        client.get(page_url(order))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page_url(order)).status_code == 200
        spent.append(len(queries))
    assert spent[1] <= 25, spent
    assert spent[1] - spent[0] <= 1


def test_no_such_order_and_no_such_verb() -> None:
    buyable()
    order = place()
    client = staff()
    assert client.get("/admin/orders/order/999999/change/").status_code == 404
    assert client.get("/admin/orders/order/none/change/").status_code == 404
    assert client.get(ask_url(order, "nothing")).status_code == 404
    assert client.get(list_url(queue="nothing")).status_code == 200


def test_the_window_of_a_verb_leads_back_to_the_page() -> None:
    buyable()
    order = paid()
    window = {"HX-Request": "true"}
    client = staff()
    shown = client.get(ask_url(order, "cancel"), headers=window)
    assert "<html" not in shown.content.decode()
    answers = {"intent": "do", "reason": "x", "seen": look(client, order, "cancel", reason="x").context["seen"]}
    assert client.post(ask_url(order, "cancel"), answers, headers=window).headers["HX-Redirect"] == page_url(order)


def test_packages_are_shipped_one_by_one() -> None:
    buyable()
    order = paid(("MUG", 2))
    line = line_of(order)
    first = pack_shipment(order_id=order.pk, lines={line.pk: 1}, by=TESTS)
    second = pack_shipment(order_id=order.pk, lines={line.pk: 1}, by=TESTS)
    ship_shipment(shipment_id=first.pk, by=TESTS)
    form = staff().get(f"{ask_url(order, 'ship')}?package={second.pk}").context["form"]
    assert [int(value) for value, _ in form.fields["package"].choices] == [second.pk]
