"""The mail about what runs low: to whom, when, and what it says."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.tests.factories import UserFactory
from catalog.models import Product
from inventory.low_stock import watch_levels
from inventory.models import StockLevel
from inventory.services import receive_stock
from inventory.tests.factories import TESTS, WarehouseFactory, stock
from notifications.models import Notification
from notifications.rendering import stock as rendering
from notifications.services import send_due
from notifications.tasks import tell_of_low_stock
from orders.tests.factories import buyable

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def run_low(sku: str = "MUG", **more: Any) -> None:
    buyable(sku, quantity=2, **more)
    watch_levels(by=TESTS)


def an_hour_passes() -> None:
    StockLevel.objects.exclude(low_since=None).update(low_since=timezone.now() - HOUR)
    for mail in Notification.objects.all():
        Notification.objects.filter(pk=mail.pk).update(created_at=mail.created_at - HOUR / 2)


def test_who_works_there_is_told_what_is_low_and_what_is_on_its_way(mailoutbox: list[Any]) -> None:
    worker = UserFactory(role="warehouse", first_name="Ada")
    UserFactory(role="customer_service")
    run_low()
    Product.objects.update(name="Mug & saucer")
    assert (tell_of_low_stock(), send_due()) == (1, 1)
    (mail,) = mailoutbox
    html = mail.alternatives[0].content
    assert mail.to == [worker.email]
    assert "MUG (Mug & saucer), " in mail.body
    assert ": 2 available" in mail.body
    assert "Mug &amp; saucer" in html
    assert "/admin/inventory/stocklevel/?availability=low" in html


def test_it_is_said_once_and_again_when_something_else_runs_low(mailoutbox: list[Any]) -> None:
    UserFactory(role="warehouse")
    run_low()
    assert (tell_of_low_stock(), send_due()) == (1, 1)
    an_hour_passes()
    assert (tell_of_low_stock(), send_due()) == (0, 0)
    run_low("BOWL")
    assert (tell_of_low_stock(), send_due()) == (1, 1)
    assert ("MUG" in mailoutbox[1].body, mailoutbox[1].body.index("BOWL") < mailoutbox[1].body.index("MUG")) == (
        True,
        True,
    )


def test_everybody_hears_of_their_own_warehouses_alone(mailoutbox: list[Any]) -> None:
    place = WarehouseFactory(code="NORTH")
    north = UserFactory(role="warehouse", warehouses=["NORTH"])
    run_low(warehouse=WarehouseFactory(code="SOUTH"))
    assert tell_of_low_stock() == 0
    stock("BOWL", 1, warehouse=place)
    watch_levels(by=TESTS)
    assert (tell_of_low_stock(), send_due()) == (1, 1)
    assert mailoutbox[0].to == [north.email]
    assert ("BOWL" in mailoutbox[0].body, "MUG" in mailoutbox[0].body) == (True, False)


def test_nothing_is_sent_once_all_is_refilled(mailoutbox: list[Any]) -> None:
    UserFactory(role="warehouse")
    run_low()
    tell_of_low_stock()
    code = StockLevel.objects.get().warehouse.code
    receive_stock(sku="MUG", warehouse_code=code, quantity=100, cause="po:1", by=TESTS)
    send_due()
    assert (mailoutbox, Notification.objects.get().error) == ([], "Nothing is low where they work.")


def test_a_long_list_is_cut_and_says_so(mailoutbox: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "SHOWN", 1)
    UserFactory(role="warehouse")
    run_low()
    an_hour_passes()
    run_low("BOWL")
    tell_of_low_stock()
    send_due()
    assert ("BOWL" in mailoutbox[0].body, "MUG" in mailoutbox[0].body, "And more." in mailoutbox[0].body) == (
        True,
        False,
        True,
    )


@pytest.mark.parametrize("roles", [[], ["admin"]])
def test_the_shop_says_which_roles_are_told(settings: Any, roles: list[str]) -> None:
    settings.STOCK_ALERT_ROLES = roles
    UserFactory(role="warehouse")
    UserFactory(admin=True)
    run_low()
    assert tell_of_low_stock() == len(roles)
