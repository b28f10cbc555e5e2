from typing import Any

import pytest

from accounts.tests.factories import UserFactory
from api.models import Attempts
from catalog.models import Product, StockRequest
from catalog.stock_requests.tests.wishes import ADA, TESTS, delete, get, post, refill, sold_out, states, wish
from catalog.tests.checks import client, partner
from inventory.backorders.terms import BackorderTerms, set_backorder_terms

pytestmark = pytest.mark.django_db
PATH = "stock-requests"


def refusal(answer: Any) -> tuple[int, str, list[tuple[str, str]]]:
    body = answer.json()
    return answer.status_code, body["code"], [(error["field"], error["code"]) for error in body["errors"]]


def test_a_guest_asks_and_learns_no_id_by_which_it_could_be_withdrawn() -> None:
    sold_out(options={"colour": "blue"})
    answer = post(client(), PATH, {"sku": "MUG", "email": "Ada@Example.com", "language": "de"})
    assert (answer.status_code, answer.json()) == (
        201,
        {"sku": "MUG", "name": "Mug", "options": {"colour": "blue"}, "state": "waiting"},
    )
    assert list(StockRequest.objects.values_list("email", "user", "language")) == [(ADA, None, "de")]
    assert get(client(), PATH).status_code == 401
    assert delete(client(), f"{PATH}/{StockRequest.objects.get().pk}").status_code == 401


def test_a_repeat_is_the_same_answer_and_no_second_row() -> None:
    sold_out()
    body = {"sku": "MUG", "email": ADA}
    first, second = post(client(), PATH, body), post(client(), PATH, body | {"email": "ADA@example.COM"})
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    mine = client(UserFactory())
    assert post(mine, PATH, {"sku": "MUG"}).json() == post(mine, PATH, {"sku": "MUG"}).json()
    assert StockRequest.objects.count() == 2


def test_one_key_is_one_request() -> None:
    sold_out()
    mine = client(UserFactory())
    key = {"Idempotency-Key": "a-key-of-their-own"}
    first, again = post(mine, PATH, {"sku": "MUG"}, **key), post(mine, PATH, {"sku": "MUG"}, **key)
    assert (again["Idempotent-Replayed"], again.json()) == ("true", first.json())


def test_a_customer_sees_and_withdraws_their_own_alone() -> None:
    sold_out()
    ada, eve = UserFactory(), UserFactory()
    mine, theirs = client(ada), client(eve)
    made = post(mine, PATH, {"sku": "MUG"}).json()
    assert (made["state"], made["language"], made["ended_at"]) == ("waiting", "en", None)
    wish(email=ada.email)  # as a guest: not theirs to see, since an address proves nothing
    assert get(mine, PATH).json()["results"] == [made]
    assert get(theirs, PATH).json()["results"] == []
    assert delete(theirs, f"{PATH}/{made['id']}").status_code == 404
    assert states() == ["waiting", "waiting"]
    assert delete(mine, f"{PATH}/{made['id']}").status_code == 204
    assert (states(), get(mine, PATH).json()["results"]) == (["withdrawn", "waiting"], [])
    assert delete(mine, f"{PATH}/{made['id']}").status_code == 404
    assert post(mine, PATH, {"sku": "MUG"}).json()["id"] != made["id"]


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        ({"sku": "NOPE", "email": ADA}, [("sku", "invalid")]),
        ({"sku": "HIDDEN", "email": ADA}, [("sku", "invalid")]),
        ({"sku": "GONE", "email": ADA}, [("sku", "invalid")]),
        ({"email": ADA}, [("sku", "required")]),
        ({"sku": "MUG"}, [("email", "required")]),
        ({"sku": "MUG", "email": ""}, [("email", "blank")]),
        ({"sku": "MUG", "email": "nobody"}, [("email", "invalid")]),
        ({"sku": "MUG", "email": ["a@example.com"]}, [("email", "invalid")]),
        ({"sku": "MUG", "email": ADA, "language": "german"}, [("language", "invalid")]),
        ({"sku": "MUG", "email": ADA, "language": 7}, [("language", "invalid")]),
        ({"sku": 7, "email": ADA}, [("sku", "invalid")]),
        ({"sku": "M\x00", "email": ADA}, [("sku", "control")]),
        ({"sku": "MUG", "email": ADA, "state": "told"}, [("state", "unknown")]),
    ],
)
def test_what_is_wrong_is_said_by_its_field_and_nothing_is_written(body: Any, problems: Any) -> None:
    sold_out()
    sold_out("HIDDEN", published=False)
    sold_out("GONE")
    Product.objects.filter(sku="GONE").update(published=False, archived_at="2030-01-01T00:00:00Z")
    status, _, found = refusal(post(client(), PATH, body))
    assert (status, found) == (400, problems)
    assert StockRequest.objects.count() == 0


