from decimal import Decimal

import pytest
from django.db.models import F
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory, client_for, partner_client
from catalog.models import Product
from orders.models import Cart, CartItem
from orders.tests.factories import ADDRESS, buyable
from orders.tests.http import delete, get, patch, post, ready_cart, staff

pytestmark = pytest.mark.django_db

FULL_ADDRESS = {
    "first_name": "",
    "last_name": "Example",
    "company": "",
    "line1": "1 High Street",
    "line2": "",
    "city": "Berlin",
    "region": "",
    "postal_code": "10115",
    "country": "DE",
    "phone": "",
}


@pytest.fixture
def guest() -> APIClient:
    return APIClient()


def test_a_guest_opens_a_cart_and_gets_its_token_once(guest):
    buyable()
    opened = post(guest, "carts", {"items": [{"sku": "MUG", "quantity": 2}]})
    assert opened.status_code == 201
    cart = opened.json()
    assert opened["Location"] == f"/api/v1/carts/{cart['id']}"
    assert len(cart["token"]) == 43
    seen = get(guest, f"carts/{cart['id']}", x_cart_token=cart["token"])
    assert seen.status_code == 200
    assert "token" not in seen.json()
    assert seen.json()["total"] == cart["total"] == "29.00"


def test_a_cart_shows_its_quote_and_explains_each_amount(guest):
    buyable("MUG", price="10.00")
    buyable("CUP", price="3.33")
    cart = ready_cart(guest, ("MUG", 2), ("CUP", 1))
    items = CartItem.objects.order_by("id").values_list("pk", flat=True)
    assert cart["items"] == [
        {
            "id": items[0],
            "sku": "MUG",
            "name": "Mug",
            "quantity": 2,
            "unit_price": "10.00",
            "discount": "0.00",
            "tax": "4.00",
            "included_tax": "0.00",
            "total": "24.00",
            "availability": "in_stock",
            "promised_at": None,
        },
        {
            "id": items[1],
            "sku": "CUP",
            "name": "Cup",
            "quantity": 1,
            "unit_price": "3.33",
            "discount": "0.00",
            "tax": "0.67",
            "included_tax": "0.00",
            "total": "4.00",
            "availability": "in_stock",
            "promised_at": None,
        },
    ]
    assert {name: cart[name] for name in ("subtotal", "discount_total", "shipping_total", "tax_total", "total")} == {
        "subtotal": "23.33",
        "discount_total": "0.00",
        "shipping_total": "5.00",
        "tax_total": "4.67",
        "total": "33.00",
    }
    steps = [(step["step"], step["rule"], step["amount"]) for step in cart["explanation"]]
    assert steps == [
        ("item", "MUG", "20.00"),
        ("item", "CUP", "3.33"),
        ("shipping", "standard", "5.00"),
        ("tax", "flat_rate", "4.67"),
    ]
    assert sum(Decimal(amount) for *_, amount in steps) == Decimal(cart["total"])
    assert cart["problems"] == []
    assert cart["shipping_address"] == FULL_ADDRESS
    assert cart["billing_address"] is None
    assert cart["order"] is None


def test_problems_name_the_item_or_the_field(guest):
    buyable("MUG", quantity=1)
    buyable("CUP")
    cart = post(guest, "carts", {"items": [{"sku": "MUG", "quantity": 2}, {"sku": "CUP", "quantity": 1}]}).json()
    Product.objects.filter(sku="CUP").update(published=False)
    seen = get(guest, f"carts/{cart['id']}", x_cart_token=cart["token"]).json()
    mug, cup = seen["items"]
    assert seen["problems"] == [
        {"code": "product_unavailable", "detail": "CUP is not on sale.", "reason": "", "item": cup["id"]},
        {"code": "insufficient_stock", "detail": "MUG: 1 available.", "reason": "", "item": mug["id"]},
        {"code": "required", "detail": "Where should it go?", "reason": "", "field": "shipping_address"},
        {
            "code": "required",
            "detail": "An e-mail address is needed for the confirmation.",
            "reason": "",
            "field": "email",
        },
    ]
    assert (cup["unit_price"], cup["tax"], cup["total"]) == (None, None, None)
    assert seen["total"] == "29.00"


