import pytest
from rest_framework.test import APIClient

from accounts.tests.factories import PartnerFactory, UserFactory, client_for, partner_client
from api.tokens import derive_token
from inventory.models import StockLevel, StockMovement
from inventory.tests.factories import WarehouseFactory, stock
from orders.models import Order, Return, Shipment
from orders.tests.factories import buyable, delivered, fresh, paid, place, shipped
from orders.tests.http import fields, get, post, staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _mug():
    WarehouseFactory(code="BER-1", priority=1)
    buyable("MUG", quantity=10)


@pytest.fixture
def warehouse() -> APIClient:
    return staff("warehouse")


@pytest.fixture
def service() -> APIClient:
    return staff("customer_service")


def line_of(order: Order) -> int:
    return int(order.lines.get().pk)


def test_a_package_is_packed_shipped_and_delivered(warehouse, time_machine):
    order = paid(("MUG", 2))
    time_machine.move_to("2030-03-01T12:00:00+00:00", tick=False)
    warehouse = staff("warehouse")
    packed = post(warehouse, f"orders/{order.number}/shipments", {})
    number = f"{order.number}-1"
    assert packed.status_code == 201
    assert packed.json() == {
        "number": number,
        "status": "packed",
        "warehouse": "BER-1",
        "carrier": "",
        "tracking_number": "",
        "carrier_status": "",
        "weight_grams": None,
        "packed_at": "2030-03-01T12:00:00Z",
        "shipped_at": None,
        "delivered_at": None,
        "cancelled_at": None,
        "lines": [{"line": line_of(order), "quantity": 2}],
        "order": order.number,
    }
    shipped = post(warehouse, f"shipments/{number}/ship", {"carrier": "DHL", "tracking_number": "T1"})
    assert shipped.status_code == 200
    assert {key: shipped.json()[key] for key in ("status", "carrier", "tracking_number", "shipped_at")} == {
        "status": "shipped",
        "carrier": "DHL",
        "tracking_number": "T1",
        "shipped_at": "2030-03-01T12:00:00Z",
    }
    assert StockLevel.objects.values_list("on_hand", "reserved").get() == (8, 0)
    arrived = post(warehouse, f"shipments/{number}/deliver")
    assert (arrived.status_code, arrived.json()["status"]) == (200, "delivered")
    assert fresh(order).status == "delivered"


def test_a_part_is_packed_from_a_named_warehouse(warehouse):
    order = paid(("MUG", 3))
    lines = [{"line": line_of(order), "quantity": 1}]
    packed = post(warehouse, f"orders/{order.number}/shipments", {"lines": lines, "warehouse": "BER-1"})
    assert packed.json()["lines"] == lines
    seen = get(warehouse, f"orders/{order.number}").json()
    assert (seen["status"], seen["fulfillment_status"]) == ("paid", "partially_packed")
    assert seen["shipments"] == [{key: value for key, value in packed.json().items() if key != "order"}]


def test_an_unpaid_order_is_not_packed(warehouse):
    order = place()
    answer = post(warehouse, f"orders/{order.number}/shipments", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_allowed_now")
    assert answer.json()["available_actions"] == ["cancel", "cancel_lines", "change_address", "edit", "hold"]
    assert not Shipment.objects.exists()


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"lines": [{"line": "LINE", "quantity": 4}]}, 400, "lines"),
        ({"lines": [{"line": "LINE", "quantity": 1}, {"line": "LINE", "quantity": 1}]}, 400, "lines"),
        ({"lines": [{"line": 999_999, "quantity": 1}]}, 404, "lines"),
        ({"lines": [{"line": "OTHER", "quantity": 1}]}, 404, "lines"),
        ({"lines": []}, 400, "lines"),
        ({"lines": {}}, 400, "lines"),
        ({"lines": [{"line": "LINE"}]}, 400, "lines.0.quantity"),
        ({"lines": [{"line": True, "quantity": 1}]}, 400, "lines.0.line"),
        ({"lines": [{"line": 10**30, "quantity": 1}]}, 400, "lines.0.line"),
        ({"warehouse": "NOWHERE"}, 404, "warehouse"),
        ({"warehouse": "FAR"}, 409, "warehouse"),
        ({"warehouse": 5}, 400, "warehouse"),
        ({"warehouse": "a\x00"}, 400, "warehouse"),
    ],
)
def test_what_cannot_be_packed_is_refused(warehouse, body, status, field):
    WarehouseFactory(code="FAR", priority=9)
    order, other = paid(("MUG", 3)), paid()
    for line in body["lines"] if isinstance(body.get("lines"), list) else ():
        line["line"] = {"LINE": line_of(order), "OTHER": line_of(other)}.get(line["line"], line["line"])
    answer = post(warehouse, f"orders/{order.number}/shipments", body)
    assert (answer.status_code, fields(answer)) == (status, [field])
    assert not Shipment.objects.exists()
    assert fresh(order).version == 2