def test_a_customer_is_written_to_at_their_own_address_only() -> None:
    sold_out()
    answer = post(client(UserFactory()), PATH, {"sku": "MUG", "email": ADA})
    assert refusal(answer) == (400, "invalid", [("email", "not_an_input")])
    assert StockRequest.objects.count() == 0


def test_what_can_be_ordered_now_is_not_waited_for_also_ahead_of_the_stock() -> None:
    sold_out()
    sold_out("CUP")
    refill("CUP")
    set_backorder_terms(sku="MUG", terms=BackorderTerms(limit=1), by=TESTS)
    for sku in ("CUP", "MUG"):
        assert refusal(post(client(), PATH, {"sku": sku, "email": ADA})) == (409, "available_now", [])
    assert StockRequest.objects.count() == 0


def test_neither_staff_nor_partners_have_wishes() -> None:
    sold_out()
    for caller in (
        client(UserFactory(admin=True)),
        client(UserFactory(customer_service=True)),
        client(UserFactory(warehouse=True)),
        partner("catalog:write", "orders:write"),
    ):
        assert post(caller, PATH, {"sku": "MUG"}).status_code == 403
        assert get(caller, PATH).status_code == 403
    assert StockRequest.objects.count() == 0


def test_what_was_told_is_no_longer_withdrawn() -> None:
    sold_out()
    ada = UserFactory()
    made = wish(user=ada)
    StockRequest.objects.update(state="told", ended_at=made.created_at)
    assert refusal(delete(client(ada), f"{PATH}/{made.pk}")) == (409, "told_already", [])
    assert [row["state"] for row in get(client(ada), PATH).json()["results"]] == ["told"]


def test_an_address_is_limited_however_many_ask_for_it(settings: Any) -> None:
    settings.LIMITS = settings.LIMITS | {"stock_request_address": (2, 3600)}
    for sku in ("A", "B", "C"):
        sold_out(sku)
    statuses = [post(client(), PATH, {"sku": sku, "email": ADA}).status_code for sku in ("A", "B", "C")]
    assert (statuses, StockRequest.objects.count()) == ([201, 201, 429], 2)
    answer = post(client(), PATH, {"sku": "C", "email": ADA})
    assert (answer.json()["code"], int(answer["Retry-After"]) > 3500) == ("rate_limited", True)
    assert post(client(), PATH, {"sku": "C", "email": "eve@example.com"}).status_code == 201


def test_a_network_is_limited_whatever_addresses_it_asks_for(settings: Any) -> None:
    settings.LIMITS = settings.LIMITS | {"stock_request_network": (2, 3600)}
    sold_out()
    guests = [post(client(), PATH, {"sku": "MUG", "email": f"g{n}@example.com"}).status_code for n in range(3)]
    assert guests == [201, 201, 429]
    assert post(client(UserFactory()), PATH, {"sku": "MUG"}).status_code == 201
    assert Attempts.objects.filter(key__contains="g0@").count() == 0


def test_nobody_waits_for_more_than_so_many(settings: Any) -> None:
    settings.STOCK_REQUESTS_OPEN = 2
    for sku in ("A", "B", "C"):
        sold_out(sku)
    mine = client(UserFactory())
    answers = [post(mine, PATH, {"sku": sku}) for sku in ("A", "B", "C", "A")]
    assert [answer.status_code for answer in answers] == [201, 201, 409, 201]
    assert answers[2].json()["code"] == "too_many_stock_requests"
    delete(mine, f"{PATH}/{answers[0].json()['id']}")
    assert post(mine, PATH, {"sku": "C"}).status_code == 201
    full = [post(client(), PATH, {"sku": sku, "email": ADA}) for sku in ("A", "B", "C")]
    assert [answer.status_code for answer in full] == [201, 201, 429]
    assert (full[2].json()["code"], full[2]["Retry-After"]) == ("rate_limited", "86400")


def test_a_list_costs_few_statements(django_assert_max_num_queries: Any) -> None:
    ada = UserFactory()
    for number in range(20):
        sold_out(f"P{number}")
        wish(f"P{number}", user=ada)
    mine = client(ada)
    with django_assert_max_num_queries(4):
        assert len(get(mine, PATH).json()["results"]) == 20
