import pytest

from catalog.models import Product
from catalog.tests.checks import admin, facts, partner, problem
from catalog.tests.factories import ProductFactory
from inventory.models import StockItem

pytestmark = pytest.mark.django_db
URL = "/api/v1/products/bulk"


def send(caller, items, key="bulk-1", query=""):
    return caller.post(URL + query, {"items": items}, HTTP_IDEMPOTENCY_KEY=key)


def outcomes(answer) -> list[tuple[str | None, str, int | None]]:
    assert answer.status_code == 200, answer.content
    return [(row["sku"], row["status"], row["version"]) for row in answer.json()["results"]]


def test_each_item_is_saved_or_refused_on_its_own():
    ProductFactory(sku="OLD", name="Old")
    ProductFactory(sku="SAME", name="Same", barcode="1")
    answer = send(
        partner("catalog:write"),
        [
            {"sku": "NEW", "name": "New", "price": "1.00"},
            {"sku": "OLD", "name": "Renamed"},
            {"sku": "SAME", "name": "Same"},
            {"sku": "BAD", "name": "Bad", "price": "-1"},
            {"sku": "TAKEN", "name": "Taken", "price": "1", "barcode": "1"},
            {"name": "No SKU", "price": "1"},
            {"sku": ["a"], "name": "x", "price": "1"},
            {"sku": "NEW", "price": "2.00"},
        ],
    )
    assert outcomes(answer) == [
        ("NEW", "created", 1),
        ("OLD", "updated", 2),
        ("SAME", "unchanged", 1),
        ("BAD", "refused", None),
        ("TAKEN", "refused", None),
        (None, "refused", None),
        (None, "refused", None),
        ("NEW", "updated", 2),
    ]
    body = answer.json()
    assert [body[name] for name in ("created", "updated", "unchanged", "refused")] == [1, 2, 1, 4]
    problems = [(row["problem"]["code"], row["problem"]["errors"][0]["field"]) for row in body["results"][3:7]]
    assert problems == [("invalid", "price"), ("barcode_taken", "barcode"), ("required", "sku"), ("invalid", "sku")]
    assert sorted(Product.objects.values_list("sku", flat=True)) == ["NEW", "OLD", "SAME"]
    assert sorted(StockItem.objects.values_list("sku", flat=True)) == ["NEW", "OLD", "SAME"]
    assert [name for name, _ in facts()] == ["ProductCreated", "ProductChanged", "ProductChanged"]


def test_needs_a_key_and_happens_once():
    caller = admin()
    items = [{"sku": "NEW", "name": "New", "price": "1.00"}]
    assert problem(caller.post(URL, {"items": items}))[:2] == (400, "idempotency_key_required")
    first, second = send(caller, items), send(caller, items)
    assert (second["Idempotent-Replayed"], second.json()) == ("true", first.json())
    assert problem(send(caller, [])) == (422, "idempotency_key_reused", ["Idempotency-Key"])
    assert Product.objects.count() == 1


def test_a_dry_run_tells_and_changes_nothing():
    answer = send(admin(), [{"sku": "NEW", "name": "New", "price": "1.00"}, {"sku": "BAD"}], query="?dry_run=true")
    assert outcomes(answer) == [("NEW", "created", 1), ("BAD", "refused", None)]
    assert (Product.objects.count(), facts()) == (0, [])


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["items"]),
        ({"items": []}, ["items"]),
        ({"items": "x"}, ["items"]),
        ({"items": [1]}, ["items.0"]),
        ({"items": [{}] * 1001}, ["items"]),
    ],
)
def test_a_body_that_is_no_list_of_items_is_refused(body, fields):
    assert problem(admin().post(URL, body, HTTP_IDEMPOTENCY_KEY="k"))[2] == fields


def test_a_thousand_items():
    items = [{"sku": f"S{number}", "name": f"Thing {number}", "price": "1.00"} for number in range(1000)]
    assert send(admin(), items).json()["created"] == 1000
    assert Product.objects.count() == 1000
