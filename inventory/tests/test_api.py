import itertools
from types import SimpleNamespace

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from rest_framework.test import APIClient

from inventory.models import StockLevel, StockMovement, Warehouse
from inventory.services import Want, adjust_stock, reserve
from inventory.tests.checks import counters, moves
from inventory.tests.factories import TESTS, WarehouseFactory, stock

pytestmark = pytest.mark.django_db
numbers = itertools.count()


def client(role):
    caller = APIClient()
    caller.force_authenticate(get_user_model().objects.create(email=f"{role}{next(numbers)}@example.com", role=role))
    return caller


class PartnerLike:
    """What a partner's token makes of `request.user`, as far as stock can tell."""

    is_authenticated = True
    role = "partner"
    partner = SimpleNamespace(categories=None, skus=None)

    def __init__(self, *scopes):
        self.scopes = frozenset(scopes)

    def as_actor(self):
        return TESTS


def partner(*scopes):
    caller = APIClient()
    caller.force_authenticate(PartnerLike(*scopes))
    return caller


@pytest.fixture
def keeper():
    return client("warehouse")


@pytest.fixture
def level():
    return stock("MUG", 10, warehouse=WarehouseFactory(code="MAIN", name="Main", priority=1))


def post(caller, path, body, *, key=None, query=""):
    return caller.post(f"/api/v1/{path}{query}", body, headers={"Idempotency-Key": key or f"key-{next(numbers)}"})


def adjust(caller, *, query="", key=None, **fields):
    body = {"sku": "MUG", "warehouse": "MAIN", "delta": -3, "reason": "damage"} | fields
    body = {name: value for name, value in body.items() if value is not ...}
    return post(caller, "stock/adjustments", body, query=query, key=key)


def fields_of(answer):
    return [problem["field"] for problem in answer.json()["errors"]]


def test_lists_levels_with_what_can_be_sold(keeper, level, django_assert_num_queries):
    stock("CUP", 3)
    StockLevel.objects.filter(pk=level.pk).update(safety=1)
    reserve(order_id=7, wants=[Want(71, "MUG", 2)], expires_at=None)
    with django_assert_num_queries(1):
        answer = keeper.get("/api/v1/stock")
    assert answer.status_code == 200
    assert answer.json()["results"] == [
        {
            "sku": "MUG",
            "warehouse": "MAIN",
            "on_hand": 10,
            "reserved": 2,
            "safety": 1,
            "available": 7,
            "incoming": 0,
            "bin": "",
        },
        {
            "sku": "CUP",
            "warehouse": "MAIN",
            "on_hand": 3,
            "reserved": 0,
            "safety": 0,
            "available": 3,
            "incoming": 0,
            "bin": "",
        },
    ]


@pytest.mark.parametrize(
    ("query", "skus"),
    [
        ("sku=MUG", ["MUG"]),
        ("sku=NOPE", []),
        ("warehouse=MAIN", ["MUG", "CUP"]),
        ("warehouse=NOPE", []),
        ("low=true", ["CUP"]),
        ("low=false", ["MUG"]),
        ("ordering=available", ["CUP", "MUG"]),
    ],
)
def test_narrows_and_orders_levels(keeper, level, query, skus):
    stock("CUP", 3)
    assert [row["sku"] for row in keeper.get(f"/api/v1/stock?{query}").json()["results"]] == skus


