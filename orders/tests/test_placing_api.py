from decimal import Decimal

import pytest
from django.db.models import F
from rest_framework.test import APIClient

from accounts.tests.factories import PartnerFactory, UserFactory, client_for, partner_client
from api.tokens import derive_token
from catalog.models import Product
from inventory.models import StockLevel
from orders.models import Cart, Order
from orders.tests.factories import ADDRESS, buyable
from orders.tests.http import fields, get, post, ready_cart, staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _mug():
    buyable("MUG")


def direct(**changes: object) -> dict[str, object]:
    lines = [{"sku": "MUG", "quantity": 1}]
    return {"email": "ada@example.com", "lines": lines, "shipping_address": ADDRESS} | changes


def nothing_happened() -> bool:
    return not Order.objects.exists() and StockLevel.objects.get(item__sku="MUG").reserved == 0


def test_a_guest_places_an_order_and_gets_its_token(time_machine):
    time_machine.move_to("2030-03-01T10:00:00+00:00", tick=False)
    guest = APIClient()
    cart = ready_cart(guest, ("MUG", 2))
    answer = post(guest, "orders", {"cart": cart["id"]}, x_cart_token=cart["token"])
    order = answer.json()
    assert answer.status_code == 201
    assert answer["Location"] == f"/api/v1/orders/{order['number']}"
    assert answer["ETag"] == '"1"'
    assert order["token"] == derive_token("order", order["number"])
    assert (order["status"], order["payment_status"], order["version"]) == ("pending", "unpaid", 1)
    assert (order["total"], order["currency"]) == ("29.00", "EUR")
    assert order["expires_at"] == "2030-03-01T10:30:00Z"
    assert order["available_actions"] == ["pay", "cancel", "cancel_lines", "change_address", "edit"]
    assert order["refused_actions"] == {"request_return": "not_allowed_now"}
    assert StockLevel.objects.get().reserved == 2
    assert str(Order.objects.get().cart.pk) == cart["id"]


def test_a_customer_gets_no_token_and_owns_the_order():
    user = UserFactory()
    customer = client_for(user)
    order = post(customer, "orders", {"cart": ready_cart(customer)["id"]}).json()
    assert "token" not in order
    assert order["customer"] == user.pk
    assert Order.objects.get().user == user


def test_the_same_key_gives_the_same_order():
    guest = APIClient()
    cart = ready_cart(guest)
    headers = {"x_cart_token": cart["token"], "idempotency_key": "place-1"}
    first = post(guest, "orders", {"cart": cart["id"]}, **headers)
    second = post(guest, "orders", {"cart": cart["id"]}, **headers)
    assert second.status_code == 201
    assert second["Idempotent-Replayed"] == "true"
    assert second.json() == first.json()
    assert second.json()["token"] == first.json()["token"]
    assert Order.objects.count() == 1


def test_a_partner_orders_in_one_call_for_itself():
    partner = PartnerFactory()
    answer = post(partner_client(partner), "orders", direct(reference="PO-1", shipping_method="standard"))
    order = Order.objects.get()
    assert answer.status_code == 201
    assert "token" not in answer.json()
    assert (order.partner, order.user, order.reference, order.email) == (partner, None, "PO-1", "ada@example.com")
    assert answer.json()["shipping_address"]["city"] == "Berlin"


def test_a_partners_reference_is_used_once():
    partner = PartnerFactory()
    post(partner_client(partner), "orders", direct(reference="PO-1"))
    second = post(partner_client(partner), "orders", direct(reference="PO-1"))
    assert (second.status_code, second.json()["code"], fields(second)) == (409, "reference_taken", ["reference"])
    assert post(partner_client(), "orders", direct(reference="PO-1")).status_code == 201
    assert Order.objects.count() == 2