def test_an_empty_cart_costs_nothing_and_cannot_be_placed(guest):
    cart = post(guest, "carts").json()
    assert cart["total"] == "0.00"
    assert cart["items"] == []
    assert cart["problems"][0]["code"] == "empty_cart"


def test_unknown_codes_are_problems_and_not_errors(guest):
    cart = post(guest, "carts", {"discount_codes": ["SUMMER"]})
    assert cart.status_code == 201
    assert cart.json()["discount_codes"] == ["SUMMER"]
    assert {
        "code": "code_not_applicable",
        "detail": "There is no code SUMMER.",
        "field": "discount_codes.0",
        "reason": "unknown",
    } in cart.json()["problems"]


def test_a_cart_is_changed_field_by_field(guest):
    cart = post(guest, "carts").json()
    path, token = f"carts/{cart['id']}", cart["token"]
    changed = patch(guest, path, {"email": "Ada@Example.com", "shipping_address": ADDRESS}, x_cart_token=token)
    assert changed.status_code == 200
    assert changed.json()["email"] == "ada@example.com"
    assert changed.json()["shipping_address"] == FULL_ADDRESS
    cleared = patch(guest, path, {"shipping_address": None, "shipping_method": "standard"}, x_cart_token=token).json()
    assert cleared["shipping_address"] is None
    assert cleared["shipping_method"] == "standard"
    assert cleared["email"] == "ada@example.com"


def test_items_are_added_changed_and_removed(guest):
    buyable("MUG")
    cart = post(guest, "carts").json()
    path, token = f"carts/{cart['id']}/items", cart["token"]
    added = post(guest, path, {"sku": "MUG", "quantity": 2}, x_cart_token=token)
    assert added.status_code == 201
    again = post(guest, path, {"sku": "MUG", "quantity": 1}, x_cart_token=token).json()
    assert [(item["sku"], item["quantity"]) for item in again["items"]] == [("MUG", 3)]
    item = f"{path}/{again['items'][0]['id']}"
    changed = patch(guest, item, {"quantity": 5}, x_cart_token=token)
    assert (changed.status_code, changed.json()["items"][0]["quantity"]) == (200, 5)
    removed = delete(guest, item, x_cart_token=token)
    assert (removed.status_code, removed.json()["items"], removed.json()["total"]) == (200, [], "0.00")
    assert delete(guest, item, x_cart_token=token).status_code == 404


def test_the_same_key_adds_once(guest):
    buyable("MUG")
    cart = ready_cart(guest)
    path, token = f"carts/{cart['id']}/items", cart["token"]
    for _ in range(2):
        answer = post(guest, path, {"sku": "MUG", "quantity": 2}, x_cart_token=token, idempotency_key="add-1")
        assert answer.status_code == 201
    assert answer["Idempotent-Replayed"] == "true"
    assert CartItem.objects.get().quantity == 3


def test_what_is_shown_is_remembered(guest):
    buyable("MUG")
    cart = ready_cart(guest)
    assert Cart.objects.get().seen_total == Decimal("17.00")
    Product.objects.update(price=F("price") * 2)
    assert get(guest, f"carts/{cart['id']}", x_cart_token=cart["token"]).json()["total"] == "29.00"
    assert Cart.objects.get().seen_total == Decimal("29.00")


@pytest.mark.parametrize("token", [None, "", "wrong", "ü" * 43])
def test_a_guest_cart_stays_closed_without_its_token(guest, token):
    buyable("MUG")
    cart = ready_cart(guest)
    headers = {} if token is None else {"x_cart_token": token}
    path, item = f"carts/{cart['id']}", f"carts/{cart['id']}/items/{cart['items'][0]['id']}"
    answers = [
        get(guest, path, **headers),
        get(guest, f"{path}/shipping-options", **headers),
        patch(guest, path, {"email": "thief@example.com"}, **headers),
        post(guest, f"{path}/items", {"sku": "MUG", "quantity": 1}, **headers),
        patch(guest, item, {"quantity": 9}, **headers),
        delete(guest, item, **headers),
        post(client_for(UserFactory()), f"{path}/merge", **headers),
        post(guest, "orders", {"cart": cart["id"]}, **headers),
    ]
    assert [answer.status_code for answer in answers] == [404] * 8
    assert {answer.json()["code"] for answer in answers} == {"not_found"}
    assert Cart.objects.get().email == "guest@example.com"
    assert CartItem.objects.get().quantity == 1


