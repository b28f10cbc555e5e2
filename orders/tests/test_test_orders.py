"""What a sandbox token orders is priced, shown and told as the real thing, and has nothing in the world."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.tests.factories import PartnerFactory, partner_client
from audit.doctor import examine
from audit.models import LogEntry
from catalog.models import Product
from inventory.models import Reservation, StockLevel
from orders.back_office.figures import best_sellers, curve, today
from orders.back_office.queues import orders_in
from orders.codes.reading import has_ordered
from orders.models import DiscountRedemption, Order, Shipment
from orders.tasks import expire_due
from orders.tests.back_office import list_url, page_url
from orders.tests.back_office import staff as browser
from orders.tests.codes import campaign, counted
from orders.tests.factories import ADDRESS, buyable, place
from orders.tests.http import get, post, ready_cart, staff

pytestmark = pytest.mark.django_db

BODY: dict[str, Any] = {
    "lines": [{"sku": "MUG", "quantity": 2}],
    "email": "ada@example.com",
    "shipping_address": ADDRESS,
}
REFUSED = {"pay", "ship", "cancel_shipment", "deliver"}


@pytest.fixture
def partner():
    buyable(quantity=10)
    return PartnerFactory(name="Shop")


@pytest.fixture
def sandbox(partner):
    return partner_client(partner, sandbox=True)


@pytest.fixture
def live(partner):
    return partner_client(partner)


def placed(client: Any, **more: Any) -> dict[str, Any]:
    answer = post(client, "orders", BODY | more)
    assert answer.status_code == 201, answer.json()
    return dict(answer.json())


def reserved() -> int:
    return StockLevel.objects.get(item__sku="MUG").reserved


def broken() -> list[str]:
    """The promises that do not hold, but for the outbox that nobody empties in a test."""
    return [found.invariant.name for found in examine() if found.invariant.name != "events.delivered"]


def test_it_is_priced_as_the_real_thing_and_takes_no_stock(sandbox, live):
    test, real = placed(sandbox), placed(live)
    assert (test["test"], real["test"]) == (True, False)
    assert {name: test[name] for name in ("total", "status", "explanation")} == {
        name: real[name] for name in ("total", "status", "explanation")
    }
    assert reserved() == 2
    assert not Reservation.objects.filter(order_id=Order.objects.get(test=True).pk).exists()
    assert broken() == []


def test_it_lacks_what_the_real_thing_would_lack(sandbox, live):
    much = {"lines": [{"sku": "MUG", "quantity": 4}, {"sku": "MUG", "quantity": 7}]}
    test, real = (post(client, "orders", BODY | much) for client in (sandbox, live))
    assert (test.status_code, test.json()["code"]) == (409, "insufficient_stock")
    assert test.json() == real.json()
    assert not Order.objects.exists()


def test_each_kind_of_token_sees_its_own(sandbox, live):
    test, real = placed(sandbox)["number"], placed(live)["number"]
    for client, own, other in ((sandbox, test, real), (live, real, test)):
        assert [order["number"] for order in get(client, "orders").json()["results"]] == [own]
        assert get(client, f"orders/{other}").status_code == 404
        assert post(client, f"orders/{other}/cancel", {"reason": "x"}).status_code == 404
    service = staff("customer_service")
    assert len(get(service, "orders").json()["results"]) == 2
    for asked, number in (("true", test), ("false", real)):
        assert [order["number"] for order in get(service, f"orders?test={asked}").json()["results"]] == [number]


def test_carts_are_apart_too(sandbox, live):
    cart = ready_cart(sandbox)["id"]
    assert get(live, f"carts/{cart}").status_code == 404
    assert post(live, "orders", {"cart": cart}).status_code == 404
    answer = post(sandbox, "orders", {"cart": cart})
    assert (answer.status_code, answer.json()["test"]) == (201, True)
    assert reserved() == 0


def test_a_reference_is_unique_among_tests_and_among_the_others(sandbox, live):
    placed(sandbox, reference="A-1")
    placed(live, reference="A-1")
    for client in (sandbox, live):
        assert post(client, "orders", BODY | {"reference": "A-1"}).json()["code"] == "reference_taken"
    assert Order.objects.count() == 2


def test_a_key_used_for_a_test_is_fresh_for_the_real_thing(sandbox, live):
    test = post(sandbox, "orders", BODY, idempotency_key="first")
    real = post(live, "orders", BODY, idempotency_key="first")
    assert (test.json()["test"], real.json()["test"]) == (True, False)
    assert "Idempotent-Replayed" not in real
    assert post(sandbox, "orders", BODY, idempotency_key="first").json() == test.json()


def test_a_code_is_priced_and_not_used_up(sandbox, live):
    campaign(limit=1)
    test = placed(sandbox, discount_codes=["SPRING"])
    assert (test["discount_total"], test["discount_codes"]) == ("2.00", ["SPRING"])
    assert counted()[0] == 0
    assert placed(live, discount_codes=["SPRING"])["discount_total"] == "2.00"
    assert (counted()[0], DiscountRedemption.objects.count()) == (1, 1)
    assert post(sandbox, "orders", BODY | {"discount_codes": ["SPRING"]}).json()["code"] == "code_not_applicable"
    assert broken() == []


def test_it_is_nobodys_first_order(sandbox, live):
    placed(sandbox)
    assert not has_ordered(email="ada@example.com", user_id=None)
    placed(live)
    assert has_ordered(email="ada@example.com", user_id=None)


def test_it_is_never_packed_and_says_so(sandbox):
    test = placed(sandbox)
    assert {action for action, code in test["refused_actions"].items() if code == "test_order"} == REFUSED
    warehouse = staff("warehouse")
    seen = get(warehouse, f"orders/{test['number']}").json()
    assert (seen["test"], seen["refused_actions"]["pack"]) == (True, "test_order")
    answer = post(warehouse, f"orders/{test['number']}/shipments", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "test_order")
    assert not Shipment.objects.exists()


def test_fulfilment_with_a_sandbox_token_is_refused(sandbox, live):
    test, real = placed(sandbox)["number"], placed(live)["number"]
    for verb in ("ship", "deliver", "cancel"):
        own, other = (post(sandbox, f"shipments/{number}-1/{verb}", {}) for number in (test, real))
        assert (own.status_code, own.json()["code"]) == (409, "test_order")
        assert other.status_code == 404
        assert post(live, f"shipments/{test}-1/{verb}", {}).status_code == 404


def test_it_is_cancelled_whole_and_by_line(sandbox):
    test = placed(sandbox)
    path = f"orders/{test['number']}/cancel"
    part = post(sandbox, path, {"reason": "x", "lines": [{"line": test["lines"][0]["id"], "quantity": 1}]})
    assert (part.status_code, part.json()["lines"][0]["cancelled"]) == (200, 1)
    assert post(sandbox, path, {"reason": "x"}).json()["status"] == "cancelled"
    assert broken() == []


def test_it_expires_as_others_do(sandbox):
    placed(sandbox)
    Order.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert expire_due() == 1
    assert Order.objects.get().cancel_reason == "expired"
    assert broken() == []


def test_its_events_are_published(sandbox):
    number = placed(sandbox)["number"]
    post(sandbox, f"orders/{number}/cancel", {"reason": "x"})
    order = Order.objects.get()
    facts = LogEntry.objects.filter(aggregate="order", aggregate_id=str(order.pk)).order_by("sequence")
    assert list(facts.values_list("name", flat=True)) == ["OrderPlaced", "OrderCancelled"]


def test_one_that_costs_nothing_is_no_sale_and_no_work(sandbox):
    """It is paid at once: all that looks for what was paid must leave it out."""
    Product.objects.filter(sku="MUG").update(price=0)
    with_shipping = placed(sandbox)
    Order.objects.filter(number=with_shipping["number"]).update(paid_at=timezone.now(), status="paid")
    now = timezone.now()
    assert [figure.now for figure in today(now)] == [0, 0, 0, 0]
    assert (sum(day.orders for day in curve(now)), best_sellers(now)) == (0, [])
    assert not orders_in("to_pack").exists()


def test_it_is_in_no_queue_but_marked_among_all(sandbox):
    test = Order.objects.get(number=placed(sandbox)["number"])
    real = place()
    office = browser()
    assert list(orders_in("to_pay")) == [real]
    assert set(orders_in("all")) == {test, real}
    assert office.get(list_url(queue="to_pay")).context["counts"].of["to_pay"] == 1
    assert office.get(list_url(queue="all")).content.decode().count(">Test<") == 1
    assert "Test order" in office.get(page_url(test)).content.decode()
    assert "Test order" not in office.get(page_url(real)).content.decode()


def test_a_hold_brings_it_into_no_queue(sandbox):
    number = placed(sandbox)["number"]
    assert post(staff("admin"), f"orders/{number}/holds", {"kind": "address", "note": ""}).status_code == 201
    assert not orders_in("on_hold").exists()
    assert not orders_in("exceptions").exists()


def test_the_database_holds_that_it_is_a_partners():
    buyable()
    order = place()
    with pytest.raises(IntegrityError, match="order_test_is_a_partners"), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(test=True)


def test_the_doctor_finds_one_that_has_something(live):
    """The rule can fail: an order that took its stock is called a test."""
    placed(live)
    assert broken() == []
    Order.objects.update(test=True)
    assert "orders.test" in broken()