@pytest.mark.parametrize("role", ["admin", "customer_service", "warehouse"])
@pytest.mark.parametrize("by", ["id", "email"])
def test_staff_order_in_a_customers_name(role, by):
    user = UserFactory()
    answer = post(staff(role), "orders", direct(customer=user.pk if by == "id" else user.email.upper(), email=""))
    assert answer.status_code == 201
    assert "token" not in answer.json()
    assert (Order.objects.get().user, Order.objects.get().email) == (user, user.email)


def test_staff_order_for_an_email_without_an_account():
    answer = post(staff("customer_service"), "orders", direct())
    assert answer.status_code == 201
    assert (answer.json()["customer"], answer.json()["email"]) == (None, "ada@example.com")


@pytest.mark.parametrize("customer", [0, 999_999, 10**18, "nobody@example.com", "", "x" * 300, "a\x00b", True, [], 1.5])
def test_an_unknown_customer_is_refused(customer):
    answer = post(staff("customer_service"), "orders", direct(customer=customer))
    assert (answer.status_code, fields(answer)) == (400, ["customer"])
    assert nothing_happened()


def test_staff_and_the_deactivated_are_not_customers():
    for user in (UserFactory(role="admin"), UserFactory(is_active=False)):
        assert post(staff("admin"), "orders", direct(customer=user.pk)).status_code == 400
    assert nothing_happened()


def test_a_partner_cannot_order_in_a_customers_name():
    answer = post(partner_client(), "orders", direct(customer=UserFactory().pk))
    assert (answer.status_code, fields(answer)) == (400, ["customer"])
    assert nothing_happened()


def test_who_may_order_in_one_call():
    reader = partner_client(scopes=["orders:read", "fulfilment:write"])
    callers = {APIClient(): 401, client_for(UserFactory()): 403, reader: 403}
    for caller, status in callers.items():
        assert post(caller, "orders", direct()).status_code == status
    assert nothing_happened()


def test_a_partner_needs_the_scope_to_place_its_cart():
    partner = PartnerFactory()
    cart = ready_cart(partner_client(partner))
    reader = partner_client(partner, scopes=["orders:read"])
    assert post(reader, "orders", {"cart": cart["id"]}).status_code == 403
    assert nothing_happened()
    assert post(partner_client(partner, scopes=["orders:write"]), "orders", {"cart": cart["id"]}).status_code == 201


def test_anothers_cart_is_not_found():
    mine, other = client_for(UserFactory()), client_for(UserFactory())
    cart = ready_cart(mine)
    for caller in (other, APIClient(), partner_client(), staff("admin")):
        answer = post(caller, "orders", {"cart": cart["id"]})
        assert (answer.status_code, answer.json()["code"], fields(answer)) == (404, "not_found", ["cart"])
    assert nothing_happened()


def test_an_empty_cart_is_refused():
    guest = APIClient()
    cart = post(guest, "carts", {"email": "ada@example.com", "shipping_address": ADDRESS}).json()
    answer = post(guest, "orders", {"cart": cart["id"]}, x_cart_token=cart["token"])
    assert (answer.status_code, answer.json()["code"]) == (409, "empty_cart")
    direct_answer = post(partner_client(), "orders", direct(lines=[]))
    assert (direct_answer.status_code, direct_answer.json()["code"]) == (409, "empty_cart")
    assert nothing_happened()


def test_too_little_stock_names_the_line():
    buyable("CUP", quantity=1)
    lines = [{"sku": "MUG", "quantity": 1}, {"sku": "CUP", "quantity": 2}]
    answer = post(partner_client(), "orders", direct(lines=lines))
    body = answer.json()
    assert (answer.status_code, body["code"], fields(answer)) == (409, "insufficient_stock", ["lines.1.quantity"])
    assert body["items"] == [{"sku": "CUP", "requested": 2, "available": 1}]
    assert nothing_happened()


def test_an_unpublished_or_unknown_product_names_the_line():
    Product.objects.create(sku="HIDDEN", name="Hidden", price=1, currency="EUR", item=Product.objects.get().item)
    for sku in ("HIDDEN", "NOWHERE"):
        answer = post(
            partner_client(), "orders", direct(lines=[{"sku": "MUG", "quantity": 1}, {"sku": sku, "quantity": 1}])
        )
        assert (answer.status_code, answer.json()["code"]) == (409, "product_unavailable")
        assert fields(answer) == ["lines.1.sku"]
    assert nothing_happened()


