"""Partners see the people whom their orders are for only with `personal:read`."""

from typing import Any

import pytest

from accounts.tests.factories import PartnerFactory, UserFactory, client_for, partner_client
from orders import masking
from orders.models import Order, Return
from orders.services import expire_order
from orders.tests.factories import TESTS, buyable, place
from orders.tests.http import get, patch, post, staff

pytestmark = pytest.mark.django_db

ADDRESS = {
    "first_name": "Ada",
    "last_name": "Lovelace",
    "company": "Engines Ltd",
    "line1": "12 St James's Square",
    "line2": "Attic",
    "city": "London",
    "region": "Greater London",
    "postal_code": "SW1Y 4JH",
    "country": "GB",
    "phone": "+44 20 7930 7705",
}
MASKED = {
    "first_name": "A•••",
    "last_name": "L•••",
    "company": "•••",
    "line1": "•••",
    "line2": "•••",
    "city": "London",
    "region": "Greater London",
    "postal_code": "SW•••",
    "country": "GB",
    "phone": "•••",
}
EMAIL = "ada.lovelace@engines.co.uk"
BODY: dict[str, Any] = {
    "lines": [{"sku": "MUG", "quantity": 1}],
    "email": EMAIL,
    "shipping_address": ADDRESS,
    "billing_address": {**ADDRESS, "company": "", "phone": ""},
}
SECRETS = ("lovelace", "ada", "engines", "james", "attic", "7705", "4jh")
BLIND = ["orders:read", "orders:write"]


@pytest.fixture
def partner():
    buyable(quantity=50)
    return PartnerFactory(name="Shop")


@pytest.fixture
def blind(partner):
    return partner_client(partner, scopes=BLIND)


@pytest.fixture
def seeing(partner):
    return partner_client(partner, scopes=[*BLIND, "personal:read"])


def names_nobody(answer: Any) -> bool:
    said = answer.content.decode().lower()
    return answer.status_code < 300 and not any(secret in said for secret in SECRETS)


def placed(client: Any, **more: Any) -> Any:
    answer = post(client, "orders", BODY | more)
    assert answer.status_code == 201, answer.json()
    return answer


@pytest.mark.parametrize(
    ("email", "shown"),
    [
        ("a@b.com", "a•••@•••.com"),
        ("ada.lovelace@mail.engines.co.uk", "a•••@•••.uk"),
        ("", ""),
        ("root@localhost", "r•••@•••"),
    ],
)
def test_an_email_keeps_its_first_letter_and_its_top_level_domain(email, shown):
    assert masking.mask_email(email) == shown
    assert masking.mask_email(shown) == shown


def test_masking_what_is_masked_changes_nothing_and_what_is_empty_stays():
    assert masking.mask_address(ADDRESS) == MASKED == masking.mask_address(MASKED)
    empty = dict.fromkeys(ADDRESS, "")
    assert masking.mask_address(empty) == empty
    assert masking.mask_postal_code("1") == masking.mask_postal_code("1•••") == "1•••"


def test_its_own_answers_are_masked_too(blind):
    answer = placed(blind)
    body = answer.json()
    assert names_nobody(answer)
    assert (body["email"], body["shipping_address"]) == ("a•••@•••.uk", MASKED)
    assert body["billing_address"] == MASKED | {"company": "", "phone": ""}
    assert names_nobody(get(blind, "orders"))
    assert names_nobody(get(blind, f"orders/{body['number']}"))
    kept = Order.objects.get().addresses.get(kind="shipping")
    assert (kept.last_name, Order.objects.get().email) == ("Lovelace", EMAIL)


def test_with_the_scope_nothing_is_masked(seeing):
    body = placed(seeing).json()
    for shown in (body, get(seeing, f"orders/{body['number']}").json(), get(seeing, "orders").json()["results"][0]):
        assert (shown["email"], shown["shipping_address"]) == (EMAIL, ADDRESS)


def test_people_see_their_own_and_staff_see_all(seeing):
    number = placed(seeing).json()["number"]
    assert get(staff("customer_service"), f"orders/{number}").json()["shipping_address"] == ADDRESS
    customer = UserFactory(email="ada@example.com")
    own = place(user=customer)
    assert get(client_for(customer), f"orders/{own.number}").json()["email"] == "ada@example.com"


def test_a_change_of_address_is_answered_masked(blind):
    number = placed(blind).json()["number"]
    changed = patch(blind, f"orders/{number}", {"shipping_address": {**ADDRESS, "line1": "Ockham Park, Attic"}})
    assert names_nobody(changed)
    assert Order.objects.get().addresses.get(kind="shipping").line1 == "Ockham Park, Attic"


