from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import UserFactory
from catalog.models import StockRequest
from catalog.stock_requests.tests.wishes import ADA, sold_out, states, wish

pytestmark = pytest.mark.django_db
LIST = "/admin/catalog/stockrequest/"
WANTED = f"{LIST}wanted/"


def office(role: str = "admin") -> Client:
    client = Client()
    client.force_login(UserFactory(role=role))
    return client


def page(client: Client, address: str = LIST, **query: str) -> str:
    answer = client.get(address, query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def withdraw(client: Client, row: StockRequest) -> Any:
    return client.post(f"{LIST}{row.pk}/withdraw/", {"_form_submitted": "True"})


def test_requests_are_listed_with_product_and_options() -> None:
    sold_out(options={"colour": "blue"})
    row = wish()
    text = page(office())
    assert all(word in text for word in ("MUG", "Mug", "colour: blue", ADA, "waiting"))
    assert ADA in page(office(), f"{LIST}{row.pk}/change/")


@pytest.mark.parametrize(("role", "seen"), [("customer_service", True), ("warehouse", False)])
def test_who_may_not_see_people_sees_no_address(role: str, seen: bool) -> None:
    sold_out()
    row = wish(user=UserFactory(email=ADA))
    client, past = office(role), f"{LIST}{row.pk}/history/"
    for address in (LIST, f"{LIST}{row.pk}/change/"):
        text = page(client, address)
        assert ((ADA in text), (past in text)) == (seen, seen and address != LIST)
    found = client.get(LIST, {"q": ADA}).context["cl"].result_list
    assert (len(found), client.get(past).status_code) == (int(seen), 200 if seen else 404)


def test_the_most_wanted_come_first() -> None:
    for sku, number in (("CUP", 1), ("MUG", 3), ("PAN", 2)):
        sold_out(sku)
        for each in range(number):
            wish(sku, email=f"g{each}@example.com")
    StockRequest.objects.filter(product__sku="PAN", email="g1@example.com").update(
        state="withdrawn", ended_at="2030-01-01T00:00:00Z"
    )
    rows = office("warehouse").get(WANTED).context["rows"]
    assert [(row["name"], ">3<" in row["waiting"], ">1<" in row["waiting"]) for row in rows] == [
        ("Mug", True, False),
        ("Cup", False, True),
        ("Pan", False, True),
    ]
    assert "Nobody waits" not in page(office(), WANTED)


def test_an_empty_page_says_what_it_is_for() -> None:
    assert "Nobody waits for anything." in page(office(), WANTED)


def test_a_request_is_withdrawn_by_whoever_writes_to_customers() -> None:
    sold_out()
    row = wish()
    assert (withdraw(office("warehouse"), row).status_code, states()) == (403, ["waiting"])
    assert (withdraw(office("customer_service"), row).status_code, states()) == (200, ["withdrawn"])
    assert withdraw(office(), row).status_code == 403  # there is nothing left to withdraw


@pytest.mark.django_db(transaction=True)
def test_several_are_withdrawn_and_what_was_told_is_said() -> None:
    sold_out()
    first, second = wish(), wish(email="eve@example.com")
    StockRequest.objects.filter(pk=second.pk).update(state="told", ended_at=second.created_at)
    body = {"action": "withdraw_selected", "_selected_action": [first.pk, second.pk]}
    answer = office().post(LIST, body, follow=True).content.decode()
    assert (states(), "The e-mail about it is on its way." in answer) == (["withdrawn", "told"], True)


def test_nothing_is_typed_here() -> None:
    sold_out()
    row = wish()
    assert office().get(f"{LIST}add/").status_code == 403
    office().post(f"{LIST}{row.pk}/change/", {"language": "de", "email": "x@example.com"})
    row.refresh_from_db()
    assert (row.language, row.email) == ("en", ADA)


@pytest.mark.parametrize("address", [LIST, WANTED])
def test_lists_cost_few_statements(address: str) -> None:
    for number in range(20):
        sold_out(f"P{number}")
        wish(f"P{number}", user=UserFactory())
    client = office()
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    assert len(asked) < 10


def test_customers_stay_outside() -> None:
    for address in (LIST, WANTED):
        assert office("customer").get(address).status_code in {302, 403}
