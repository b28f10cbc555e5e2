import pytest
from rest_framework.test import APIClient

from accounts.tests.factories import PartnerFactory, UserFactory, client_for, partner_client
from api.tokens import derive_token
from inventory.models import StockLevel
from orders.models import Hold, Order
from orders.services import DirectOrder, Owner, place_direct_order, place_hold
from orders.tests.factories import ADDRESS, TESTS, buyable, delivered, paid, place, shipped
from orders.tests.http import call, delete, fields, get, patch, post, staff

pytestmark = pytest.mark.django_db

NEW_ADDRESS = {"last_name": "Moved", "line1": "2 Low Street", "city": "Paris", "country": "FR"}


@pytest.fixture(autouse=True)
def _mug():
    buyable("MUG", quantity=100)


def token(order: Order) -> dict[str, str]:
    return {"x_order_token": derive_token("order", order.number)}


def test_a_guest_reads_an_order_with_its_token():
    order = place()
    answer = get(APIClient(), f"orders/{order.number}", **token(order))
    assert answer.status_code == 200
    assert answer["ETag"] == '"1"'
    assert answer.json()["number"] == order.number
    assert "token" not in answer.json()


@pytest.mark.parametrize("path", ["", "/timeline"])
def test_an_order_is_not_found_by_whom_it_does_not_concern(path):
    order, other = place(user=UserFactory()), place()
    where = f"orders/{order.number}{path}"
    for caller in (client_for(UserFactory()), partner_client()):
        assert get(caller, where).status_code == 404
    for wrong in ("wrong", "", derive_token("order", other.number), derive_token("cart", order.number)):
        assert get(APIClient(), where, x_order_token=wrong).status_code == 404
    assert get(APIClient(), where).status_code == 401
    assert get(staff("admin"), "orders/W0" + path).status_code == 404


def test_the_owner_and_staff_read_an_order():
    user = UserFactory()
    order = place(user=user)
    for caller in (client_for(user), staff("admin"), staff("customer_service"), staff("warehouse")):
        assert get(caller, f"orders/{order.number}").json()["number"] == order.number


def test_a_partner_reads_its_own_with_a_scope_for_orders():
    partner = PartnerFactory()
    direct = DirectOrder(owner=Owner(partner_id=partner.pk), lines=[("MUG", 1)], shipping_address=ADDRESS)
    number = place_direct_order(direct=direct, by=TESTS).number
    for scope in ("orders:read", "orders:write", "fulfilment:write"):
        assert get(partner_client(partner, scopes=[scope]), f"orders/{number}").status_code == 200
    assert get(partner_client(partner, scopes=["stock:read"]), f"orders/{number}").status_code == 403
    assert get(partner_client(), f"orders/{number}").status_code == 404


def test_an_unchanged_order_is_not_sent_again():
    order = place()
    known = get(APIClient(), f"orders/{order.number}", if_none_match='"1"', **token(order))
    assert (known.status_code, known.content, known["ETag"]) == (304, b"", '"1"')
    assert get(APIClient(), f"orders/{order.number}", if_none_match='"7"', **token(order)).status_code == 200


def test_actions_are_those_the_caller_may_ever_try():
    user = UserFactory()
    order = paid(user=user)
    path = f"orders/{order.number}"
    mine = get(client_for(user), path).json()
    assert mine["available_actions"] == ["cancel", "cancel_lines", "change_address", "edit"]
    assert mine["refused_actions"] == {"pay": "not_allowed_now", "request_return": "not_allowed_now"}
    packer = get(staff("warehouse"), path).json()
    assert packer["available_actions"] == ["cancel", "cancel_lines", "change_address", "edit", "hold", "pack"]
    assert "pay" not in packer["refused_actions"]
    service = get(staff("customer_service"), path).json()
    assert service["available_actions"] == ["cancel", "cancel_lines", "change_address", "edit", "hold"]
    everything = get(staff("admin"), path).json()
    assert len(everything["available_actions"]) + len(everything["refused_actions"]) == 15


def test_lists_show_each_caller_their_own():
    user, partner = UserFactory(), PartnerFactory()
    own = place(user=user)
    direct = DirectOrder(owner=Owner(partner_id=partner.pk), lines=[("MUG", 1)], shipping_address=ADDRESS)
    partners = place_direct_order(direct=direct, by=TESTS)
    guests = place()

    def numbers(client: APIClient) -> list[str]:
        return [order["number"] for order in get(client, "orders").json()["results"]]

    assert numbers(client_for(user)) == [own.number]
    assert numbers(partner_client(partner)) == [partners.number]
    assert numbers(client_for(UserFactory())) == numbers(partner_client()) == []
    assert numbers(staff("warehouse")) == [guests.number, partners.number, own.number]
    assert get(APIClient(), "orders").status_code == 401
    assert get(APIClient(), "orders", **token(guests)).status_code == 401


