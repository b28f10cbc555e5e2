import re

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from audit.models import LogEntry
from inventory.models import Shortfall, StockLevel, Warehouse
from inventory.services import Want, adjust_stock, reserve
from inventory.tests.checks import broken_rules, counters, moves
from inventory.tests.factories import TESTS, WarehouseFactory, stock

pytestmark = pytest.mark.django_db
TABLES = ["stocklevel", "stockitem", "warehouse", "stockmovement", "reservation", "shortfall"]


@pytest.fixture
def level():
    return stock("MUG", 10, warehouse=WarehouseFactory(code="MAIN", name="Main"))


@pytest.fixture
def enter(client):
    """Log somebody in by their role; returns the browser."""

    def as_role(role):
        person = get_user_model().objects.create(email=f"{role}@example.com", role=role)
        client.force_login(person)
        client.person = person
        return client

    return as_role


def fill_the_shop(level):
    reserve(order_id=7, wants=[Want(71, "MUG", 8)], expires_at=None)
    adjust_stock(sku="MUG", warehouse_code="MAIN", on_hand=5, reason="count", by=TESTS)


def url(name, *args):
    return reverse(f"admin:inventory_{name}", args=args)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("role", ["admin", "warehouse", "customer_service"])
def test_every_table_can_be_read_with_its_history(enter, level, table, role):
    fill_the_shop(level)
    browser = enter(role)
    listed = browser.get(url(f"{table}_changelist"))
    row = listed.context["cl"].result_list[0]
    assert listed.status_code == 200
    assert browser.get(url(f"{table}_change", row.pk)).status_code == 200
    assert browser.get(url(f"{table}_history", row.pk), follow=True).status_code == 200


@pytest.mark.parametrize("table", TABLES)
def test_lists_cost_few_statements_whatever_their_length(enter, level, table, django_assert_max_num_queries):
    for n in range(20):
        stock(f"S{n}", 10)
        reserve(order_id=n, wants=[Want(n, f"S{n}", 8)], expires_at=None)
        adjust_stock(sku=f"S{n}", warehouse_code="MAIN", on_hand=5, reason="count", by=TESTS)
    browser = enter("admin")
    with django_assert_max_num_queries(9):
        assert browser.get(url(f"{table}_changelist")).status_code == 200


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("availability=low", ["CUP"]),
        ("availability=out", []),
        ("availability=short", []),
        ("q=mu", ["MUG"]),
        ("q=ug", []),
    ],
)
def test_finds_levels_by_sku_and_by_what_is_low(enter, level, query, found):
    stock("CUP", 5)
    listed = enter("warehouse").get(f"{url('stocklevel_changelist')}?{query}")
    assert [row.item.sku for row in listed.context["cl"].result_list] == found


@pytest.mark.parametrize("term", ["W7", "MUG", "no-such", "1.5", "9" * 30])
def test_reservations_are_found_by_order_and_by_sku(enter, level, term):
    reserve(order_id=7, wants=[Want(71, "MUG", 8)], expires_at=None, number="W7")
    listed = enter("warehouse").get(url("reservation_changelist"), {"q": term})
    assert len(listed.context["cl"].result_list) == (1 if term in {"W7", "MUG"} else 0)


def test_the_page_of_a_level_says_who_has_it(enter, level):
    reserve(order_id=4711, wants=[Want(71, "MUG", 8)], expires_at=None)
    page = enter("customer_service").get(url("stocklevel_change", level.pk)).content.decode()
    assert "4711" in page


def ask(browser, verb="adjust", **answers):
    return browser.post(url(f"stocklevel_{verb}"), {"sku": "MUG", "warehouse": "MAIN"} | answers)


def seen(page):
    return re.search(r'name="seen" value="(\w+)"', page.content.decode()).group(1)


def test_a_row_opens_its_verb_filled_in(enter, level):
    browser = enter("warehouse")
    page = browser.get(url("stocklevel_adjust_this", level.pk), follow=True)
    assert page.context["form"].initial == {"sku": "MUG", "warehouse": "MAIN", "safety": "0", "bin": ""}
    assert browser.get(url("stocklevel_movements", level.pk), follow=True).status_code == 200


@pytest.mark.parametrize("object_id", ["0", "abc", "9" * 30])
def test_a_row_that_is_not_there_is_not_found(enter, object_id):
    browser = enter("warehouse")
    assert browser.get(url("stocklevel_adjust_this", object_id)).status_code == 404
    assert browser.get(url("stockmovement_history", object_id)).status_code == 404


def test_first_shows_what_would_happen_and_changes_nothing(enter, level):
    reserve(order_id=7, wants=[Want(71, "MUG", 8)], expires_at=None)
    page = ask(enter("warehouse"), on_hand=6, reason="count")
    (effect,) = page.context["rehearsal"].effects
    assert (effect.code, effect.before.on_hand, effect.after.on_hand) == ("MAIN", 10, 6)
    assert (effect.before.available, effect.after.available, effect.after.short) == (2, 0, 2)
    assert (counters(level), moves(), Shortfall.objects.count()) == ((10, 8), [], 0)