def test_a_replay_does_not_tell_what_another_token_was_told(blind, seeing):
    first = post(seeing, "orders", BODY, idempotency_key="the-same-key")
    again = post(blind, "orders", BODY, idempotency_key="the-same-key")
    assert again["Idempotent-Replayed"] == "true"
    assert (first.json()["number"], again.status_code) == (again.json()["number"], 201)
    assert names_nobody(again)
    assert first.json()["email"] == EMAIL
    assert Order.objects.count() == 1
    # It was kept as it was said.
    assert post(seeing, "orders", BODY, idempotency_key="the-same-key").json() == first.json()


def test_a_replay_of_a_cart_is_masked(blind, seeing):
    cart = {"items": BODY["lines"], "email": EMAIL, "shipping_address": ADDRESS}
    first = post(seeing, "carts", cart, idempotency_key="a-cart")
    again = post(blind, "carts", cart, idempotency_key="a-cart")
    assert first.json()["id"] == again.json()["id"]
    assert names_nobody(again)


def test_carts_are_masked(blind, seeing):
    made = post(blind, "carts", {"items": BODY["lines"], "email": EMAIL, "shipping_address": ADDRESS})
    path = f"carts/{made.json()['id']}"
    assert names_nobody(made)
    assert names_nobody(get(blind, path))
    assert names_nobody(patch(blind, path, {"billing_address": ADDRESS}))
    assert get(seeing, path).json()["billing_address"] == ADDRESS
    assert names_nobody(post(blind, "orders", {"cart": made.json()["id"]}))


def test_what_people_wrote_is_hidden_and_what_the_shop_wrote_is_not(blind, seeing):
    other = placed(blind).json()["number"]
    assert post(staff("customer_service"), f"orders/{other}/cancel", {"reason": "Ada called"}).status_code == 200
    shown = get(blind, f"orders/{other}")
    assert (shown.json()["cancel_reason"], names_nobody(shown)) == ("•••", True)
    told = get(blind, f"orders/{other}/timeline")
    assert ([row["reason"] for row in told.json()["results"]], names_nobody(told)) == (["", "•••"], True)
    assert [row["reason"] for row in get(seeing, f"orders/{other}/timeline").json()["results"]] == ["", "Ada called"]
    late = Order.objects.get(number=placed(blind).json()["number"])
    Order.objects.filter(pk=late.pk).update(expires_at=late.created_at)
    expire_order(order_id=late.pk, by=TESTS)
    assert get(blind, f"orders/{late.number}").json()["cancel_reason"] == "expired"
    told = get(blind, f"orders/{late.number}/timeline").json()["results"]
    assert [row["reason"] for row in told] == ["", "not paid in time"]


def test_notes_of_returns_are_hidden(blind, seeing):
    order = Order.objects.get(number=placed(blind).json()["number"])
    Return.objects.create(order=order, number=f"{order.number}-R1", note="For Ada", requested_at=order.created_at)
    line = order.lines.get()
    order.returns.get().lines.create(line=line, quantity=1, reason="other")
    assert get(blind, f"orders/{order.number}").json()["returns"][0]["note"] == "•••"
    assert get(seeing, f"orders/{order.number}").json()["returns"][0]["note"] == "For Ada"


@pytest.mark.parametrize("asked", [EMAIL, EMAIL.upper(), "Lovelace", "lovelace"])
def test_searching_is_no_way_to_guess(blind, seeing, asked):
    placed(blind, reference="R-7")
    assert get(blind, f"orders?q={asked}").json()["results"] == []
    assert len(get(seeing, f"orders?q={asked}").json()["results"]) == 1
    assert len(get(blind, "orders?q=R-7").json()["results"]) == 1
    assert get(blind, f"orders?email={EMAIL}").status_code == 400


def test_refund_reasons_are_hidden(blind, seeing):
    number = placed(blind).json()["number"]
    service = staff("customer_service")
    paid = post(service, f"orders/{number}/payments", {"provider": "manual", "note": "from Ada"}).json()
    refund = post(service, f"payments/{paid['id']}/refunds", {"amount": "1.00", "reason": "Ada was cross"})
    assert refund.status_code == 201, refund.json()
    found = get(blind, f"orders/{number}/payments")
    assert (found.json()["results"][0]["refunds"][0]["reason"], names_nobody(found)) == ("•••", True)
    assert get(seeing, f"orders/{number}/payments").json()["results"][0]["refunds"][0]["reason"] == "Ada was cross"