def test_lists_come_in_pages_and_orders():
    numbers = [place().number for _ in range(5)]
    client = staff("admin")
    first = get(client, "orders?page_size=2&ordering=created_at").json()
    assert [order["number"] for order in first["results"]] == numbers[:2]
    second = client.get(first["next"]).json()
    assert [order["number"] for order in second["results"]] == numbers[2:4]
    back = client.get(second["previous"]).json()
    assert [order["number"] for order in back["results"]] == numbers[:2]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=pending", "pending"),
        ("status=paid", "paid"),
        ("status=pending,paid", "paid pending"),
        ("payment_status=paid", "shipped paid"),
        ("fulfillment_status=shipped", "shipped"),
        ("status=cancelled", ""),
        ("created_before=2000-01-01T00:00:00Z", ""),
        ("created_after=2000-01-01T00:00:00Z&status=paid", "paid"),
        ("created_after=2000-01-01&created_before=9999-12-31T23:59:59-14:00&status=paid", "paid"),
        ("q=nothing", ""),
        ("q=t1", "shipped"),
        ("q=EXAMPLE&status=pending", "pending"),
        ("q=", "shipped paid pending"),
    ],
)
def test_lists_are_filtered(query, found):
    names = {place().number: "pending", paid().number: "paid", shipped().number: "shipped"}
    answer = get(staff("admin"), f"orders?{query}")
    assert answer.status_code == 200, answer.json()
    assert " ".join(names[order["number"]] for order in answer.json()["results"]) == found


def test_search_finds_the_number_and_only_what_is_visible():
    user = UserFactory()
    own, other = place(user=user), place()
    client = client_for(user)
    assert [o["number"] for o in get(client, f"orders?q={own.number.lower()}").json()["results"]] == [own.number]
    assert get(client, f"orders?q={other.number}").json()["results"] == []


@pytest.mark.parametrize(
    "query",
    [
        "status=unknown",
        "status=pending,unknown",
        "payment_status=1",
        "fulfillment_status=pending",
        "created_after=yesterday",
        "created_before=2030-13-01",
        "created_after=99999-01-01T00:00:00Z",
        "q=a%00b",
        "q=" + "x" * 201,
        "colour=blue",
        "cursor=abc",
        "cursor=%F0%9F%98%80",
        "page_size=0",
        "page_size=101",
        "page_size=ten",
        "ordering=email",
        "dry_run=true",
    ],
)
def test_bad_questions_are_refused_by_name(query):
    place()
    answer = get(staff("admin"), f"orders?{query}")
    assert answer.status_code == 400
    assert fields(answer) == [query.split("=")[0]]


def test_the_timeline_tells_all_in_order_and_who_it_was():
    user = UserFactory()
    order = shipped(user=user)
    warehouse = UserFactory(role="warehouse")
    post(client_for(warehouse), f"shipments/{order.number}-1/deliver")
    mine = get(client_for(user), f"orders/{order.number}/timeline").json()["results"]
    told = [(step["version"], step["action"], step["about"], step["from_status"], step["status"]) for step in mine]
    package = f"{order.number}-1"
    assert told == [
        (1, "place", "", "", "pending"),
        (2, "payment", "", "pending", "paid"),
        (3, "pack", package, "paid", "packed"),
        (4, "ship", package, "packed", "shipped"),
        (5, "deliver", package, "shipped", "delivered"),
    ]
    assert [step["actor"] for step in mine] == ["system"] * 4 + ["staff"]
    for_staff = get(staff("admin"), f"orders/{order.number}/timeline").json()["results"]
    assert for_staff[-1]["actor"] == f"user:{warehouse.pk}"


def test_an_owner_cancels_before_packing():
    user = UserFactory()
    order = paid(("MUG", 2), user=user)
    answer = post(client_for(user), f"orders/{order.number}/cancel", {"reason": "Ordered twice"})
    body = answer.json()
    assert (answer.status_code, answer["ETag"]) == (200, '"3"')
    assert (body["status"], body["cancel_reason"], body["cancelled_total"]) == ("cancelled", "Ordered twice", "29.00")
    assert StockLevel.objects.get().reserved == 0


def test_units_of_a_line_are_cancelled():
    order = paid(("MUG", 3))
    line = order.lines.get().pk
    body = {"reason": "Too many", "lines": [{"line": line, "quantity": 2}]}
    shown = post(APIClient(), f"orders/{order.number}/cancel", body, **token(order)).json()
    assert (shown["status"], shown["lines"][0]["cancelled"], shown["cancelled_total"]) == ("paid", 2, "24.00")
    assert StockLevel.objects.get().reserved == 1


def test_a_dry_run_cancels_nothing():
    order = paid()
    answer = post(APIClient(), f"orders/{order.number}/cancel?dry_run=true", {"reason": "Perhaps"}, **token(order))
    assert (answer.status_code, answer.json()["status"], answer["Dry-Run"]) == (200, "cancelled", "true")
    order.refresh_from_db()
    assert (order.status, order.version) == ("paid", 2)
    assert StockLevel.objects.get().reserved == 1


def test_a_refusal_says_what_is_possible_for_the_caller():
    user = UserFactory()
    order = delivered(user=user)
    answer = post(client_for(user), f"orders/{order.number}/cancel", {"reason": "Too late"})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_allowed_now")
    assert answer.json()["available_actions"] == ["request_return"]
    assert Order.objects.get().status == "delivered"


