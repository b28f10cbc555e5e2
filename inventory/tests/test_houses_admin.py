"""Transfers, units sold ahead and routing in the back office."""

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inventory.backorders.terms import BackorderTerms, set_backorder_terms
from inventory.models import Backorder, RoutingRule, StockItem, StockLevel, Transfer
from inventory.services import Want, reserve
from inventory.tests.factories import TESTS, WarehouseFactory, stock
from inventory.transfers.services import send_transfer

pytestmark = pytest.mark.django_db
WINDOW = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def transfer():
    stock("MUG", 10, warehouse=WarehouseFactory(code="HERE", priority=1))
    WarehouseFactory(code="THERE", priority=2)
    return send_transfer(from_code="HERE", to_code="THERE", lines={"MUG": 4}, by=TESTS)


def browser(*warehouses, role="warehouse"):
    client = Client()
    person = get_user_model().objects.create(email=f"{role}@example.com", role=role, warehouses=list(warehouses))
    client.force_login(person)
    return client


def url(name, *args):
    return reverse(f"admin:inventory_{name}", args=args)


def press(client, name, object_id, **answers):
    return client.post(url(name, object_id), {"_form_submitted": "on"} | answers, **WINDOW)


def there():
    return dict(StockLevel.objects.filter(warehouse__code="THERE").values_list("item__sku", "on_hand"))


@pytest.mark.django_db(transaction=True)
def test_what_arrived_is_received_by_a_button(transfer):
    client = browser()
    press(client, "transfer_receive", transfer.pk, counted="MUG 3", loss_reason="")
    assert (Transfer.objects.get().state, there()) == ("in_transit", {})
    press(client, "transfer_receive", transfer.pk, counted="MUG 3", loss_reason="One broke")
    assert (Transfer.objects.get().state, there()) == ("received", {"MUG": 3})
    page = client.get(url("transfer_change", transfer.pk)).content.decode()
    assert ("Take back" in page, "One broke" in page) == (False, True)


@pytest.mark.parametrize("typed", ["MUG " + "9" * 5000, "MUG 12345678", "MUG x", "MUG"])
def test_what_is_no_number_of_units_is_said_and_nothing_arrives(transfer, typed):
    answer = press(browser(), "transfer_receive", transfer.pk, counted=typed)
    assert "Each line is a SKU and how many arrived." in answer.content.decode()
    assert (Transfer.objects.get().state, there()) == ("in_transit", {})


def test_each_end_has_its_own_button(transfer):
    page = browser("HERE").get(url("transfer_change", transfer.pk)).content.decode()
    assert ("Take back" in page, url("transfer_receive", transfer.pk) in page) == (True, False)
    press(browser("HERE", role="admin"), "transfer_take_back", transfer.pk)
    assert (Transfer.objects.get().state, there()) == ("cancelled", {})


def test_a_transfer_of_others_is_not_there(transfer):
    WarehouseFactory(code="GONE")
    client = browser("GONE")
    assert client.get(url("transfer_changelist")).context["cl"].result_count == 0
    press(client, "transfer_receive", transfer.pk)
    assert Transfer.objects.get().state == "in_transit"


def test_a_transfer_that_takes_its_time_is_sent_from_the_page_of_stock(transfer):
    answers = {"sku": "MUG", "warehouse": "HERE", "to_warehouse": "THERE", "quantity": 2, "in_transit": "on"}
    client = browser()
    shown = client.post(url("stocklevel_transfer"), answers)
    assert Transfer.objects.count() == 1
    seen = shown.context["rehearsal"].seen
    client.post(url("stocklevel_transfer"), answers | {"seen": seen, "confirm": "yes"})
    assert list(Transfer.objects.order_by("id").values_list("state", flat=True)) == ["in_transit"] * 2
    assert StockLevel.objects.get().on_hand == 4


def test_the_terms_of_selling_ahead_are_filled_in_and_changed():
    stock("MUG", 1)
    set_backorder_terms(sku="MUG", terms=BackorderTerms(limit=5), by=TESTS)
    item, client = StockItem.objects.get(), browser()
    window = client.get(url("stockitem_sell_ahead", item.pk), **WINDOW).content.decode()
    assert 'value="5"' in window
    press(client, "stockitem_sell_ahead", item.pk, limit="8", expected_on="2031-05-01", available_from="")
    item.refresh_from_db()
    assert (item.backorder_limit, str(item.expected_on), item.available_from) == (8, "2031-05-01", None)
    press(browser(role="customer_service"), "stockitem_sell_ahead", item.pk, limit="9")
    item.refresh_from_db()
    assert item.backorder_limit == 8


def test_the_rules_are_changed_by_admins_with_their_history():
    rule, _ = RoutingRule.objects.get_or_create(strategy="own_region", defaults={"active": False})
    address = url("routingrule_change", rule.pk)
    browser(role="customer_service").post(address, {"position": 1, "active": "on"})
    rule.refresh_from_db()
    assert rule.active is False
    browser(role="admin").post(address, {"position": 1, "active": "on"})
    rule.refresh_from_db()
    assert (rule.position, rule.active) == (1, True)
    assert RoutingRule.history.filter(id=rule.pk).latest("history_id").actor.startswith("user:")


def test_lists_cost_few_statements_whatever_their_length():
    place = WarehouseFactory(code="HERE")
    WarehouseFactory(code="THERE")
    client = browser()
    for number in range(12):
        stock(f"S{number}", 3, warehouse=place)
        set_backorder_terms(sku=f"S{number}", terms=BackorderTerms(limit=9), by=TESTS)
        reserve(order_id=number, wants=[Want(number, f"S{number}", 4)], expires_at=None, number=f"W{number}")
        stock(f"S{number}", 1, warehouse=place)
    assert Backorder.objects.count() == 12
    for name in ("transfer", "backorder", "routingrule", "stockitem", "stocklevel"):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url(f"{name}_changelist")).status_code == 200
        assert len(captured) < 12, (name, len(captured))