@pytest.mark.parametrize("query", ["low=maybe", "skus=MUG", "ordering=sku", "sku=%00", "sku=" + "x" * 65])
def test_refuses_filters_that_make_no_sense(keeper, query):
    answer = keeper.get(f"/api/v1/stock?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_explains_who_has_what(keeper, level):
    reserve(order_id=7, wants=[Want(71, "MUG", 8)], expires_at=None, number="W7")
    adjust_stock(sku="MUG", warehouse_code="MAIN", on_hand=5, reason="count", by=TESTS)
    answer = keeper.get("/api/v1/stock/MUG/explain")
    assert answer.json() == {
        "sku": "MUG",
        "available": 0,
        "warehouses": [
            {
                "sku": "MUG",
                "warehouse": "MAIN",
                "active": True,
                "on_hand": 5,
                "reserved": 8,
                "safety": 0,
                "available": 0,
                "incoming": 0,
                "bin": "",
                "shortfall": 3,
                "reservations_total": 1,
                "reservations": [{"order": "W7", "line": 71, "quantity": 8, "state": "committed", "expires_at": None}],
            }
        ],
    }


def test_explains_without_counting_every_reservation_into_the_answer(keeper, level, django_assert_num_queries):
    stock("MUG", 200, warehouse=level.warehouse)
    reserve(order_id=7, wants=[Want(line, "MUG", 1) for line in range(120)], expires_at=None)
    with django_assert_num_queries(2):
        (place,) = keeper.get("/api/v1/stock/MUG/explain").json()["warehouses"]
    assert (place["reserved"], place["reservations_total"], len(place["reservations"])) == (120, 120, 100)


def test_an_unknown_item_cannot_be_explained(keeper):
    assert keeper.get("/api/v1/stock/NOPE/explain").status_code == 404


def test_tells_partners_the_numbers_and_not_the_names(level):
    reserve(order_id=7, wants=[Want(71, "MUG", 8)], expires_at=None)
    caller = partner("stock:read")
    (place,) = caller.get("/api/v1/stock/MUG/explain").json()["warehouses"]
    assert (place["reserved"], place["reservations_total"], place["reservations"]) == (8, 1, [])
    assert caller.get("/api/v1/stock").json()["results"][0]["available"] == 2


def test_adjusts_by_a_difference(keeper, level):
    answer = adjust(keeper)
    assert answer.status_code == 201
    assert answer.json()["stock"] == {
        "sku": "MUG", "warehouse": "MAIN", "on_hand": 7, "reserved": 0, "safety": 0, "available": 7, "incoming": 0, "bin": ""
    }  # fmt: skip
    movement = answer.json()["movement"]
    assert (movement["delta"], movement["on_hand_after"], movement["kind"]) == (-3, 7, "adjusted")
    assert (movement["reason"], movement["line"], answer.json()["shortfall"]) == ("damage", None, 0)
    assert movement["actor"].startswith("user:")


def test_adjusts_to_what_was_counted_and_tells_the_shortfall(keeper, level):
    reserve(order_id=7, wants=[Want(71, "MUG", 8)], expires_at=None)
    answer = adjust(keeper, delta=..., on_hand=6, reason="count")
    assert (answer.status_code, answer.json()["shortfall"]) == (201, 2)
    assert counters(level) == (6, 8)


def test_a_dry_run_tells_and_changes_nothing(keeper, level):
    answer = adjust(keeper, query="?dry_run=true")
    assert (answer.status_code, answer.json()["stock"]["on_hand"]) == (201, 7)
    assert (counters(level), moves()) == ((10, 0), [])


def test_the_same_key_adjusts_once(keeper, level):
    first, again = adjust(keeper, key="once"), adjust(keeper, key="once")
    assert again.json() == first.json()
    assert again["Idempotent-Replayed"] == "true"
    assert counters(level) == (7, 0)


def test_adjusting_needs_a_key(keeper, level):
    body = {"sku": "MUG", "warehouse": "MAIN", "delta": -3, "reason": "damage"}
    answer = keeper.post("/api/v1/stock/adjustments", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")
    assert counters(level) == (10, 0)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"delta": 0}, "delta"),
        ({"delta": 1.5}, "delta"),
        ({"delta": "1.5"}, "delta"),
        ({"delta": True}, "delta"),
        ({"delta": 10**9}, "delta"),
        ({"delta": -(10**9)}, "delta"),
        ({"delta": None}, "delta"),
        ({"delta": ...}, "delta"),
        ({"on_hand": 4}, "delta"),
        ({"delta": ..., "on_hand": -1}, "on_hand"),
        ({"delta": ..., "on_hand": 1.5}, "on_hand"),
        ({"delta": ..., "on_hand": 10**9}, "on_hand"),
        ({"sku": "NOPE"}, "sku"),
        ({"sku": "MU\x00G"}, "sku"),
        ({"sku": ...}, "sku"),
        ({"sku": "x" * 65}, "sku"),
        ({"warehouse": "NOPE"}, "warehouse"),
        ({"warehouse": "\x00"}, "warehouse"),
        ({"warehouse": ["MAIN"]}, "warehouse"),
        ({"reason": "theft"}, "reason"),
        ({"reason": ...}, "reason"),
        ({"reason": "received"}, "delta"),
    ],
)
def test_refuses_bad_adjustments_by_field(keeper, level, given, field):
    answer = adjust(keeper, **given)
    assert (answer.status_code, fields_of(answer)) == (400, [field])
    assert (counters(level), moves()) == ((10, 0), [])


