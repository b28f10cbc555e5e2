"""Pick lists over HTTP."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import UserFactory, client_for, partner_client
from inventory.models import Warehouse
from orders.bench.lists import make_pick_list
from orders.models import PickList, PickTask, ShortPick
from orders.tests.factories import TESTS, buyable, paid
from orders.tests.http import fields, get, post, staff

pytestmark = pytest.mark.django_db


def house() -> str:
    return Warehouse.objects.get().code


def test_a_list_is_made_read_picked_and_over():
    buyable("MUG")
    order, client = paid(("MUG", 2)), staff("warehouse")
    made = post(client, "pick-lists", {"warehouse": house(), "orders": 5})
    assert made.status_code == 201
    number, (task,) = made.json()["number"], made.json()["tasks"]
    assert (task["order"], task["sku"], task["quantity"], task["left"]) == (order.number, "MUG", 2, 2)
    assert get(client, f"pick-lists/{number}").json() == made.json()
    picked = post(client, f"pick-lists/{number}/picks", {"code": "mug"}).json()
    assert (picked["state"], picked["picked"], picked["tasks"][0]["left"]) == ("picking", 1, 1)
    short = post(client, f"pick-lists/{number}/shorts", {"task": task["id"], "reason": "missing"}).json()
    assert (short["state"], short["short"], ShortPick.objects.count()) == ("done", 1, 1)
    refused = post(client, f"pick-lists/{number}/picks", {"code": "MUG"})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_allowed_now")


def test_a_wrong_scan_is_told_apart():
    buyable("MUG"), buyable("TEA")
    paid(("MUG", 1))
    made = make_pick_list(warehouse=house(), by=TESTS)
    refused = post(staff("warehouse"), f"pick-lists/{made.number}/picks", {"code": "TEA"})
    assert (refused.status_code, refused.json()["code"], fields(refused)) == (409, "wrong_item", ["code"])
    assert PickTask.objects.get().picked == 0


@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        ("", {}, ["warehouse"]),
        ("", {"warehouse": "W", "orders": 51}, ["orders"]),
        ("", {"warehouse": "W", "size": 5}, ["size"]),
        ("/{number}/picks", {"code": 7}, ["code"]),
        ("/{number}/picks", {"code": "MUG", "quantity": 0}, ["quantity"]),
        ("/{number}/picks", {"code": "MUG", "quantity": 9}, ["quantity"]),
        ("/{number}/shorts", {"task": "x", "reason": "bored"}, ["task", "reason"]),
        ("/{number}/shorts", {"task": 2**62, "reason": "missing"}, ["task"]),
    ],
)
def test_bad_input_names_its_field(path, body, named):
    buyable("MUG")
    paid(("MUG", 1))
    made = make_pick_list(warehouse=house(), by=TESTS)
    refused = post(staff("warehouse"), f"pick-lists{path.format(number=made.number)}", body)
    assert refused.status_code in {400, 404}
    assert fields(refused) == named
    assert (PickTask.objects.get().picked, ShortPick.objects.count(), PickList.objects.count()) == (0, 0, 1)


def test_it_ends_early_or_is_called_off():
    buyable("MUG"), buyable("TEA")
    paid(("MUG", 1)), paid(("TEA", 1))
    client = staff("admin")
    for verb, state in (("finish", "done"), ("cancel", "cancelled")):
        number = post(client, "pick-lists", {"warehouse": house()}).json()["number"]
        answer = post(client, f"pick-lists/{number}/{verb}")
        assert (answer.status_code, answer.json()["state"], answer.json()["finished_at"] is None) == (200, state, False)
        assert post(client, f"pick-lists/{number}/{verb}").status_code == 409


@pytest.mark.parametrize("role", ["customer_service", "customer"])
def test_others_pick_nothing(role):
    buyable()
    paid()
    assert post(staff(role), "pick-lists", {"warehouse": house()}).status_code == 403
    assert get(partner_client(scopes=["fulfilment:write"]), "pick-lists").status_code == 403
    assert not PickList.objects.exists()


def test_limited_people_see_the_lists_of_their_warehouses():
    buyable()
    paid()
    made = make_pick_list(warehouse=house(), by=TESTS)
    stranger = client_for(UserFactory(role="warehouse", warehouses=["ELSEWHERE"]))
    mine = client_for(UserFactory(role="warehouse", warehouses=[house()]))
    assert get(stranger, "pick-lists").json()["results"] == []
    for path in ("", "/pick-list.pdf"):
        assert get(stranger, f"pick-lists/{made.number}{path}").status_code == 404
    assert post(stranger, f"pick-lists/{made.number}/finish").status_code == 404
    assert [found["number"] for found in get(mine, "pick-lists?state=open").json()["results"]] == [made.number]


def test_a_list_of_lists_costs_the_same_however_long_it_is():
    buyable(quantity=50)
    client, spent = staff("warehouse"), []
    for _ in range(2):
        for _ in range(3):
            paid(), make_pick_list(warehouse=house(), orders=1, by=TESTS)
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert get(client, f"pick-lists?warehouse={house()}").status_code == 200
        spent.append(len(caught))
    assert spent[0] == spent[1] <= 6


def test_a_package_remembers_its_weight():
    buyable()
    order, client = paid(), staff("warehouse")
    assert fields(post(client, f"orders/{order.number}/shipments", {"weight_grams": 0})) == ["weight_grams"]
    assert post(client, f"orders/{order.number}/shipments", {"weight_grams": 740}).json()["weight_grams"] == 740
