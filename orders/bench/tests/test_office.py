"""The pages of the bench, as their scripts call them."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from inventory.models import Warehouse
from inventory.services import update_warehouse
from inventory.tests.factories import WarehouseFactory
from orders.bench.lists import make_pick_list
from orders.bench.picks import confirm_pick
from orders.models import PickList, PickTask, Shipment, ShortPick
from orders.services import pack_shipment, place_hold, ship_shipment
from orders.tests.back_office import page_url, staff, user_of
from orders.tests.factories import TESTS, buyable, paid, place

pytestmark = pytest.mark.django_db(transaction=True)


def house() -> str:
    return Warehouse.objects.order_by("pk")[0].code


def send(client: Client, name: str, body: Any = None, *args: object) -> Any:
    address = reverse(f"admin:{name}", args=args)
    return client.post(address, json.dumps(body or {}), content_type="application/json")


def limit(client: Client, *codes: str) -> None:
    User.objects.filter(pk=user_of(client).pk).update(warehouses=list(codes))


def test_an_order_is_opened_by_number_package_or_as_the_next() -> None:
    buyable("MUG", quantity=20)
    client, order = staff("warehouse"), paid(("MUG", 2))
    package = pack_shipment(order_id=order.pk, lines={order.lines.get().pk: 1}, by=TESTS)
    for code in (order.number.lower(), f" {package.number} "):
        shown = send(client, "orders_bench_open", {"code": code, "warehouse": house()}).json()
        assert (shown["number"], shown["lines"][0]["units"], shown["packages"]) == (order.number, 1, [package.number])
    assert send(client, "orders_bench_next", {"warehouse": house()}).json()["number"] == order.number
    nothing = send(client, "orders_bench_next", {"warehouse": house(), "besides": [order.number]})
    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing_to_pick")


def test_the_next_one_is_fetched_already_and_nobody_elses() -> None:
    buyable("MUG", quantity=20)
    first, fetched, walked = paid(), paid(), paid()
    done = make_pick_list(warehouse=house(), orders=2, by=TESTS)
    PickTask.objects.filter(order=first).delete()
    confirm_pick(list_id=done.pk, code="MUG", by=TESTS)
    make_pick_list(warehouse=house(), orders=2, by=TESTS)
    PickTask.objects.filter(order=first).delete()
    one, other = staff("warehouse"), staff("warehouse")
    taken = [send(client, "orders_bench_next", {"warehouse": house()}).json() for client in (one, other, one)]
    assert [shown["number"] for shown in taken] == [fetched.number, first.number, fetched.number]
    assert walked.number not in {shown["number"] for shown in taken}


def test_what_may_not_be_packed_is_said() -> None:
    buyable("MUG", quantity=20)
    client, held, pending, packed = staff("warehouse"), paid(), place(), paid()
    place_hold(order_id=held.pk, kind="fraud", by=TESTS)
    pack_shipment(order_id=packed.pk, by=TESTS)
    for order, code in ((held, "on_hold"), (pending, "not_allowed_now"), (packed, "not_allowed_now")):
        answer = send(client, "orders_bench_open", {"code": order.number, "warehouse": house()})
        assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert send(client, "orders_bench_open", {"code": "W1", "warehouse": house()}).status_code == 404


@pytest.mark.parametrize(
    ("change", "status"),
    [({"lines": []}, 400), ({"weight_grams": -1}, 400), ({"warehouse": "MOON"}, 404), ({"extra": 1}, 400)],
)
def test_a_wrong_package_is_refused_and_nothing_packed(change: dict[str, Any], status: int) -> None:
    buyable("MUG")
    order = paid()
    body = {"order": order.number, "warehouse": house(), "lines": [{"line": order.lines.get().pk, "quantity": 1}]}
    assert send(staff("warehouse"), "orders_bench_pack", body | change).status_code == status
    too_many = body | {"lines": [{"line": order.lines.get().pk, "quantity": 2}]}
    assert send(staff("warehouse"), "orders_bench_pack", too_many).status_code == 400
    assert not Shipment.objects.exists()


def test_a_package_is_packed_and_its_papers_may_be_framed() -> None:
    buyable("MUG")
    client, order = staff("warehouse"), paid(("MUG", 2))
    body = {"order": order.number, "warehouse": house(), "lines": [{"line": order.lines.get().pk, "quantity": 1}]}
    answer = send(client, "orders_bench_pack", body | {"weight_grams": 350}).json()
    assert answer == {"package": f"{order.number}-1", "order": order.number, "left": 1}
    for kind in ("slip", "label", "papers"):
        paper = client.get(reverse("admin:orders_bench_papers", args=(answer["package"], kind)))
        assert (paper.status_code, paper.content[:5], paper["X-Frame-Options"]) == (200, b"%PDF-", "SAMEORIGIN")
        assert paper["Content-Security-Policy"] == "frame-ancestors 'self'"
    assert client.get(reverse("admin:orders_bench_papers", args=(answer["package"], "other"))).status_code == 404
    assert "Slip" in client.get(page_url(order)).content.decode()


def test_only_the_warehouse_has_the_bench() -> None:
    buyable("MUG")
    order = paid()
    client = staff("customer_service")
    for name in ("orders_bench", "orders_bench_ship", "orders_picklist_changelist"):
        assert client.get(reverse(f"admin:{name}")).status_code in {302, 403}
    assert send(client, "orders_bench_open", {"code": order.number, "warehouse": house()}).status_code == 403
    client.post(reverse("admin:orders_picklist_make"), {"warehouse": house(), "orders": 5})
    assert not PickList.objects.exists()


def test_limited_people_pack_and_pick_in_their_own_houses() -> None:
    buyable("MUG")
    order, client = paid(), staff("warehouse")
    WarehouseFactory(code="MINE")
    limit(client, "MINE")
    made = make_pick_list(warehouse=house(), by=TESTS)
    assert send(client, "orders_bench_open", {"code": order.number, "warehouse": house()}).status_code == 404
    for name in ("change", "print"):
        assert client.get(reverse(f"admin:orders_picklist_{name}", args=(made.pk,))).status_code == 404
    assert send(client, "orders_picklist_pick", {"code": "MUG"}, made.pk).status_code == 404
    page = client.get(reverse("admin:orders_bench"))
    assert ([each.code for each in page.context["houses"]], PickTask.objects.get().picked) == (["MINE"], 0)


def test_a_warehouse_that_was_closed_is_worked_off() -> None:
    buyable("MUG")
    order, client, closed = paid(), staff("warehouse"), Warehouse.objects.get()
    other, empty = WarehouseFactory(code="OTHER"), WarehouseFactory(code="EMPTY", active=False)
    update_warehouse(code=closed.code, active=False, by=TESTS)
    page = client.get(reverse("admin:orders_bench"), {"warehouse": closed.code})
    assert (page.context["house"], page.context["houses"]) == (closed, [other, closed])
    assert ("inactive" in page.content.decode(), empty.code in page.content.decode()) == (True, False)
    client.post(reverse("admin:orders_picklist_make"), {"warehouse": closed.code, "orders": "5"})
    assert PickTask.objects.get().order == order
    package = pack_shipment(order_id=order.pk, by=TESTS)
    asked = client.get(reverse("admin:orders_bench_ship"), {"warehouse": closed.code})
    assert asked.context["ready"] == [package]
    ship_shipment(shipment_id=package.pk, by=TESTS)
    assert client.get(reverse("admin:orders_bench")).context["houses"] == [other]


def test_the_list_of_lists_makes_one_and_stays_below_ten_statements() -> None:
    buyable("MUG", quantity=50)
    for _ in range(12):
        paid()
    client = staff("warehouse")
    made = client.post(reverse("admin:orders_picklist_make"), {"warehouse": house(), "orders": "10"})
    assert made.url == reverse("admin:orders_picklist_change", args=(PickList.objects.get().pk,))
    make_pick_list(warehouse=house(), orders=1, by=TESTS)
    client.get(reverse("admin:orders_bench"))  # where the person works is remembered from the first page on
    with CaptureQueriesContext(connection) as caught:
        page = client.get(reverse("admin:orders_picklist_changelist"))
    assert (page.status_code, page.context["waiting"]) == (200, 1)
    assert len(caught) < 10, [query["sql"][:90] for query in caught]
    with CaptureQueriesContext(connection) as caught:
        assert client.get(made.url).status_code == 200
    assert len(caught) < 10, [query["sql"][:90] for query in caught]


def test_a_list_is_picked_missed_and_ended() -> None:
    buyable("MUG"), buyable("TEA")
    paid(("MUG", 1), ("TEA", 2))
    client, made = staff("warehouse"), make_pick_list(warehouse=house(), by=TESTS)
    tea = made.tasks.get(sku="TEA")
    assert send(client, "orders_picklist_pick", {"code": "JUG"}, made.pk).json()["code"] == "wrong_item"
    assert send(client, "orders_picklist_pick", {"code": "MUG"}, made.pk).json()["picked"] == 1
    missed = send(client, "orders_picklist_short", {"task": tea.pk, "reason": "missing"}, made.pk).json()
    assert client.get(missed["count"], follow=True).status_code == 200
    assert (missed["short"], ShortPick.objects.get().actor) == (1, f"user:{user_of(client).pk}")
    client.post(reverse("admin:orders_picklist_end", args=(made.pk, "finish")))
    made.refresh_from_db()
    assert made.state == "done"
    for name in ("orders_shortpick_changelist", "orders_carrierscan_changelist"):
        assert client.get(reverse(f"admin:{name}")).status_code == 200


def test_a_stack_without_packages_is_said_to_be_one_and_the_carrier_stays_for_the_next() -> None:
    buyable("MUG", quantity=20)
    client, order = staff("warehouse"), paid(("MUG", 2))
    package = pack_shipment(order_id=order.pk, by=TESTS)
    address = reverse("admin:orders_bench_ship")
    page = client.post(address, {"carrier": "DHL", "tracking": " \n"})
    assert page.context["form"].errors == {"tracking": ["This field is required."]}
    assert Shipment.objects.get().status == "packed"
    page = client.post(address, {"carrier": "DHL", "tracking": f"{package.number} 123"})
    assert Shipment.objects.get().status == "shipped"
    assert (page.context["form"]["carrier"].value(), page.context["form"].is_bound) == ("DHL", False)