def test_a_product_withdrawn_meanwhile_is_refused():
    guest = APIClient()
    cart = ready_cart(guest)
    Product.objects.update(published=False)
    answer = post(guest, "orders", {"cart": cart["id"]}, x_cart_token=cart["token"])
    assert (answer.status_code, answer.json()["code"]) == (409, "product_unavailable")
    assert nothing_happened()
    assert Cart.objects.get().order is None


def test_a_price_changed_since_it_was_shown_is_refused_until_it_is_shown_again():
    guest = APIClient()
    cart = ready_cart(guest)
    headers = {"x_cart_token": cart["token"]}
    Product.objects.update(price=F("price") + Decimal("0.01"))
    answer = post(guest, "orders", {"cart": cart["id"]}, **headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "price_changed")
    assert nothing_happened()
    assert get(guest, f"carts/{cart['id']}", **headers).json()["total"] == "17.01"
    assert post(guest, "orders", {"cart": cart["id"]}, **headers).json()["total"] == "17.01"


def test_a_refusal_is_kept_under_its_key():
    guest = APIClient()
    cart = ready_cart(guest, ("MUG", 11))
    headers = {"x_cart_token": cart["token"], "idempotency_key": "place-1"}
    first = post(guest, "orders", {"cart": cart["id"]}, **headers)
    StockLevel.objects.update(on_hand=100)
    second = post(guest, "orders", {"cart": cart["id"]}, **headers)
    assert (first.status_code, second.status_code) == (409, 409)
    assert second["Idempotent-Replayed"] == "true"
    assert post(guest, "orders", {"cart": cart["id"]}, x_cart_token=cart["token"]).status_code == 201


def test_what_is_missing_is_named():
    guest = APIClient()
    cart = post(guest, "carts", {"items": [{"sku": "MUG", "quantity": 1}]}).json()
    answer = post(guest, "orders", {"cart": cart["id"]}, x_cart_token=cart["token"])
    assert (answer.status_code, sorted(fields(answer))) == (400, ["email", "shipping_address"])
    staff_answer = post(staff("admin"), "orders", direct(email=""))
    assert (staff_answer.status_code, fields(staff_answer)) == (400, ["email"])
    assert nothing_happened()


def test_an_unknown_code_is_refused():
    answer = post(partner_client(), "orders", direct(discount_codes=["SUMMER"]))
    assert (answer.status_code, answer.json()["code"]) == (409, "code_not_applicable")
    assert fields(answer) == ["discount_codes.0"]
    assert nothing_happened()


def test_another_currency_has_no_price():
    answer = post(partner_client(), "orders", direct(currency="JPY"))
    assert (answer.status_code, answer.json()["code"]) == (409, "product_unavailable")
    assert nothing_happened()


def test_prices_totals_and_owners_are_not_inputs():
    other = UserFactory()
    body = direct(total="0.01", status="paid", user=other.pk, partner=1, number="X", version=9)
    body["lines"] = [{"sku": "MUG", "quantity": 1, "unit_price": "0.01", "discount": "9.99"}]
    order = post(partner_client(), "orders", body).json()
    assert (order["total"], order["status"], order["customer"], order["version"]) == ("17.00", "pending", None, 1)


def test_amounts_have_the_decimals_of_their_currency(settings):
    settings.SHOP_SHIPPING_PRICE = Decimal("500")
    Product.objects.update(price=1000, currency="JPY")
    order = post(partner_client(), "orders", direct(currency="JPY")).json()
    assert (order["lines"][0]["unit_price"], order["shipping_total"], order["total"]) == ("1000", "500", "1700")
    assert [step["amount"] for step in order["explanation"]] == ["1000", "500", "200"]