@pytest.mark.parametrize("body", [[], "text", 7, None, [{"sku": "MUG"}]])
def test_refuses_bodies_that_are_no_objects(keeper, body):
    assert post(keeper, "stock/adjustments", body).status_code == 400
    assert post(keeper, "stock/transfers", body).status_code == 400


def test_refuses_to_take_more_than_lies_there(keeper, level):
    answer = adjust(keeper, delta=-11)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_on_hand")
    assert (counters(level), moves()) == ((10, 0), [])


def test_transfers_between_warehouses(keeper, level):
    WarehouseFactory(code="SIDE")
    body = {"sku": "MUG", "from_warehouse": "MAIN", "to_warehouse": "SIDE", "quantity": 4}
    answer = post(keeper, "stock/transfers", body)
    assert answer.status_code == 201
    out, into = answer.json()["movements"]
    assert [(m["warehouse"], m["delta"], m["on_hand_after"]) for m in (out, into)] == [("MAIN", -4, 6), ("SIDE", 4, 4)]
    assert out["cause"] == into["cause"]
    assert [(s["warehouse"], s["available"]) for s in answer.json()["stock"]] == [("MAIN", 6), ("SIDE", 4)]
    found = keeper.get(f"/api/v1/stock/movements?cause={out['cause']}").json()["results"]
    assert [row["id"] for row in found] == [into["id"], out["id"]]


@pytest.mark.parametrize(
    ("given", "status", "field"),
    [
        ({"quantity": 0}, 400, "quantity"),
        ({"quantity": -1}, 400, "quantity"),
        ({"quantity": 1.5}, 400, "quantity"),
        ({"quantity": 10**9}, 400, "quantity"),
        ({"sku": "NOPE"}, 400, "sku"),
        ({"to_warehouse": "MAIN"}, 400, "to_warehouse"),
        ({"from_warehouse": "NOPE"}, 400, "from_warehouse"),
        ({"quantity": 11}, 409, "quantity"),
    ],
)
def test_refuses_bad_transfers_by_field(keeper, level, given, status, field):
    WarehouseFactory(code="SIDE")
    body = {"sku": "MUG", "from_warehouse": "MAIN", "to_warehouse": "SIDE", "quantity": 1} | given
    answer = post(keeper, "stock/transfers", body)
    assert (answer.status_code, fields_of(answer)) == (status, [field])
    assert (counters(level), moves()) == ((10, 0), [])


def test_keeps_units_back_from_sale(keeper, level):
    answer = keeper.put("/api/v1/stock/MUG/safety", {"warehouse": "MAIN", "safety": 4})
    assert (answer.status_code, answer.json()["available"]) == (200, 6)
    refusal = keeper.put("/api/v1/stock/MUG/safety", {"warehouse": "MAIN", "safety": -1})
    assert (refusal.status_code, fields_of(refusal)) == (400, ["safety"])


def test_lists_movements_newest_first(keeper, level, django_assert_num_queries):
    adjust(keeper)
    with django_assert_num_queries(1):
        rows = keeper.get("/api/v1/stock/movements?sku=MUG").json()["results"]
    assert [(row["kind"], row["delta"], row["on_hand_after"]) for row in rows] == [
        ("adjusted", -3, 7),
        ("received", 10, 10),
    ]
    assert keeper.get("/api/v1/stock/movements?kind=shipped").json()["results"] == []


def test_lists_reservations_of_an_order(keeper, level):
    reserve(order_id=7, wants=[Want(71, "MUG", 2)], expires_at=None)
    reserve(order_id=8, wants=[Want(81, "MUG", 1)], expires_at=None)
    (row,) = keeper.get("/api/v1/stock/reservations?order_id=7").json()["results"]
    assert {name: row[name] for name in ("sku", "warehouse", "order_id", "line", "quantity", "state")} == {
        "sku": "MUG", "warehouse": "MAIN", "order_id": 7, "line": 71, "quantity": 2, "state": "committed"
    }  # fmt: skip
    for nonsense in ("order_id=0", "order_id=1.5", f"order_id={10**30}", "order_id=x", "state=lost"):
        assert keeper.get(f"/api/v1/stock/reservations?{nonsense}").status_code == 400


