from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import UserFactory
from audit.doctor import check
from audit.models import LogEntry
from catalog.invariants import INVARIANTS
from catalog.models import Product, StockRequest
from catalog.stock_requests import services
from catalog.stock_requests.forgetting import forget_addresses, give_up_waiting
from catalog.stock_requests.services import tell_who_waits, withdraw_request
from catalog.stock_requests.tests.wishes import ADA, TESTS, refill, sold_out, states, wish
from inventory.backorders.terms import BackorderTerms, set_backorder_terms
from inventory.models import StockItem, Warehouse

pytestmark = pytest.mark.django_db


def tell() -> int:
    return tell_who_waits(by=TESTS)


def told() -> list[int]:
    """The requests of which the log tells, in order."""
    facts = LogEntry.objects.filter(name="BackInStock").order_by("id")
    return [entry.payload["request_id"] for entry in facts]


def broken_rules() -> list[str]:
    return [rule.name for rule in INVARIANTS if check(rule)]


def test_nobody_is_told_while_it_is_out_and_each_once_when_it_is_back() -> None:
    sold_out()
    mine, guests = wish(user=UserFactory()), wish()
    assert (tell(), states()) == (0, ["waiting", "waiting"])
    refill()
    assert (tell(), told()) == (2, [mine.pk, guests.pk])
    assert set(states()) == {"told"}
    assert (tell(), told()) == (0, [mine.pk, guests.pk])
    guests.refresh_from_db()
    assert guests.ended_at is not None
    assert broken_rules() == []


def test_what_may_be_sold_ahead_of_the_stock_is_back() -> None:
    sold_out()
    wish()
    set_backorder_terms(sku="MUG", terms=BackorderTerms(limit=1), by=TESTS)
    assert tell() == 1


def test_units_that_came_for_others_are_not_there() -> None:
    sold_out()
    wish()
    StockItem.objects.update(waiting=2)
    refill(quantity=2)
    assert tell() == 0
    refill()
    assert tell() == 1


def test_units_in_a_warehouse_that_does_not_sell_are_not_there() -> None:
    sold_out()
    wish()
    refill()
    Warehouse.objects.update(active=False)
    assert tell() == 0


def test_what_is_not_on_sale_is_not_back_until_it_is() -> None:
    sold_out()
    wish()
    refill()
    Product.objects.update(published=False)
    assert tell() == 0
    Product.objects.update(published=True)
    assert tell() == 1


def test_who_asked_first_is_told_first_a_batch_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "BATCH", 2)
    sold_out()
    rows = [wish(email=f"g{number}@example.com").pk for number in range(3)]
    refill()
    assert (tell(), told()) == (2, rows[:2])
    assert (tell(), told()) == (1, rows)


def test_who_withdrew_is_not_told_and_who_closed_their_account_only_when_they_are_back() -> None:
    sold_out()
    ada = UserFactory()
    wish(user=ada)
    withdraw_request(request_id=wish().pk, by=TESTS)
    User.objects.filter(pk=ada.pk).update(is_active=False)
    refill()
    assert (tell(), states()) == (0, ["waiting", "withdrawn"])
    User.objects.filter(pk=ada.pk).update(is_active=True)
    assert (tell(), states()) == (1, ["told", "withdrawn"])


def test_a_sweep_costs_the_same_however_many_wait(django_assert_num_queries: Any) -> None:
    for number in range(10):
        sold_out(f"P{number}")
        wish(f"P{number}")
        refill(f"P{number}")
    with django_assert_num_queries(6):  # the actor, what is wanted, its stock, the rows, the mark, the facts
        assert tell() == 10


def test_the_history_says_who_and_when_but_no_address() -> None:
    sold_out()
    row = wish()
    withdraw_request(request_id=row.pk, by=TESTS)
    history: Any = StockRequest.history  # type: ignore[attr-defined]
    found = history.filter(id=row.pk).order_by("history_id")
    assert [(entry.history_type, entry.state, entry.actor) for entry in found] == [
        ("+", "waiting", "system:tests"),
        ("~", "withdrawn", "system:tests"),
    ]
    assert not hasattr(found[0], "email")


def test_a_guests_address_goes_some_days_after_it_ended(settings: Any) -> None:
    settings.STOCK_REQUEST_DAYS = 30
    sold_out()
    withdraw_request(request_id=wish().pk, by=TESTS)
    wish()
    StockRequest.objects.filter(state="withdrawn").update(ended_at=timezone.now() - timedelta(days=29))
    assert forget_addresses() == 0
    StockRequest.objects.filter(state="withdrawn").update(ended_at=timezone.now() - timedelta(days=31))
    assert forget_addresses() == 1
    assert list(StockRequest.objects.order_by("pk").values_list("state", "email")) == [
        ("withdrawn", ""),
        ("waiting", ADA),
    ]


def test_a_wish_of_long_ago_is_given_up(settings: Any) -> None:
    settings.STOCK_REQUEST_WAIT_DAYS = 365
    sold_out()
    wish()
    StockRequest.objects.update(created_at=timezone.now() - timedelta(days=364))
    assert (give_up_waiting(), states()) == (0, ["waiting"])
    StockRequest.objects.update(created_at=timezone.now() - timedelta(days=366))
    assert (give_up_waiting(), states()) == (1, ["withdrawn"])
    history: Any = StockRequest.history  # type: ignore[attr-defined]
    assert history.latest().actor == "system:forget_stock_requests"


def test_a_request_that_was_told_without_a_fact_is_found() -> None:
    sold_out()
    wish()
    StockRequest.objects.update(state="told", ended_at=timezone.now())
    assert broken_rules() == ["catalog.told_once"]


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"state": "lost", "ended_at": timezone.now()}, "stock_request_state_known"),
        ({"state": "told"}, "stock_request_ended_has_its_time"),
        ({"email": ""}, "stock_request_goes_to_somebody"),
        ({"email": "Ada@example.com"}, "stock_request_address_is_lower"),
        ({"email": "eve@example.com"}, "stock_request_once_per_address"),
    ],
)
def test_the_tables_refuse_what_cannot_be(fields: dict[str, Any], name: str) -> None:
    sold_out()
    row = wish()
    wish(email="eve@example.com")
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        StockRequest.objects.filter(pk=row.pk).update(**fields)
