"""Discount codes are not found by trying: what is typed in vain is counted, by account and by network."""

from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory, client_for, partner_client
from api.models import Attempts
from orders.models import Cart, Order
from orders.tests.codes import campaign
from orders.tests.factories import ADDRESS, buyable
from orders.tests.http import staff

pytestmark = pytest.mark.django_db
HERE, THERE = "192.0.2.1", "198.51.100.1"


@pytest.fixture(autouse=True)
def _three_guesses(settings: Any) -> None:
    settings.LIMITS = settings.LIMITS | {"discount_code_guess": (3, 3600)}
    buyable("MUG")
    campaign("SPRING")


def try_codes(client: APIClient, *codes: str, at: str = HERE) -> Any:
    return client.post("/api/v1/carts", {"discount_codes": list(codes)}, REMOTE_ADDR=at)


def used_up(client: APIClient, at: str = HERE) -> None:
    assert [try_codes(client, f"GUESS-{n}", at=at).status_code for n in range(3)] == [201] * 3


def test_after_three_in_vain_a_fourth_and_a_right_one_are_refused_alike() -> None:
    guest = APIClient()
    used_up(guest)
    carts = Cart.objects.count()
    wrong, right = try_codes(guest, "GUESS-4"), try_codes(guest, "SPRING")
    assert (wrong.status_code, wrong.json()["code"]) == (429, "rate_limited")
    assert 0 < int(wrong["Retry-After"]) <= 3600
    assert abs(int(right["Retry-After"]) - int(wrong["Retry-After"])) <= 1
    assert (right.status_code, right.json() | {"instance": ""}) == (429, wrong.json() | {"instance": ""})
    assert Cart.objects.count() == carts


def test_the_first_answer_beyond_the_limit_does_not_tell_a_right_code_from_a_wrong_one() -> None:
    """Refused at the same attempt, whichever comes first."""
    for code, at in (("SPRING", HERE), ("GUESS-4", THERE)):
        used_up(APIClient(), at=at)
        assert try_codes(APIClient(), code, at=at).status_code == 429


def test_right_codes_count_nothing_and_what_has_no_code_goes_on() -> None:
    guest = APIClient()
    assert [try_codes(guest, "spring").status_code for _ in range(5)] == [201] * 5
    assert not Attempts.objects.exists()
    used_up(guest)
    assert try_codes(guest).status_code == 201


def test_several_in_one_request_are_several() -> None:
    assert try_codes(APIClient(), "GUESS-1", "GUESS-2", "GUESS-3", "GUESS-4").status_code == 429
    assert not Cart.objects.exists()


@pytest.mark.parametrize("way", ["a cart that is changed", "an order in one call"])
def test_every_way_to_type_one_counts(way: str) -> None:
    client = client_for(UserFactory()) if way == "a cart that is changed" else partner_client()
    cart = client.post("/api/v1/carts", {}).json()["id"]

    def guess(code: str) -> int:
        if way == "a cart that is changed":
            return client.patch(f"/api/v1/carts/{cart}", {"discount_codes": [code]}).status_code
        body = {"lines": [{"sku": "MUG", "quantity": 1}], "email": "a@example.com", "shipping_address": ADDRESS}
        key = f"an-order-with-{code}"
        return client.post("/api/v1/orders", body | {"discount_codes": [code]}, HTTP_IDEMPOTENCY_KEY=key).status_code

    assert 429 not in [guess(f"GUESS-{n}") for n in range(3)]
    assert [guess("GUESS-4"), guess("SPRING")] == [429, 429]
    assert not Order.objects.exists()


def test_a_customer_is_counted_wherever_they_are_and_where_they_are() -> None:
    customer = client_for(UserFactory())
    used_up(customer)
    assert try_codes(customer, "SPRING", at=THERE).status_code == 429  # by account
    assert try_codes(APIClient(), "SPRING", at=HERE).status_code == 429  # by network
    assert try_codes(client_for(UserFactory()), "SPRING", at=HERE).status_code == 429


def test_another_persons_count_is_their_own() -> None:
    used_up(client_for(UserFactory()))
    other = client_for(UserFactory())
    used_up(other, at=THERE)  # all three are theirs
    assert try_codes(other, "SPRING", at=THERE).status_code == 429


def test_staff_at_one_desk_are_counted_each_by_who_they_are() -> None:
    first, second = staff("customer_service"), staff("customer_service")
    used_up(first)
    assert try_codes(first, "SPRING").status_code == 429
    assert try_codes(second, "SPRING").status_code == 201
    assert try_codes(APIClient(), "SPRING").status_code == 201


def test_when_the_window_ends_it_begins_anew() -> None:
    used_up(APIClient())
    assert try_codes(APIClient(), "SPRING").status_code == 429
    Attempts.objects.update(ends_at=timezone.now())
    assert try_codes(APIClient(), "SPRING").status_code == 201
    used_up(APIClient())