def test_moves_out_of_order_are_refused_with_what_is_possible(warehouse):
    order = paid()
    number = post(warehouse, f"orders/{order.number}/shipments", {}).json()["number"]
    early = post(warehouse, f"shipments/{number}/deliver")
    assert (early.status_code, early.json()["code"]) == (409, "not_allowed_now")
    assert early.json()["available_actions"] == ["hold", "ship", "cancel_shipment"]
    assert post(warehouse, f"shipments/{number}/ship", {}).status_code == 200
    for path in ("ship", "cancel"):
        assert post(warehouse, f"shipments/{number}/{path}", {}).status_code == 409
    assert Shipment.objects.get().status == "shipped"
    assert StockMovement.objects.filter(kind="shipped").count() == 1


def test_a_package_is_unpacked(warehouse):
    order = paid()
    number = post(warehouse, f"orders/{order.number}/shipments", {}).json()["number"]
    answer = post(warehouse, f"shipments/{number}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert (fresh(order).status, fresh(order).lines.get().packed) == ("paid", 0)


def test_the_same_key_packs_once(warehouse):
    order = paid(("MUG", 2))
    line = {"line": line_of(order), "quantity": 1}
    answers = [
        post(warehouse, f"orders/{order.number}/shipments", {"lines": [line]}, idempotency_key="pack-1") for _ in "ab"
    ]
    assert answers[0].json() == answers[1].json()
    assert Shipment.objects.count() == 1


def test_packages_heed_if_match(warehouse):
    order = paid()
    number = post(warehouse, f"orders/{order.number}/shipments", {}).json()["number"]
    assert post(warehouse, f"shipments/{number}/ship", {}, if_match='"2"').status_code == 412
    assert Shipment.objects.get().status == "packed"
    assert post(warehouse, f"shipments/{number}/ship", {}, if_match='"3"').status_code == 200


def test_a_partner_ships_its_own_orders_only(warehouse):
    partner = PartnerFactory()
    own, other = paid(), paid()
    Order.objects.filter(pk=own.pk).update(partner=partner)
    numbers = [post(warehouse, f"orders/{found.number}/shipments", {}).json()["number"] for found in (own, other)]
    client = partner_client(partner, scopes=["fulfilment:write"])
    assert post(client, f"shipments/{numbers[1]}/ship", {}).status_code == 404
    assert post(client, f"shipments/{numbers[0]}/ship", {"carrier": "UPS"}).json()["carrier"] == "UPS"
    assert post(client, f"shipments/{numbers[0]}/deliver").status_code == 200
    assert post(client, f"orders/{own.number}/shipments", {}).status_code == 403
    assert sorted(Shipment.objects.values_list("status", flat=True)) == ["delivered", "packed"]


@pytest.mark.parametrize("action", ["ship", "deliver", "cancel"])
def test_who_may_move_packages(action, warehouse):
    user = UserFactory()
    order = paid(user=user)
    number = post(warehouse, f"orders/{order.number}/shipments", {}).json()["number"]
    path = f"shipments/{number}/{action}"
    for client in (client_for(user), staff("customer_service"), partner_client(scopes=["orders:write"])):
        assert post(client, path, {}).status_code == 403
    assert post(APIClient(), path, {}).status_code == 401
    assert post(APIClient(), path, {}, x_order_token=derive_token("order", order.number)).status_code == 401
    assert post(staff("admin"), f"shipments/W0-1/{action}", {}).status_code == 404
    assert Shipment.objects.get().status == "packed"


def test_units_come_back(service):
    user = UserFactory()
    order = delivered(("MUG", 3), user=user)
    line = line_of(order)
    body = {"lines": [{"line": line, "quantity": 2, "reason": "damaged"}], "note": "Broken."}
    asked = post(client_for(user), f"orders/{order.number}/returns", body)
    number = f"{order.number}-R1"
    assert asked.status_code == 201
    assert (asked.json()["number"], asked.json()["status"], asked.json()["note"]) == (number, "requested", "Broken.")
    assert asked.json()["order"] == order.number
    approved = post(service, f"returns/{number}/approve")
    assert (approved.status_code, approved.json()["status"]) == (200, "approved")
    arrival = {"lines": [{"line": line, "quantity": 1, "condition": "new", "restock": True}]}
    rehearsed = post(service, f"returns/{number}/receive?dry_run=true", arrival)
    assert (rehearsed.status_code, rehearsed.json()["status"]) == (200, "received")
    assert Return.objects.get().status == "approved"
    assert StockLevel.objects.get().on_hand == 7
    received = post(service, f"returns/{number}/receive", arrival)
    (shown,) = received.json()["lines"]
    assert [unit["disposition"] for unit in shown.pop("units")] == ["restock"]
    assert [shown] == [
        {
            "line": line,
            "quantity": 2,
            "reason": "damaged",
            "received": 1,
            "condition": "new",
            "restocked": 1,
            "exchanged": 0,
        }
    ]
    assert StockLevel.objects.get().on_hand == 8
    seen = get(client_for(user), f"orders/{order.number}").json()
    assert (seen["return_status"], seen["returns"][0]["number"]) == ("partially_returned", number)


def test_a_return_is_rejected_for_a_reason(service):
    order = delivered()
    body = {"lines": [{"line": line_of(order), "quantity": 1, "reason": "other"}]}
    number = post(service, f"orders/{order.number}/returns", body).json()["number"]
    answer = post(service, f"returns/{number}/reject", {"reason": "Worn"})
    assert (answer.status_code, answer.json()["status"]) == (200, "rejected")
    steps = get(service, f"orders/{order.number}/timeline").json()["results"]
    assert (steps[-1]["action"], steps[-1]["about"], steps[-1]["reason"]) == ("reject_return", number, "Worn")
    again = post(service, f"returns/{number}/approve")
    assert (again.status_code, again.json()["available_actions"]) == (409, ["request_return"])


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"quantity": 4}, 400, "lines"),
        ({"quantity": 0}, 400, "lines.0.quantity"),
        ({"line": 999_999}, 404, "lines"),
        ({"reason": "boredom"}, 400, "lines.0.reason"),
        ({"reason": ["other"]}, 400, "lines.0.reason"),
        ({"reason": None}, 400, "lines.0.reason"),
    ],
)
def test_what_cannot_be_returned_is_refused(change, status, field):
    user = UserFactory()
    order = delivered(("MUG", 3), user=user)
    line = {"line": line_of(order), "quantity": 1, "reason": "other"} | change
    answer = post(client_for(user), f"orders/{order.number}/returns", {"lines": [line]})
    assert (answer.status_code, fields(answer)) == (status, [field])
    assert not Return.objects.exists()


