"""People and partners of some warehouses: what they see and move of stock and packages, and what they do not."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import Partner
from accounts.tests.factories import PartnerFactory, UserFactory, client_for, partner_client
from inventory.models import StockLevel, StockMovement, Warehouse
from inventory.services import Want, reserve
from orders.models import Order, Shipment
from orders.services import pack_shipment, ship_shipment
from orders.tests.factories import TESTS, fresh, paid
from orders.tests.http import call, delete, fields, get, patch, post
from orders.tests.own import (
    BOTH,
    FAR,
    NEAR,
    NONE,
    browser,
    confirmed,
    near_and_far,
    packed,
    partner,
    person,
    split,
    two_warehouses,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _two_warehouses() -> None:
    two_warehouses()


def books() -> tuple[Any, ...]:
    """All that a refused write must leave as it was."""
    levels = StockLevel.objects.order_by("id").values_list("on_hand", "reserved", "safety")
    return list(levels), StockMovement.objects.count(), list(Warehouse.objects.values_list("code", "name", "active"))


def places(client: APIClient, path: str) -> list[str]:
    rows = get(client, path).json()["results"]
    return sorted({row.get("warehouse") or row["code"] for row in rows}, reverse=True)


SEERS = {
    "limited person": (lambda: person("NEAR"), NEAR),
    "person of both": (lambda: person("FAR", "NEAR"), BOTH),
    "person of one that is gone": (lambda: person("GONE"), NONE),
    "unlimited person": (person, BOTH),
    "admin, whom a list does not limit": (lambda: person("NEAR", role="admin"), BOTH),
    "customer service, whom neither": (lambda: person("NEAR", role="customer_service"), BOTH),
    "partner with a list": (lambda: partner(["NEAR"]), NEAR),
    "partner with an empty list": (lambda: partner([]), NONE),
    "partner with null": (lambda: partner(None), BOTH),
}


@pytest.mark.parametrize("caller", SEERS)
def test_stock_and_warehouses_are_listed_and_opened_by_those_who_have_them(caller: str) -> None:
    make, seen = SEERS[caller]
    client = make()
    assert places(client, "stock") == places(client, "stock?sku=MUG") == seen
    assert places(client, "warehouses") == seen
    assert places(client, "stock?warehouse=FAR") == [code for code in seen if code == "FAR"]
    opened = {code: get(client, f"warehouses/{code}").status_code for code in BOTH}
    assert opened == {code: 200 if code in seen else 404 for code in BOTH}


@pytest.mark.parametrize("caller", SEERS)
def test_an_item_is_explained_by_what_the_caller_has_of_it(caller: str) -> None:
    make, seen = SEERS[caller]
    reserve(order_id=1, wants=[Want(11, "MUG", 4)], expires_at=None, number="W1")
    reserve(order_id=2, wants=[Want(21, "MUG", 15)], expires_at=None, number="W2")
    told = get(make(), "stock/MUG/explain").json()
    assert [place["warehouse"] for place in told["warehouses"]] == seen
    assert told["available"] == sum({"NEAR": 6, "FAR": 5}[code] for code in seen)
    holders = {held["order"] for place in told["warehouses"] for held in place["reservations"]}
    staff = not caller.startswith("partner")
    assert holders == ({{"NEAR": "W1", "FAR": "W2"}[code] for code in seen} if staff else set())
    assert [place["reservations_total"] for place in told["warehouses"]] == [1] * len(seen)


@pytest.mark.parametrize(("role", "status"), [("customer", 403), ("customer_service", 200), ("admin", 200)])
def test_an_item_is_explained_to_nobody_else(role: str, status: int) -> None:
    assert get(person(role=role), "stock/MUG/explain").status_code == status
    assert get(APIClient(), "stock/MUG/explain").status_code == 401
    assert get(partner_client(scopes=["orders:write"]), "stock/MUG/explain").status_code == 403


@pytest.mark.parametrize(
    ("own", "seen"), [(["NEAR"], NEAR), (["FAR"], FAR), (BOTH, BOTH), ([], BOTH)], ids=["near", "far", "both", "all"]
)
def test_movements_and_reservations_are_those_of_own_warehouses(own: list[str], seen: list[str]) -> None:
    client = person(*own)
    reserve(order_id=1, wants=[Want(11, "MUG", 4)], expires_at=None)
    reserve(order_id=2, wants=[Want(21, "MUG", 15)], expires_at=None)
    for path in ("stock/movements", "stock/movements?sku=MUG&kind=received", "stock/reservations"):
        assert places(client, path) == seen
    for code in BOTH:
        found = [code] if code in seen else []
        assert places(client, f"stock/movements?warehouse={code}") == found
        assert places(client, f"stock/reservations?warehouse={code}") == found
    assert places(client, "stock/reservations?order_id=2") == [code for code in seen if code == "FAR"]


def test_lists_cost_the_limited_what_they_cost_the_others() -> None:
    reserve(order_id=1, wants=[Want(11, "MUG", 4)], expires_at=None)
    paths = ("warehouses", "stock", "stock/MUG/explain", "stock/movements", "stock/reservations")
    costs = []
    for client in (person("NEAR"), person()):
        costs.append({})
        for path in paths:
            with CaptureQueriesContext(connection) as captured:
                assert get(client, path).status_code == 200
            costs[-1][path] = len(captured)
    assert costs[0] == costs[1]


def adjustment(code: str) -> tuple[str, str, dict[str, Any]]:
    return "POST", "stock/adjustments", {"sku": "MUG", "warehouse": code, "delta": -1, "reason": "damage"}


def count(code: str) -> tuple[str, str, dict[str, Any]]:
    return "POST", "stock/adjustments", {"sku": "NOPE", "warehouse": code, "on_hand": 1, "reason": "count"}


def rehearsed(code: str) -> tuple[str, str, dict[str, Any]]:
    return "POST", "stock/adjustments?dry_run=true", adjustment(code)[2]


def transfer(code: str) -> tuple[str, str, dict[str, Any]]:
    body = {"sku": "MUG", "from_warehouse": code, "to_warehouse": "NEAR", "quantity": 1}
    return "POST", "stock/transfers", body


def safety(code: str) -> tuple[str, str, dict[str, Any]]:
    return "PUT", "stock/MUG/safety", {"warehouse": code, "safety": 1}


def place_in_bin(code: str) -> tuple[str, str, dict[str, Any]]:
    return "PUT", "stock/MUG/bin", {"warehouse": code, "bin": "A-1"}


@pytest.mark.parametrize("write", [adjustment, count, rehearsed, transfer, safety, place_in_bin])
def test_another_warehouse_is_written_to_no_more_than_one_that_does_not_exist(write: Any) -> None:
    client, before, answers = person("NEAR"), books(), []
    for code in ("FAR", "NOPE"):
        method, path, body = write(code)
        answer = call(client, method, path, body, **({"idempotency_key": code} if method == "POST" else {}))
        answers.append((answer.status_code, answer.content.decode().replace(code, "CODE")))
    assert answers[0][0] == 400
    assert answers[0] == answers[1]
    assert books() == before


@pytest.mark.parametrize("own", [["NEAR"], []])
def test_own_warehouses_are_written_to(own: list[str]) -> None:
    client = person(*own)
    method, path, body = adjustment("NEAR")
    assert call(client, method, path, body, idempotency_key="one").json()["stock"]["on_hand"] == 9
    method, path, body = safety("NEAR")
    assert call(client, method, path, body).json()["safety"] == 1


def test_goods_are_sent_on_to_another_warehouse_whose_numbers_stay_untold() -> None:
    body = {"sku": "MUG", "from_warehouse": "NEAR", "to_warehouse": "FAR", "quantity": 4}
    answer = post(person("NEAR"), "stock/transfers", body)
    assert answer.status_code == 201
    assert [(row["warehouse"], row["delta"]) for row in answer.json()["movements"]] == [("NEAR", -4)]
    assert [(row["warehouse"], row["on_hand"]) for row in answer.json()["stock"]] == [("NEAR", 6)]
    assert dict(StockLevel.objects.values_list("warehouse__code", "on_hand")) == {"NEAR": 6, "FAR": 24}
    both = post(person(*BOTH), "stock/transfers", body).json()
    assert [row["warehouse"] for row in both["movements"]] == [row["warehouse"] for row in both["stock"]] == BOTH


@pytest.mark.parametrize("end", BOTH)
def test_a_transfer_is_seen_from_either_end(end: str) -> None:
    body = {"sku": "MUG", "from_warehouse": "NEAR", "to_warehouse": "FAR", "quantity": 4}
    cause = post(person(), "stock/transfers", body).json()["movements"][0]["cause"]
    (row,) = get(person(end), f"stock/movements?cause={cause}").json()["results"]
    assert (row["warehouse"], row["delta"]) == (end, -4 if end == "NEAR" else 4)
    assert get(person("GONE"), f"stock/movements?cause={cause}").json()["results"] == []


def test_limited_people_open_change_and_close_no_warehouse() -> None:
    client, before = person("NEAR"), books()
    assert post(client, "warehouses", {"code": "NEW", "name": "New"}).status_code == 403
    for code in BOTH:
        assert patch(client, f"warehouses/{code}", {"active": False}).status_code == 403
        assert delete(client, f"warehouses/{code}").status_code == 403
    assert books() == before


def test_what_is_open_is_packed_from_own_warehouses_only() -> None:
    order, far = split(), person("FAR")
    answer = post(far, f"orders/{order.number}/shipments", {})
    assert (answer.status_code, answer.json()["warehouse"]) == (201, "FAR")
    assert [line["quantity"] for line in answer.json()["lines"]] == [12]
    again = post(far, f"orders/{order.number}/shipments", {})
    assert (again.status_code, again.json()["code"]) == (409, "not_allowed_now")
    assert packed() == [("FAR", "packed")]
    assert fresh(order).lines.get().packed == 12


def test_lines_that_lie_elsewhere_are_too_many() -> None:
    order = split()
    body = {"lines": [{"line": order.lines.get().pk, "quantity": 11}]}
    answer = post(person("NEAR"), f"orders/{order.number}/shipments", body)
    assert (answer.status_code, fields(answer), packed()) == (400, ["lines"], [])
    assert post(person("FAR"), f"orders/{order.number}/shipments", body).json()["warehouse"] == "FAR"


def test_another_warehouse_is_packed_from_no_more_than_one_that_does_not_exist() -> None:
    order, client = split(), person("NEAR")
    others, unknown = (
        post(client, f"orders/{order.number}/shipments", {"warehouse": code}) for code in ("FAR", "NOPE")
    )
    assert (others.status_code, fields(others)) == (404, ["warehouse"])
    assert others.json() == unknown.json()
    assert packed() == []
    assert post(client, f"orders/{order.number}/shipments", {"warehouse": "NEAR"}).status_code == 201


MOVERS = {
    "limited person": (lambda mine: person("NEAR"), NEAR),
    "unlimited person": (lambda mine: person(), BOTH),
    "admin with a list": (lambda mine: person("NEAR", role="admin"), BOTH),
    "partner with a list": (lambda mine: _partner(mine, ["NEAR"]), NEAR),
    "partner with an empty list": (lambda mine: _partner(mine, []), NONE),
    "partner with null": (lambda mine: _partner(mine, None), BOTH),
}


def _partner(mine: Partner, warehouses: list[str] | None) -> APIClient:
    Partner.objects.filter(pk=mine.pk).update(warehouses=warehouses)
    return partner_client(mine, scopes=["fulfilment:write"])


@pytest.mark.parametrize("caller", MOVERS)
@pytest.mark.parametrize("action", ["ship", "cancel", "deliver"])
def test_packages_are_moved_by_those_who_have_their_warehouse(caller: str, action: str) -> None:
    make, own = MOVERS[caller]
    mine = PartnerFactory()
    packages = near_and_far(split(mine))
    if action == "deliver":
        for package in packages:
            ship_shipment(shipment_id=package.pk, by=TESTS)
    client, before = make(mine), packed()
    unknown = post(client, f"shipments/W0-1/{action}", {}).json()
    for package, code, (_, status) in zip(packages, BOTH, before, strict=True):
        answer = post(client, f"shipments/{package.number}/{action}", {})
        package.refresh_from_db()
        if code in own:
            assert (answer.status_code, package.status) != (200, status)
        else:
            assert (answer.status_code, answer.json(), package.status) == (404, unknown, status)


def test_another_package_is_not_found_whatever_version_is_named() -> None:
    _, far = near_and_far(split())
    assert post(person("NEAR"), f"shipments/{far.number}/ship", {}, if_match='"1"').status_code == 404
    assert post(person("FAR"), f"shipments/{far.number}/ship", {}, if_match='"1"').status_code == 412


def test_a_partner_moves_packages_of_its_own_orders_as_before() -> None:
    near, _ = near_and_far(split(PartnerFactory()))
    client = _partner(PartnerFactory(), ["NEAR"])
    assert post(client, f"shipments/{near.number}/ship", {}).status_code == 404
    assert packed() == [("NEAR", "packed"), ("FAR", "packed")]


def test_a_list_that_changes_counts_at_once() -> None:
    order = split()
    user = UserFactory(role="warehouse", warehouses=["FAR"])
    client = client_for(user)
    assert places(client, "stock") == FAR
    user.warehouses = ["NEAR"]
    user.save()
    assert places(client, "stock") == NEAR
    assert post(client, f"orders/{order.number}/shipments", {}).json()["warehouse"] == "NEAR"


@pytest.mark.parametrize("action", ["ship", "cancel_shipment", "deliver", "lose_shipment"])
def test_the_back_office_refuses_to_move_another_package(action: str) -> None:
    order = split()
    near, far = near_and_far(order)
    if action in {"deliver", "lose_shipment"}:
        for package in (near, far):
            ship_shipment(shipment_id=package.pk, by=TESTS)
    before = packed()
    confirmed(browser("NEAR"), order, action, package=far.pk)
    assert packed() == before
    confirmed(browser("NEAR"), order, action, package=near.pk)
    assert [status == old for (_, status), (_, old) in zip(packed(), before, strict=True)] == [False, True]


def test_the_back_office_refuses_to_pack_from_another_warehouse() -> None:
    order = split()
    line = order.lines.get().pk
    confirmed(browser("NEAR"), order, "pack", warehouse="FAR", **{f"quantity_{line}": 2})
    assert packed() == []
    confirmed(browser("FAR"), order, "pack", warehouse="FAR", **{f"quantity_{line}": 2})
    assert packed() == [("FAR", "packed")]


def in_bulk(client: Client, action: str, *orders: Order, **answers: Any) -> dict[int, str]:
    """Order id → what became of it."""
    url = reverse("admin:orders_order_bulk", args=(action,))
    chosen = {"id": [order.pk for order in orders], **answers}
    outcomes = client.post(url, {"intent": "look", **chosen}).context["outcomes"]
    ready = [outcome.key for outcome in outcomes if outcome.state == "ready"]
    done = client.post(url, {"intent": "do", "ready": ready, **chosen})
    return {outcome.order.pk: outcome.state for outcome in done.context["outcomes"]}


@pytest.mark.django_db(transaction=True)
def test_bulk_verbs_move_what_lies_in_own_warehouses() -> None:
    near = paid(("MUG", 10))
    far = paid(("MUG", 10))
    client = browser("FAR")
    answers = {"carrier": "DHL", "tracking": ""}
    assert in_bulk(client, "pack", near, far) == {near.pk: "refused", far.pk: "done"}
    assert packed() == [("FAR", "packed")]
    pack_shipment(order_id=near.pk, by=TESTS)
    assert in_bulk(client, "ship", near, far, **answers)[far.pk] == "done"
    assert packed() == [("FAR", "shipped"), ("NEAR", "packed")]
    ship_shipment(shipment_id=Shipment.objects.get(warehouse__code="NEAR").pk, by=TESTS)
    assert in_bulk(client, "deliver", near, far)[far.pk] == "done"
    assert packed() == [("FAR", "delivered"), ("NEAR", "shipped")]


@pytest.mark.django_db(transaction=True)
def test_bulk_verbs_leave_the_other_part_of_a_split_order_alone() -> None:
    order = split()
    in_bulk(browser("FAR"), "pack", order)
    assert ("NEAR", "packed") not in packed()
    assert StockLevel.objects.get(warehouse__code="NEAR").reserved == 10


def test_each_end_of_a_transfer_does_its_own_part() -> None:
    lines = [{"sku": "MUG", "quantity": 2}]
    body = {"from_warehouse": "NEAR", "to_warehouse": "FAR", "in_transit": True, "lines": lines}
    number = post(person("NEAR"), "stock/transfers", body).json()["transfer"]["number"]
    assert post(person("FAR"), "stock/transfers", body).status_code == 400
    assert get(person("GONE"), f"stock/transfers/{number}").status_code == 404
    assert post(person("NEAR"), f"stock/transfers/{number}/receive", {}).status_code == 409
    assert post(person("FAR"), f"stock/transfers/{number}/cancel", {}).status_code == 409
    assert post(person("FAR"), f"stock/transfers/{number}/receive", {}).json()["state"] == "received"