def test_then_does_it_in_the_name_of_the_person(enter, level):
    browser = enter("warehouse")
    answers = {"delta": -3, "reason": "damage"}
    done = ask(browser, **answers, seen=seen(ask(browser, **answers)), confirm="yes")
    assert (done.status_code, done["Location"]) == (302, url("stocklevel_change", level.pk))
    assert (counters(level), moves()) == ((7, 0), [("adjusted", -3, 7)])
    assert level.history.latest().actor == f"user:{browser.person.pk}"
    movement = browser.get(url("stockmovement_changelist")).context["cl"].result_list[0]
    shown = browser.get(url("stockmovement_change", movement.pk)).context["original"]
    assert movement.who == shown.who == "warehouse@example.com"
    assert broken_rules() == []


def test_asks_again_when_the_stock_has_changed_meanwhile(enter, level):
    browser = enter("warehouse")
    answers = {"delta": -3, "reason": "damage"}
    shown = seen(ask(browser, **answers))
    reserve(order_id=7, wants=[Want(71, "MUG", 8)], expires_at=None)
    again = ask(browser, **answers, seen=shown, confirm="yes")
    assert again.status_code == 200
    assert counters(level) == (10, 8)
    assert ask(browser, **answers, seen=seen(again), confirm="yes").status_code == 302


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"reason": "count"}, "__all__"),
        ({"reason": "count", "on_hand": 1, "delta": 1}, "__all__"),
        ({"reason": "count", "on_hand": -1}, "on_hand"),
        ({"reason": "damage", "delta": 1}, "delta"),
        ({"reason": "damage", "delta": -11}, "__all__"),
        ({"reason": "count", "on_hand": 1, "sku": "NOPE"}, "sku"),
        ({"reason": "count", "on_hand": 1, "warehouse": "NOPE"}, "warehouse"),
    ],
)
def test_says_what_is_wrong_beside_its_field(enter, level, answers, field):
    page = ask(enter("warehouse"), **answers)
    assert list(page.context["form"].errors) == [field]
    assert page.context["rehearsal"] is None
    assert counters(level) == (10, 0)


def test_transfers_and_keeps_back(enter, level):
    WarehouseFactory(code="SIDE")
    browser = enter("warehouse")
    way = {"to_warehouse": "SIDE", "quantity": 4}
    shown = ask(browser, "transfer", **way)
    assert [effect.code for effect in shown.context["rehearsal"].effects] == ["MAIN", "SIDE"]
    ask(browser, "transfer", **way, seen=seen(shown), confirm="yes")
    kept = {"safety": 2}
    ask(browser, "set_safety", **kept, seen=seen(ask(browser, "set_safety", **kept)), confirm="yes")
    level.refresh_from_db()
    assert (level.on_hand, level.safety, level.available) == (6, 2, 4)
    assert StockLevel.objects.get(warehouse__code="SIDE").on_hand == 4


def test_customer_service_sees_stock_and_moves_none(enter, level):
    browser = enter("customer_service")
    assert url("stocklevel_adjust") not in browser.get(url("stocklevel_changelist")).content.decode()
    assert browser.get(url("stocklevel_adjust")).status_code == 403
    assert ask(browser, delta=-3, reason="damage").status_code == 403
    assert browser.get(url("stocklevel_adjust_this", level.pk)).status_code == 403
    assert counters(level) == (10, 0)


def test_customers_stay_outside(enter, level):
    assert enter("customer").get(url("stocklevel_changelist")).status_code in {302, 403}


def test_a_warehouse_is_edited_through_its_service(enter, level):
    browser = enter("admin")
    made = browser.post(url("warehouse_add"), {"code": "NEW", "name": "New", "priority": 5, "active": "on"})
    assert (made.status_code, Warehouse.objects.get(code="NEW").priority) == (302, 5)
    new = Warehouse.objects.get(code="NEW")
    changed = browser.post(url("warehouse_change", new.pk), {"name": "Newer", "priority": 5, "active": "on"})
    new.refresh_from_db()
    assert (changed.status_code, new.code, new.name) == (302, "NEW", "Newer")
    assert new.history.latest().actor == f"user:{browser.person.pk}"
    assert browser.post(url("warehouse_delete", new.pk), {"post": "yes"}).status_code == 302
    told = LogEntry.objects.filter(aggregate="warehouse").order_by("id").values_list("name", flat=True)
    assert list(told) == ["WarehouseCreated", "WarehouseChanged", "WarehouseDeleted"]


@pytest.mark.parametrize("fields", [{"code": "MAIN"}, {"code": "a b"}, {"name": ""}, {"priority": -1}])
def test_a_warehouse_form_refuses_nonsense(enter, level, fields):
    browser = enter("admin")
    page = browser.post(url("warehouse_add"), {"code": "NEW", "name": "New", "priority": 5} | fields)
    assert (page.status_code, Warehouse.objects.count()) == (200, 1)


def test_a_warehouse_with_a_past_cannot_be_deleted(enter, level):
    browser = enter("admin")
    assert browser.post(url("warehouse_delete", level.warehouse_id), {"post": "yes"}).status_code == 403
    assert Warehouse.objects.filter(pk=level.warehouse_id).exists()