def test_nothing_is_returned_before_it_is_delivered():
    order = shipped()
    body = {"lines": [{"line": line_of(order), "quantity": 1, "reason": "other"}]}
    answer = post(
        APIClient(), f"orders/{order.number}/returns", body, x_order_token=derive_token("order", order.number)
    )
    assert (answer.status_code, answer.json()["code"], answer.json()["available_actions"]) == (
        409,
        "not_allowed_now",
        [],
    )


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"condition": "lost"}, "lines.0.condition"),
        ({"restock": "yes"}, "lines.0.restock"),
        ({"restock": 1}, "lines.0.restock"),
        ({"quantity": 2}, "lines"),
        ({"quantity": -1}, "lines.0.quantity"),
    ],
)
def test_what_did_not_come_back_is_refused(service, change, field):
    order = delivered()
    line = {"line": line_of(order), "quantity": 1}
    number = post(service, f"orders/{order.number}/returns", {"lines": [line | {"reason": "other"}]}).json()["number"]
    post(service, f"returns/{number}/approve")
    body = {"lines": [line | {"condition": "new", "restock": True} | change]}
    answer = post(service, f"returns/{number}/receive", body)
    assert (answer.status_code, fields(answer)) == (400, [field])
    assert Return.objects.get().status == "approved"
    assert StockLevel.objects.get().on_hand == 9


@pytest.mark.parametrize("action", ["approve", "reject", "receive"])
def test_only_staff_decide_about_returns(service, action):
    user, partner = UserFactory(), PartnerFactory()
    order = delivered(user=user)
    Order.objects.update(partner=partner)
    line = {"line": line_of(order), "quantity": 1}
    number = post(service, f"orders/{order.number}/returns", {"lines": [line | {"reason": "other"}]}).json()["number"]
    arrivals = {"lines": [line | {"condition": "new", "restock": True}]}
    path, body = f"returns/{number}/{action}", arrivals if action == "receive" else {}
    assert post(client_for(user), path, body).status_code == 403
    assert post(partner_client(partner), path, body).status_code == 403
    assert post(APIClient(), path, body).status_code == 401
    assert post(service, f"returns/W0-R1/{action}", body).status_code == 404
    assert Return.objects.get().status == "requested"


def test_stock_of_two_warehouses_leaves_in_two_packages(warehouse):
    far = WarehouseFactory(code="FAR", priority=9)
    stock("MUG", 5, warehouse=far)
    order = paid(("MUG", 12))
    first = post(warehouse, f"orders/{order.number}/shipments", {}).json()
    second = post(warehouse, f"orders/{order.number}/shipments", {}).json()
    assert [(p["warehouse"], p["lines"][0]["quantity"]) for p in (first, second)] == [("BER-1", 10), ("FAR", 2)]
    assert fresh(order).status == "packed"