def test_the_address_is_changed_at_the_version_the_caller_knows():
    order = paid()
    path, mine = f"orders/{order.number}", token(order)
    stale = patch(APIClient(), path, {"shipping_address": NEW_ADDRESS}, if_match='"1"', **mine)
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    assert order.addresses.get().city == "Berlin"
    answer = patch(APIClient(), path, {"shipping_address": NEW_ADDRESS}, if_match='"2"', **mine)
    assert (answer.status_code, answer["ETag"]) == (200, '"3"')
    assert answer.json()["shipping_address"]["city"] == "Paris"
    assert answer.json()["shipping_address"]["postal_code"] == ""
    without = patch(APIClient(), path, {"shipping_address": ADDRESS}, **mine)
    assert (without.status_code, without["ETag"]) == (200, '"4"')


def test_every_change_of_an_order_heeds_if_match():
    order = paid()
    line = {"line": order.lines.get().pk, "quantity": 1}
    calls = [
        ("cancel", {"reason": "x"}),
        ("holds", {"kind": "stock"}),
        ("shipments", {}),
        ("returns", {"lines": [line | {"reason": "other"}]}),
    ]
    for path, body in calls:
        answer = post(staff("admin"), f"orders/{order.number}/{path}", body, if_match='"1"')
        assert (path, answer.status_code) == (path, 412)
    order.refresh_from_db()
    assert (order.version, order.status) == (2, "paid")
    assert not Hold.objects.exists()


def test_staff_hold_an_order_and_let_it_go():
    order = paid()
    client = staff("customer_service")
    held = post(client, f"orders/{order.number}/holds", {"kind": "address", "note": "No house number."})
    assert (held.status_code, held.json()["kind"], held.json()["note"]) == (201, "address", "No house number.")
    packing = post(staff("warehouse"), f"orders/{order.number}/shipments", {})
    assert (packing.status_code, packing.json()["code"]) == (409, "on_hold")
    again = post(client, f"orders/{order.number}/holds", {"kind": "address"})
    assert (again.status_code, again.json()["code"], fields(again)) == (409, "not_allowed_now", ["kind"])
    assert "release_hold" in again.json()["available_actions"]
    path = f"orders/{order.number}/holds/{held.json()['id']}"
    assert delete(staff("warehouse"), path).status_code == 403
    released = delete(client, path)
    assert (released.status_code, released.content) == (204, b"")
    assert delete(client, path).status_code == 409
    assert delete(client, f"orders/{order.number}/holds/999999").status_code == 404
    assert post(staff("warehouse"), f"orders/{order.number}/shipments", {}).status_code == 201


def test_notes_and_suspicions_are_for_staff():
    user = UserFactory()
    order = paid(user=user)
    for kind in ("fraud", "address"):
        place_hold(order_id=order.pk, kind=kind, note="Looks odd.", by=TESTS)
    path = f"orders/{order.number}"
    mine = get(client_for(user), path).json()["holds"]
    assert [(hold["kind"], hold["note"], hold["placed_by"]) for hold in mine] == [("address", "", "")]
    seen = get(staff("warehouse"), path).json()["holds"]
    assert [(hold["kind"], hold["note"], hold["placed_by"]) for hold in seen] == [
        ("fraud", "Looks odd.", "system:tests"),
        ("address", "Looks odd.", "system:tests"),
    ]
    reasons = [step["reason"] for step in get(client_for(user), f"{path}/timeline").json()["results"]]
    assert reasons == ["", "", "address"]


@pytest.mark.parametrize(
    ("method", "path", "body", "allowed"),
    [
        ("POST", "cancel", {"reason": "x"}, "admin customer_service warehouse customer orders:write"),
        ("PATCH", "", {"shipping_address": ADDRESS}, "admin customer_service warehouse customer orders:write"),
        ("POST", "returns", {"lines": [{"line": 1, "quantity": 1, "reason": "other"}]},
         "admin customer_service warehouse customer orders:write"),
        ("POST", "holds", {"kind": "stock"}, "admin customer_service warehouse"),
        ("DELETE", "holds/1", None, "admin customer_service warehouse"),
        ("POST", "shipments", {}, "admin warehouse"),
    ],
)  # fmt: skip
def test_who_may_try_what(method, path, body, allowed):
    user, partner = UserFactory(), PartnerFactory()
    order = place(user=user)
    Order.objects.update(partner=partner)
    callers = {role: staff(role) for role in ("admin", "customer_service", "warehouse")}
    callers["customer"] = client_for(user)
    for scope in ("orders:read", "orders:write", "fulfilment:write"):
        callers[scope] = partner_client(partner, scopes=[scope])
    where = f"orders/{order.number}/{path}".rstrip("/")
    refused = {
        name
        for name, client in callers.items()
        if call(client, method, where, body, idempotency_key="k").status_code == 403
    }
    assert refused == set(callers) - set(allowed.split())
    assert call(APIClient(), method, where, body, idempotency_key="k").status_code == 401
