"""Many ask for the same, and many tell at once. Each race comes with its control: the same race with the lock off."""

from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import transaction
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory, access_token
from audit.log import publish_all
from audit.models import LogEntry
from catalog.events import BackInStock
from catalog.models import Product, StockRequest
from catalog.stock_requests import services
from catalog.stock_requests.services import tell_who_waits
from catalog.stock_requests.tests.wishes import ADA, TESTS, refill, sold_out, states, wish
from catalog.tests.checks import broken_rules
from tests.concurrency.racing import at_once, outcomes

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 20


def ask(body: dict[str, Any], **headers: str) -> int:
    return int(APIClient(**headers).post("/api/v1/stock-requests", body).status_code)


def told() -> int:
    return LogEntry.objects.filter(name="BackInStock").count()


@pytest.fixture(autouse=True)
def _unlimited(settings: LazySettings) -> None:
    settings.LIMITS = settings.LIMITS | {"stock_request_address": (1000, 60)}


def test_of_twenty_equal_requests_of_a_guest_one_waits() -> None:
    sold_out()
    assert set(at_once([partial(ask, {"sku": "MUG", "email": ADA})] * MANY, threads=MANY)) == {201}
    assert states() == ["waiting"]


def test_of_twenty_equal_requests_of_a_customer_one_waits() -> None:
    sold_out()
    mine = f"Bearer {access_token(UserFactory())}"
    works = [partial(ask, {"sku": "MUG"}, HTTP_AUTHORIZATION=mine)] * MANY
    assert set(at_once(works, threads=MANY)) == {201}
    assert states() == ["waiting"]


def test_control_whoever_only_looks_first_runs_into_the_constraint() -> None:
    product, both_have_looked = sold_out(), Barrier(2, timeout=10)

    def naive() -> None:
        with transaction.atomic():
            assert not StockRequest.objects.waiting().filter(product=product, email=ADA).exists()
            both_have_looked.wait()
            StockRequest.objects.create(product=product, email=ADA)

    assert outcomes(at_once([naive] * 2)) == {"done": 1, "23505": 1}
    assert states() == ["waiting"]


def test_twenty_products_asked_for_at_once_stay_within_what_one_address_may_wait_for(settings: LazySettings) -> None:
    settings.STOCK_REQUESTS_OPEN = 5
    for number in range(MANY):
        sold_out(f"P{number}")
    works = [partial(wish, f"P{number}") for number in range(MANY)]
    assert outcomes(at_once(works, threads=MANY)) == {"done": 5, "rate_limited": MANY - 5}
    assert len(states()) == 5


def test_sweeps_at_once_tell_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "BATCH", 15)
    a_crowd()
    assert sum(at_once([partial(tell_who_waits, by=TESTS)] * 8, threads=8)) == told() == 60
    assert (set(states()), broken_rules()) == ({"told"}, [])


def test_control_sweeps_that_lock_nothing_tell_some_twice() -> None:
    a_crowd()
    both_have_read = Barrier(2, timeout=10)

    def naive() -> None:
        with transaction.atomic():
            ids = list(StockRequest.objects.waiting().order_by("id").values_list("pk", flat=True))
            both_have_read.wait()
            StockRequest.objects.filter(pk__in=ids).update(state="told", ended_at=timezone.now())
            publish_all([BackInStock(request_id=pk) for pk in ids], by=TESTS)

    assert outcomes(at_once([naive] * 2)) == {"done": 2}
    assert told() == 120
    assert broken_rules() == ["catalog.told_once"]


def test_who_withdraws_while_it_is_told_is_either_told_or_not() -> None:
    for number in range(10):
        sold_out(f"P{number}")
        row = wish(f"P{number}")
        refill(f"P{number}")
        works = [partial(services.withdraw_request, request_id=row.pk, by=TESTS), partial(tell_who_waits, by=TESTS)]
        at_once(works)
    assert Product.objects.count() == len(states()) == 10
    assert "waiting" not in states()
    assert broken_rules() == []


def a_crowd() -> None:
    """Sixty who wait for something that is back."""
    sold_out()
    for number in range(60):
        wish(email=f"g{number}@example.com")
    refill()
