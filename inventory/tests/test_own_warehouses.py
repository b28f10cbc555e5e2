"""The back office of stock for people of some warehouses."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inventory.models import Reservation, Shortfall, StockItem, StockLevel, StockMovement, Warehouse
from inventory.services import Want, adjust_stock, reserve
from inventory.tests.checks import counters, moves
from inventory.tests.factories import TESTS, WarehouseFactory, stock

pytestmark = pytest.mark.django_db
OWN_ROWS = [StockLevel, StockMovement, Reservation, Shortfall, Warehouse]


@pytest.fixture(autouse=True)
def far() -> StockLevel:
    """Two warehouses, each with a movement, a reservation and a shortfall; returns the level far away."""
    near_level = stock("MUG", 10, warehouse=WarehouseFactory(code="NEAR", name="Nearby", priority=1))
    far_level = stock("MUG", 20, warehouse=WarehouseFactory(code="FAR", name="Far away", priority=2))
    reserve(order_id=1, wants=[Want(11, "MUG", 8)], expires_at=None)
    reserve(order_id=2, wants=[Want(21, "MUG", 15)], expires_at=None)
    for level in (near_level, far_level):
        adjust_stock(sku="MUG", warehouse_code=level.warehouse.code, on_hand=5, reason="count", by=TESTS)
    return far_level


def browser(*warehouses: str, role: str = "warehouse") -> Client:
    client = Client()
    person = get_user_model().objects.create(email=f"{role}@example.com", role=role, warehouses=list(warehouses))
    client.force_login(person)
    return client


def url(name: str, *args: Any) -> str:
    return reverse(f"admin:inventory_{name}", args=args)


def table(model: Any) -> str:
    return str(model._meta.model_name)


def place(row: Any) -> str:
    if isinstance(row, Warehouse):
        return row.code
    return str((row.level if isinstance(row, Shortfall) else row).warehouse.code)


def listed(client: Client, model: Any, **query: Any) -> Any:
    return client.get(url(f"{table(model)}_changelist"), query).context["cl"]


@pytest.mark.parametrize("model", OWN_ROWS)
def test_lists_and_their_counts_are_of_own_warehouses(model: Any) -> None:
    limited, free = listed(browser("NEAR"), model), listed(browser(role="admin"), model)
    assert {place(row) for row in limited.result_list} == {"NEAR"}
    assert {place(row) for row in free.result_list} == {"NEAR", "FAR"}
    if model not in {StockMovement, Reservation}:  # these are never counted
        assert (limited.result_count, free.result_count) == (1, 2)


@pytest.mark.parametrize("model", OWN_ROWS)
def test_lists_cost_the_limited_no_more(model: Any) -> None:
    costs = []
    for client in (browser("NEAR"), browser(role="admin")):
        listed(client, model)
        with CaptureQueriesContext(connection) as captured:
            listed(client, model)
        costs.append(len(captured))
    assert costs[0] <= costs[1]


@pytest.mark.parametrize("model", OWN_ROWS)
def test_the_page_and_history_of_another_are_not_there(model: Any) -> None:
    client, free = browser("NEAR"), browser(role="admin")
    for row in model.objects.all():
        is_own = place(row) == "NEAR"
        pages = [url(f"{table(model)}_{page}", row.pk) for page in ("change", "history")]
        found = [client.get(page, follow=True).status_code == 200 for page in pages]
        shown = client.get(pages[0])
        assert (shown.status_code == 200, found[1]) == (is_own, is_own)
        assert [free.get(page, follow=True).status_code for page in pages] == [200, 200]


def test_an_older_version_of_another_is_not_there(far: StockLevel) -> None:
    client, near = browser("NEAR"), StockLevel.objects.get(warehouse__code="NEAR")
    versions = [url("stocklevel_version", level.pk, level.history.latest().pk) for level in (near, far)]
    assert [client.get(page).status_code for page in versions] == [200, 404]
    assert browser(role="admin").get(versions[1]).status_code == 200


@pytest.mark.parametrize("model", [StockLevel, StockMovement, Reservation, Shortfall])
def test_filters_offer_own_warehouses_and_find_no_others(model: Any, far: StockLevel) -> None:
    name = "level__warehouse" if model is Shortfall else "warehouse"
    asked = {f"{name}__id__exact": far.warehouse_id}
    client = browser("NEAR", "GONE")
    assert list(listed(client, model, **asked).result_list) == []
    assert "FAR" not in client.get(url(f"{table(model)}_changelist")).content.decode()
    everything = browser(role="admin")
    assert {place(row) for row in listed(everything, model, **asked).result_list} == {"FAR"}
    assert "FAR" in everything.get(url(f"{table(model)}_changelist")).content.decode()


def test_a_search_finds_own_rows() -> None:
    client = browser("NEAR")
    assert [place(row) for row in listed(client, StockLevel, q="MUG").result_list] == ["NEAR"]
    assert list(listed(client, Reservation, q="2").result_list) == []
    assert list(listed(client, Warehouse, q="FAR").result_list) == []


def test_autocompletes_offer_own_warehouses() -> None:
    asked = {"app_label": "inventory", "model_name": "stocklevel", "field_name": "warehouse", "term": ""}
    for client, codes in ((browser("NEAR"), ["NEAR"]), (browser(role="admin"), ["NEAR", "FAR"])):
        found = client.get(reverse("admin:autocomplete"), asked).json()["results"]
        assert [row["text"] for row in found] == codes


def test_an_item_is_everybodys_and_its_levels_are_not() -> None:
    stock("CUP", 7, warehouse=Warehouse.objects.get(code="FAR"))
    client = browser("NEAR")
    assert listed(client, StockItem).result_count == 2
    for item, shown in (("MUG", ["NEAR"]), ("CUP", [])):
        page = client.get(url("stockitem_change", StockItem.objects.get(sku=item).pk))
        (levels,) = page.context["inline_admin_formsets"]
        assert [form.instance.warehouse.code for form in levels.formset.forms] == shown


def ask(client: Client, verb: str, **answers: Any) -> Any:
    return client.post(url(f"stocklevel_{verb}"), {"sku": "MUG"} | answers)


VERBS = {
    "adjust": {"on_hand": 6, "reason": "count"},
    "set_safety": {"safety": 2},
    "transfer": {"to_warehouse": "NEAR", "quantity": 1},
}


@pytest.mark.parametrize("verb", VERBS)
def test_another_warehouse_is_neither_offered_nor_taken(verb: str, far: StockLevel) -> None:
    client, before = browser("NEAR"), moves()
    form = client.get(url(f"stocklevel_{verb}"), {"sku": "MUG", "warehouse": "FAR"}).context["form"]
    assert [place.code for place in form.fields["warehouse"].queryset] == ["NEAR"]
    said = []
    for code in ("FAR", "NOPE"):
        page = ask(client, verb, warehouse=code, confirm="yes", seen="x", **VERBS[verb])
        assert page.context["rehearsal"] is None
        said.append(page.context["form"].errors)
    assert list(said[0]) == ["warehouse"]
    assert said[0] == said[1]
    assert (counters(far), moves()) == ((5, 15), before)


@pytest.mark.parametrize("button", ["adjust_this", "transfer_this", "set_safety_of_this", "movements"])
def test_the_buttons_of_another_level_are_not_there(button: str, far: StockLevel) -> None:
    assert browser("NEAR").get(url(f"stocklevel_{button}", far.pk)).status_code == 404


def test_own_stock_is_sent_on_without_telling_the_numbers_of_the_other_end(far: StockLevel) -> None:
    stock("MUG", 10, warehouse=Warehouse.objects.get(code="NEAR"))
    client, way = browser("NEAR"), {"warehouse": "NEAR", "to_warehouse": "FAR", "quantity": 4}
    shown = ask(client, "transfer", **way).context["rehearsal"]
    assert [effect.code for effect in shown.effects] == ["NEAR"]
    done = ask(client, "transfer", **way, seen=shown.seen, confirm="yes")
    assert (done.status_code, counters(far)) == (302, (9, 15))


def test_goods_may_be_sent_from_own_warehouses_to_any() -> None:
    for client, own in ((browser("NEAR"), ["NEAR"]), (browser(role="admin"), ["NEAR", "FAR"])):
        fields = client.get(url("stocklevel_transfer")).context["form"].fields
        offered = [[place.code for place in fields[name].queryset] for name in ("warehouse", "to_warehouse")]
        assert offered == [own, ["NEAR", "FAR"]]


def test_limited_people_open_no_warehouse_and_change_their_own_only() -> None:
    client, (near, far) = browser("NEAR"), Warehouse.objects.order_by("priority")
    new = {"code": "NEW", "name": "New", "priority": 5, "active": "on"}
    assert client.get(url("warehouse_add")).status_code == 403
    assert client.post(url("warehouse_add"), new).status_code == 403
    changed = {"name": "Changed", "priority": 5, "active": "on"}
    client.post(url("warehouse_change", far.pk), changed)
    client.post(url("warehouse_delete", far.pk), {"post": "yes"})
    assert list(Warehouse.objects.order_by("id").values_list("code", "name")) == [
        ("NEAR", "Nearby"),
        ("FAR", "Far away"),
    ]
    client.post(url("warehouse_change", near.pk), changed)
    near.refresh_from_db()
    assert near.name == "Changed"


def test_an_empty_warehouse_of_others_cannot_be_deleted() -> None:
    side = WarehouseFactory(code="SIDE")
    browser("NEAR").post(url("warehouse_delete", side.pk), {"post": "yes"})
    assert Warehouse.objects.filter(code="SIDE").exists()


def test_admins_and_customer_service_are_never_limited() -> None:
    for role in ("admin", "customer_service"):
        assert listed(browser("NEAR", role=role), StockLevel).result_count == 2
