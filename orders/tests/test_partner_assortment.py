"""A partner sells what it was given; what it was not given is as if it did not exist."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import PartnerFactory, partner_client
from catalog.services import create_category, update_product
from orders.models import Cart, Order
from orders.tests.factories import ADDRESS, TESTS, buyable
from orders.tests.http import get, post

pytestmark = pytest.mark.django_db


@pytest.fixture
def partner():
    for slug, sku in (("kitchen", "MUG"), ("garden", "SPADE")):
        create_category(fields={"slug": slug, "name": slug.title()}, by=TESTS)
        update_product(product_id=buyable(sku).pk, fields={"category": slug}, by=TESTS)
    return PartnerFactory(name="Shop", categories=["kitchen"])


def order_of(*skus: str) -> dict[str, object]:
    lines = [{"sku": sku, "quantity": 1} for sku in skus]
    return {"lines": lines, "email": "ada@example.com", "shipping_address": ADDRESS}


def told(answer, sku: str) -> tuple[int, str]:
    """The answer with the SKU it is about made the same."""
    return answer.status_code, answer.content.decode().replace(sku, "X")


def test_another_product_cannot_be_ordered_and_the_answer_is_that_of_an_unknown_one(partner):
    client = partner_client(partner)
    hidden, unknown = (told(post(client, "orders", order_of("MUG", sku)), sku) for sku in ("SPADE", "NOPE!"))
    assert hidden == unknown
    assert (hidden[0], '"product_unavailable"' in hidden[1]) == (409, True)
    assert not Order.objects.exists()
    assert post(client, "orders", order_of("MUG")).status_code == 201


def test_nor_put_into_a_cart(partner):
    client = partner_client(partner)
    hidden, unknown = (
        told(post(client, "carts", {"items": [{"sku": sku, "quantity": 1}]}), sku) for sku in ("SPADE", "NOPE!")
    )
    assert hidden == unknown
    assert hidden[0] == 409
    assert not Cart.objects.exists()


def test_what_is_taken_from_a_partner_cannot_be_placed_from_its_cart(partner):
    client = partner_client(partner)
    wanted = order_of("MUG")
    cart = post(client, "carts", {"items": wanted.pop("lines"), **wanted}).json()["id"]
    partner.categories = ["garden"]
    partner.save()
    assert get(client, f"carts/{cart}").json()["problems"][0]["code"] == "product_unavailable"
    assert post(client, "orders", {"cart": cart}).json()["code"] == "product_unavailable"
    assert post(client, f"carts/{cart}/items", {"sku": "MUG", "quantity": 1}).json()["code"] == "product_unavailable"
    assert not Order.objects.exists()


def test_it_costs_no_statement(partner):
    costs = []
    for who in (partner, PartnerFactory(name="Free")):
        client = partner_client(who)
        # The shop's terms are read once a process, and a token's use is noted once a minute.
        assert post(client, "orders", order_of("MUG")).status_code == 201
        with CaptureQueriesContext(connection) as captured:
            assert post(client, "orders", order_of("MUG")).status_code == 201
        costs.append(len(captured))
    assert costs[0] == costs[1]