def test_the_token_of_another_cart_opens_nothing(guest):
    buyable("MUG")
    mine, other = ready_cart(guest), ready_cart(guest)
    assert get(guest, f"carts/{other['id']}", x_cart_token=mine["token"]).status_code == 404


def test_a_customers_cart_needs_no_token_and_is_nobody_elses():
    buyable("MUG")
    mine = client_for(UserFactory())
    cart = ready_cart(mine)
    assert "token" not in cart
    path = f"carts/{cart['id']}"
    assert get(mine, path).status_code == 200
    for other in (client_for(UserFactory()), APIClient(), partner_client(), staff("admin")):
        assert get(other, path).status_code == 404
        assert patch(other, path, {"email": "thief@example.com"}).status_code == 404


def test_a_customers_cart_can_do_without_an_email():
    buyable("MUG")
    cart = post(client_for(UserFactory()), "carts", {"items": [{"sku": "MUG", "quantity": 1}]}).json()
    assert [problem["field"] for problem in cart["problems"]] == ["shipping_address"]


def test_a_partner_has_carts_of_its_own():
    buyable("MUG")
    partner = partner_client()
    cart = ready_cart(partner)
    assert get(partner, f"carts/{cart['id']}").status_code == 200
    assert get(partner_client(), f"carts/{cart['id']}").status_code == 404


def test_shipping_options_have_a_price_and_promised_dates(guest, time_machine):
    time_machine.move_to("2030-03-01T10:00:00+00:00", tick=False)  # a Friday
    cart = post(guest, "carts").json()
    answer = get(guest, f"carts/{cart['id']}/shipping-options", x_cart_token=cart["token"])
    assert answer.json() == {
        "results": [
            {
                "code": "standard",
                "name": "Standard delivery",
                "price": "5.00",
                "currency": "EUR",
                "ship_by": "2030-03-04",
                "deliver_by": "2030-03-07",
            }
        ],
        "next": None,
        "previous": None,
    }


def test_a_guest_cart_is_poured_into_ones_own(guest):
    buyable("MUG")
    buyable("CUP")
    mine = client_for(UserFactory())
    own = ready_cart(mine, ("MUG", 1))
    other = ready_cart(guest, ("MUG", 2), ("CUP", 1))
    merged = post(mine, f"carts/{other['id']}/merge", x_cart_token=other["token"])
    assert merged.status_code == 200
    assert merged.json()["id"] == own["id"]
    assert [(item["sku"], item["quantity"]) for item in merged.json()["items"]] == [("MUG", 3), ("CUP", 1)]
    assert not Cart.objects.filter(pk=other["id"]).exists()


def test_without_a_cart_of_ones_own_the_guests_becomes_it(guest):
    buyable("MUG")
    user = UserFactory()
    other = ready_cart(guest, ("MUG", 2))
    merged = post(client_for(user), f"carts/{other['id']}/merge", x_cart_token=other["token"])
    assert merged.json()["id"] == other["id"]
    assert Cart.objects.get().user == user
    assert get(guest, f"carts/{other['id']}", x_cart_token=other["token"]).status_code == 404


@pytest.mark.parametrize(("client", "status"), [(APIClient, 401), (partner_client, 403)])
def test_only_people_merge(client, status):
    buyable("MUG")
    cart = ready_cart(APIClient())
    assert post(client(), f"carts/{cart['id']}/merge", x_cart_token=cart["token"]).status_code == status
    assert Cart.objects.get().user is None


def test_a_placed_cart_is_shown_and_no_longer_changed(guest):
    buyable("MUG")
    cart = ready_cart(guest)
    token = cart["token"]
    number = post(guest, "orders", {"cart": cart["id"]}, x_cart_token=token).json()["number"]
    path = f"carts/{cart['id']}"
    assert get(guest, path, x_cart_token=token).json()["order"] == number
    answers = [
        patch(guest, path, {"email": "later@example.com"}, x_cart_token=token),
        post(guest, f"{path}/items", {"sku": "MUG", "quantity": 1}, x_cart_token=token),
        post(guest, "orders", {"cart": cart["id"]}, x_cart_token=token),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(409, "not_allowed_now")] * 3
    assert CartItem.objects.get().quantity == 1