def test_admins_run_the_warehouses():
    admin = client("admin")
    made = post(admin, "warehouses", {"code": "BER-1", "name": "Berlin", "country": "DE", "region": "Berlin"})
    place = {"line1": "", "city": "", "postal_code": "", "region": "Berlin", "country": "DE"}
    expected = {"code": "BER-1", "name": "Berlin", "active": True, "priority": 100} | place
    assert (made.status_code, made.json()) == (201, expected)
    assert admin.patch("/api/v1/warehouses/BER-1", {"country": "Germany"}).status_code == 400
    changed = admin.patch("/api/v1/warehouses/BER-1", {"active": False, "priority": 0})
    assert (changed.status_code, changed.json()["active"], changed.json()["priority"]) == (200, False, 0)
    assert admin.get("/api/v1/warehouses/BER-1").json()["name"] == "Berlin"
    assert [row["code"] for row in admin.get("/api/v1/warehouses").json()["results"]] == ["BER-1"]
    assert admin.delete("/api/v1/warehouses/BER-1").status_code == 204
    assert admin.get("/api/v1/warehouses/BER-1").status_code == 404


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"code": "MAIN"}, "code"),
        ({"code": "a b"}, "code"),
        ({"code": ""}, "code"),
        ({"code": "x" * 21}, "code"),
        ({"name": "\x00"}, "name"),
        ({"name": ""}, "name"),
        ({"priority": -1}, "priority"),
        ({"priority": 32768}, "priority"),
        ({"active": "perhaps"}, "active"),
    ],
)
def test_refuses_bad_warehouses_by_field(level, given, field):
    answer = post(client("admin"), "warehouses", {"code": "NEW", "name": "New"} | given)
    assert (answer.status_code, set(fields_of(answer))) == (400, {field})
    assert Warehouse.objects.count() == 1


def test_a_warehouse_with_a_past_stays(level):
    with transaction.atomic():
        answer = client("admin").delete("/api/v1/warehouses/MAIN")
    assert (answer.status_code, answer.json()["code"]) == (409, "warehouse_in_use")
    assert Warehouse.objects.filter(code="MAIN").exists()


READS = ["stock", "stock/MUG/explain", "stock/movements", "stock/reservations", "warehouses", "warehouses/MAIN"]


@pytest.mark.parametrize(
    ("caller", "seen"),
    [
        (lambda: client("admin"), READS),
        (lambda: client("warehouse"), READS),
        (lambda: client("customer_service"), READS),
        (lambda: partner("stock:read"), ["stock", "stock/MUG/explain", "warehouses", "warehouses/MAIN"]),
        (lambda: partner("orders:write"), []),
        (lambda: client("customer"), []),
    ],
)
def test_shows_each_caller_what_is_theirs_to_see(level, caller, seen):
    asking = caller()
    assert [path for path in READS if asking.get(f"/api/v1/{path}").status_code == 200] == seen


def test_strangers_are_asked_who_they_are():
    assert {APIClient().get(f"/api/v1/{path}").status_code for path in READS} == {401}


@pytest.mark.parametrize("caller", ["customer_service", "customer", "partner"])
def test_others_move_nothing(level, caller):
    asking = partner("stock:read") if caller == "partner" else client(caller)
    body = {"sku": "MUG", "from_warehouse": "MAIN", "to_warehouse": "SIDE", "quantity": 1}
    assert adjust(asking).status_code == 403
    assert post(asking, "stock/transfers", body).status_code == 403
    assert asking.put("/api/v1/stock/MUG/safety", {"warehouse": "MAIN", "safety": 1}).status_code == 403
    assert StockMovement.objects.count() == 1


@pytest.mark.parametrize("caller", ["warehouse", "customer_service", "customer", "partner"])
def test_only_admins_open_and_close_warehouses(level, caller):
    asking = partner("stock:read") if caller == "partner" else client(caller)
    assert post(asking, "warehouses", {"code": "NEW", "name": "New"}).status_code == 403
    assert asking.patch("/api/v1/warehouses/MAIN", {"active": False}).status_code == 403
    assert asking.delete("/api/v1/warehouses/MAIN").status_code == 403
    assert Warehouse.objects.get().active
