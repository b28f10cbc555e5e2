"""Whatever is sent gets an answer that names the field, and leaves everything as it was."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.tests.factories import partner_client
from inventory.models import StockLevel
from orders.models import Cart, CartItem, Order, OrderTransition, Return, Shipment
from orders.tests.factories import ADDRESS, buyable, delivered, paid, place
from orders.tests.http import call, fields, patch, post, ready_cart, staff

pytestmark = pytest.mark.django_db

BAD_QUANTITIES = [0, -1, 1.5, 1.0, "2", "", "two", True, None, [], {}, 10**9, 10**30, -(10**30), 1e400]
LONG = "x" * 10_001


@pytest.fixture(autouse=True)
def _mug():
    buyable("MUG")


@pytest.fixture
def partner() -> APIClient:
    return partner_client()


def direct(**changes: Any) -> dict[str, Any]:
    lines = [{"sku": "MUG", "quantity": 1}]
    return {"email": "ada@example.com", "lines": lines, "shipping_address": ADDRESS} | changes


def address(**changes: Any) -> dict[str, Any]:
    return {"shipping_address": ADDRESS | changes}


def no_order() -> bool:
    return not Order.objects.exists() and StockLevel.objects.get().reserved == 0


@pytest.mark.parametrize("quantity", BAD_QUANTITIES, ids=repr)
def test_quantities_are_whole_numbers_of_a_sensible_size(partner, quantity):
    for answer, field in (
        (post(partner, "orders", direct(lines=[{"sku": "MUG", "quantity": quantity}])), "lines.0.quantity"),
        (post(partner, "carts", {"items": [{"sku": "MUG", "quantity": quantity}]}), "items.0.quantity"),
    ):
        # 1e400 is no number of JSON that anybody can hold.
        assert answer.status_code == 400
        assert quantity == float("inf") or fields(answer) == [field]
    assert no_order()
    assert not Cart.objects.exists()


@pytest.mark.parametrize("quantity", [0, -1, 1.5, "2", True, 10**9], ids=repr)
def test_quantities_of_items_too(partner, quantity):
    cart = ready_cart(partner)
    path = f"carts/{cart['id']}/items"
    answers = [
        post(partner, path, {"sku": "MUG", "quantity": quantity}),
        patch(partner, f"{path}/{cart['items'][0]['id']}", {"quantity": quantity}),
    ]
    assert [(answer.status_code, fields(answer)) for answer in answers] == [(400, ["quantity"])] * 2
    assert CartItem.objects.get().quantity == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"lines": None}, "lines"),
        ({"lines": {}}, "lines"),
        ({"lines": "MUG"}, "lines"),
        ({"lines": [1]}, "lines.0"),
        ({"lines": [[]]}, "lines.0"),
        ({"lines": [{"quantity": 1}]}, "lines.0.sku"),
        ({"lines": [{"sku": 5, "quantity": 1}]}, "lines.0.sku"),
        ({"lines": [{"sku": ["MUG"], "quantity": 1}]}, "lines.0.sku"),
        ({"lines": [{"sku": "M\x00G", "quantity": 1}]}, "lines.0.sku"),
        ({"lines": [{"sku": LONG, "quantity": 1}]}, "lines.0.sku"),
        ({"lines": [{"sku": "MUG", "quantity": 1}] * 501}, "lines"),
        ({"email": 5}, "email"),
        ({"email": "nobody"}, "email"),
        ({"email": "a\x00@example.com"}, "email"),
        ({"email": f"{LONG}@example.com"}, "email"),
        ({"email": ["ada@example.com"]}, "email"),
        ({"reference": 5}, "reference"),
        ({"reference": "a\x00"}, "reference"),
        ({"reference": "x" * 101}, "reference"),
        ({"reference": None}, "reference"),
        ({"currency": "XXX"}, "currency"),
        ({"currency": "eur"}, "currency"),
        ({"currency": 5}, "currency"),
        ({"shipping_method": "drone"}, "shipping_method"),
        ({"shipping_method": []}, "shipping_method"),
        ({"shipping_method": "standard\x00"}, "shipping_method"),
        ({"discount_codes": "SUMMER"}, "discount_codes"),
        ({"discount_codes": {}}, "discount_codes"),
        ({"discount_codes": [5]}, "discount_codes.0"),
        ({"discount_codes": ["x" * 51]}, "discount_codes.0"),
        ({"discount_codes": ["a\x00"]}, "discount_codes.0"),
        ({"discount_codes": ["SUMMER"] * 21}, "discount_codes"),
        ({"shipping_address": None}, "shipping_address"),
        ({"shipping_address": []}, "shipping_address"),
        ({"shipping_address": "Berlin"}, "shipping_address"),
        ({"billing_address": 5}, "billing_address"),
        (address(country="XX"), "shipping_address.country"),
        (address(country="de"), "shipping_address.country"),
        (address(country=["DE"]), "shipping_address.country"),
        (address(city=5), "shipping_address.city"),
        (address(city=""), "shipping_address.city"),
        (address(city=None), "shipping_address.city"),
        (address(line1="a\x00"), "shipping_address.line1"),
        (address(line1="x" * 201), "shipping_address.line1"),
        (address(phone="x" * 33), "shipping_address.phone"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_an_order_in_one_call_names_what_is_wrong(partner, change, field):
    answer = post(partner, "orders", direct(**change))
    assert (answer.status_code, set(fields(answer))) == (400, {field})
    assert no_order()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"items": [{"sku": "MUG", "quantity": 1}] * 501}, "items"),
        ({"items": {}}, "items"),
        ({"items": None}, "items"),
        ({"items": [None]}, "items.0"),
        ({"email": "a\x00"}, "email"),
        ({"currency": "XTS"}, "currency"),
        ({"shipping_method": "drone"}, "shipping_method"),
        ({"discount_codes": [None]}, "discount_codes.0"),
        ({"shipping_address": {"city": "Berlin"}}, "shipping_address.last_name"),
        ({"billing_address": ADDRESS | {"country": "??"}}, "billing_address.country"),
    ],
)
def test_a_cart_names_what_is_wrong(partner, body, field):
    answer = post(partner, "carts", body)
    assert answer.status_code == 400
    assert field in fields(answer)
    assert not Cart.objects.exists()
    cart = ready_cart(partner)
    if "items" not in body:
        assert patch(partner, f"carts/{cart['id']}", body).status_code == 400
        assert Cart.objects.get().email == "guest@example.com"


def test_an_unknown_product_is_not_put_into_a_cart(partner):
    answers = [
        post(partner, "carts", {"items": [{"sku": "NOWHERE", "quantity": 1}]}),
        post(partner, f"carts/{ready_cart(partner)['id']}/items", {"sku": "NOWHERE", "quantity": 1}),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(409, "product_unavailable")] * 2
    assert all("sku" in fields(answer)[0] for answer in answers)
    assert CartItem.objects.count() == 1


@pytest.mark.parametrize(
    "cart", [None, 5, True, "", "abc", [], {}, "00000000-0000-0000-0000-00000000000g", "a\x00", 10**30]
)
def test_a_cart_that_is_no_id_is_named(partner, cart):
    answer = post(partner, "orders", {"cart": cart})
    assert (answer.status_code, fields(answer)) == (400, ["cart"])
    assert no_order()


def test_an_unknown_cart_is_not_found(partner):
    answer = post(partner, "orders", {"cart": "00000000-0000-0000-0000-000000000000"})
    assert (answer.status_code, answer.json()["code"], fields(answer)) == (404, "not_found", ["cart"])


def test_a_cart_or_lines_but_not_both(partner):
    answer = post(partner, "orders", direct(cart=ready_cart(partner)["id"]))
    assert (answer.status_code, fields(answer)) == (400, ["cart"])
    assert no_order()


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"text"', b"5", b'{"cart": NaN}', b'{"email": "\\ud800"}', b"\xff", b"{}"]
)
def test_bodies_that_are_no_orders_are_refused(partner, body):
    answer = call(partner, "POST", "orders", body, idempotency_key="k")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert no_order()


def test_a_body_of_another_type_is_refused(partner):
    answer = partner.generic("POST", "/api/v1/orders", b"cart=1", "text/plain", headers={"Idempotency-Key": "k"})
    assert answer.status_code == 415
    assert no_order()


def test_actions_that_matter_want_a_key():
    order = delivered()
    line = {"line": order.lines.get().pk, "quantity": 1}
    posts: list[tuple[str, Any]] = [
        ("orders", {"cart": "00000000-0000-0000-0000-000000000000"}),
        (f"orders/{order.number}/cancel", {"reason": "x"}),
        (f"orders/{order.number}/shipments", {}),
        (f"orders/{order.number}/returns", {"lines": [line | {"reason": "other"}]}),
        (f"shipments/{order.number}-1/ship", {}),
        (f"shipments/{order.number}-1/deliver", None),
        (f"shipments/{order.number}-1/cancel", None),
        (f"returns/{order.number}-R1/approve", None),
        (f"returns/{order.number}-R1/reject", {}),
        (f"returns/{order.number}-R1/receive", {"lines": []}),
    ]
    client = staff("admin")
    for path, body in posts:
        answer = call(client, "POST", path, body)
        assert (path, answer.status_code, answer.json()["code"]) == (path, 400, "idempotency_key_required")
    assert OrderTransition.objects.count() == 5


def test_a_key_is_not_reused_for_something_else(partner):
    post(partner, "orders", direct(), idempotency_key="k")
    answer = post(partner, "orders", direct(lines=[{"sku": "MUG", "quantity": 2}]), idempotency_key="k")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert Order.objects.count() == 1


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("cancel", {}, "reason"),
        ("cancel", {"reason": ""}, "reason"),
        ("cancel", {"reason": 5}, "reason"),
        ("cancel", {"reason": "a\x00"}, "reason"),
        ("cancel", {"reason": "x" * 201}, "reason"),
        ("cancel", {"reason": "x", "lines": []}, "lines"),
        ("cancel", {"reason": "x", "lines": "all"}, "lines"),
        ("cancel", {"reason": "x", "lines": [{"line": "1", "quantity": 1}]}, "lines.0.line"),
        ("cancel", {"reason": "x", "lines": [{"line": 1.0, "quantity": 1}]}, "lines.0.line"),
        ("holds", {}, "kind"),
        ("holds", {"kind": "mood"}, "kind"),
        ("holds", {"kind": ["fraud"]}, "kind"),
        ("holds", {"kind": "fraud", "note": 5}, "note"),
        ("holds", {"kind": "fraud", "note": "x" * 501}, "note"),
        ("shipments", {"lines": [5]}, "lines.0"),
        ("shipments", {"warehouse": "x" * 21}, "warehouse"),
        ("returns", {}, "lines"),
        ("returns", {"lines": [], "note": "x"}, "lines"),
    ],
)
def test_changes_of_an_order_name_what_is_wrong(path, body, field):
    order = place()
    answer = post(staff("admin"), f"orders/{order.number}/{path}", body)
    assert (answer.status_code, fields(answer)) == (400, [field])
    assert (Order.objects.get().version, Shipment.objects.count(), Return.objects.count()) == (1, 0, 0)


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ([{"line": "own", "quantity": 2}], 400),
        ([{"line": "own", "quantity": 1}, {"line": "own", "quantity": 1}], 400),
        ([{"line": "other", "quantity": 1}], 404),
        ([{"line": 999_999, "quantity": 1}], 404),
        ([{"line": 2**62, "quantity": 1}], 404),
    ],
)
def test_only_lines_of_the_order_are_cancelled_each_once(lines, status):
    order, other = place(), place()
    ids = {"own": order.lines.get().pk, "other": other.lines.get().pk}
    body = {"reason": "x", "lines": [line | {"line": ids.get(line["line"], line["line"])} for line in lines]}
    answer = post(staff("admin"), f"orders/{order.number}/cancel", body)
    assert (answer.status_code, fields(answer)) == (status, ["lines"])
    assert set(Order.objects.values_list("status", "version")) == {("pending", 1)}


@pytest.mark.parametrize(
    "body", [{}, {"shipping_address": None}, {"shipping_address": {}}, address(country="XX"), address(city=["Paris"])]
)
def test_only_a_whole_address_replaces_another(body):
    order = place()
    answer = patch(staff("admin"), f"orders/{order.number}", body)
    assert answer.status_code == 400
    assert all(field.startswith("shipping_address") for field in fields(answer))
    assert Order.objects.get().version == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "carts/not-an-id"),
        ("GET", "carts/00000000-0000-0000-0000-000000000000"),
        ("PATCH", "carts/00000000-0000-0000-0000-000000000000/items/99999999999999999999999999"),
        ("GET", "orders/%00"),
        ("GET", "orders/%F0%9F%98%80"),
        ("GET", "orders/" + "W" * 5_000),
        ("DELETE", "orders/W0/holds/99999999999999999999999999"),
        ("POST", "shipments/%ED%A0%80/ship"),
        ("POST", "returns/..%2F../approve"),
    ],
)
def test_addresses_of_nothing_are_not_found(method, path):
    answer = call(staff("admin"), method, path, {"quantity": 1} if "items" in path else {}, idempotency_key="k")
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("cancel", {"reason": "one of two", "Lines": [{"line": 1, "quantity": 1}]}, "Lines"),
        ("shipments", {"line": 1}, "line"),
        ("holds", {"kind": "fraud", "notes": "x"}, "notes"),
    ],
)
def test_a_misspelt_field_does_not_turn_a_part_into_the_whole(path, body, field):
    order = paid()
    answer = post(staff("admin"), f"orders/{order.number}/{path}", body)
    assert (answer.status_code, fields(answer)) == (400, [field])
    assert Order.objects.get().version == order.version


@pytest.mark.parametrize(
    "path", ["orders?dry_run=true", "orders/{number}/cancel?dry_run=maybe", "orders/{number}/holds?dry_run=true"]
)
def test_a_dry_run_is_asked_for_only_where_there_is_one(path):
    order = place()
    answer = post(staff("admin"), path.format(number=order.number), {"reason": "x", "kind": "fraud"})
    assert (answer.status_code, fields(answer)) == (400, ["dry_run"])
    assert Order.objects.get().version == 1


def test_methods_that_are_not_there_are_refused(partner):
    assert call(partner, "DELETE", "orders").status_code == 405
    assert call(partner, "PUT", "carts", {}).status_code == 405
    assert call(partner, "GET", "carts").status_code == 405
