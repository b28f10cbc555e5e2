"""Somebody who asked to be erased is in no table of the database any more, and the books are as they were."""

from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.models import User
from accounts.personal_data.models import Erasure
from accounts.personal_data.services import delete_discarded, erase_due
from audit.doctor import examine
from audit.models import LogEntry
from catalog.models import StockRequest
from notifications.models import Notification
from notifications.services import send_due
from orders.models import Order, OrderAddress, TaxExemption
from orders.tests.http import call, get, post
from payments.models import Refund
from tests.journeys.personal_data import (
    CANARIES,
    Shop,
    customer_with_traces,
    deliver_all,
    delivered,
    ok,
    place,
    places_of,
    reports,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    settings.ERASURE_DAYS = 0


@pytest.fixture
def shop() -> Shop:
    return customer_with_traces()


def leave(shop: Shop) -> None:
    """`DELETE me`, and all that follows from it but the erasing."""
    assert call(shop.customer, "DELETE", "me").status_code == 202
    deliver_all()
    send_due()
    Erasure.objects.update(look_at=timezone.now())


def test_no_table_holds_an_erased_person_and_the_books_stay(shop: Shop, mailoutbox: list[Any]) -> None:
    before, there = reports(shop.desk), places_of(CANARIES)
    assert {place.partition(": ")[2] for place in there} == set(CANARIES)  # else the look would prove nothing
    paper = TaxExemption.objects.get().certificate.name
    leave(shop)
    assert erase_due() == 1, Erasure.objects.get().waits_for
    assert delete_discarded() == 1

    assert places_of(CANARIES) == set()
    assert reports(shop.desk) == before
    assert [found.invariant.name for found in examine() if found.invariant.name != "events.delivered"] == []
    assert not default_storage.exists(paper)
    assert set(StockRequest.objects.values_list("state", "email")) == {("withdrawn", "")}
    user = User.objects.get(pk=shop.user.pk)
    assert (user.email[:7], user.email[-15:], user.is_active) == ("erased-", "@erased.invalid", False)
    assert {order.email for order in Order.objects.all()} == {user.email}
    addresses = OrderAddress.objects.values_list("country", "region", "postal_code", "city", "line1")
    assert set(addresses) == {("DE", "Bavaria", "98", "", "")}
    assert set(Refund.objects.values_list("reason", "cause").distinct()) == {("", "cancelled")}
    assert Notification.objects.filter(user=user, status="sent", kind="account_closed").exists()
    assert LogEntry.objects.filter(name="UserErased").values_list("payload", flat=True).get() == {"user_id": user.pk}


def test_an_order_under_way_keeps_a_person_until_it_is_delivered(shop: Shop) -> None:
    order = place(shop.customer)
    leave(shop)
    assert erase_due() == 0
    assert Erasure.objects.get().waits_for == f"Orders under way: {order['number']}."
    assert places_of(("moonlight lane",)) != set()
    delivered(shop, order)
    deliver_all()
    send_due()
    Erasure.objects.update(look_at=timezone.now())
    assert erase_due() == 1
    delete_discarded()
    assert places_of(CANARIES) == set()


def test_an_open_return_keeps_a_person(shop: Shop) -> None:
    order = place(shop.customer)
    delivered(shop, order)
    wish = {"lines": [{"line": order["lines"][0]["id"], "quantity": 1, "reason": "damaged"}]}
    back = ok(post(shop.customer, f"orders/{order['number']}/returns", wish))["number"]
    leave(shop)
    assert erase_due() == 0
    assert Erasure.objects.get().waits_for == f"Open returns: {back}."


def test_one_whose_time_has_not_come_stays(shop: Shop, settings: Any) -> None:
    settings.ERASURE_DAYS = 14
    leave(shop)
    assert erase_due() == 0
    assert get(shop.customer, "me").status_code == 401
    assert User.objects.get(pk=shop.user.pk).erased_at is None


def test_an_erased_person_is_not_written_to_and_can_register_again(shop: Shop, mailoutbox: list[Any]) -> None:
    leave(shop)
    erase_due()
    sent = len(mailoutbox)
    Notification.objects.filter(kind="order_paid").update(status="queued", sent_at=None, handed_over_at=None)
    send_due()
    assert len(mailoutbox) == sent
    again = customer_with_traces()
    assert again.user.pk != shop.user.pk
