"""What tax provider and carrier say stands in the quote, and in the order that is placed at it."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from accounts.tests.factories import partner_client
from audit.doctor import examine
from catalog.models import Product
from orders.delivery.asking import ask_ahead, live_price, parcel_to
from orders.models import ShippingCharge, ShippingMethod, TaxDocument, TaxLine
from orders.tax.asking import pause
from orders.tax.provider import provider_named
from orders.tests import shipping
from orders.tests.factories import ADDRESS, buyable
from orders.tests.http import get, post, ready_cart
from orders.tests.taxes import with_stripe_tax
from sandbox.testing import RunningSandbox, start_sandbox

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with start_sandbox(home=tmp_path_factory.mktemp("sandbox"), shop_url="") as found:
        yield found


@pytest.fixture
def stripe(settings: Any, running: RunningSandbox) -> Iterator[RunningSandbox]:
    with_stripe_tax(settings, running, CARRIER_RATES="")
    yield running
    running.ask("DELETE", "/knobs")
    pause.end()


def seen(cart: dict[str, Any]) -> dict[str, Any]:
    """The cart looked at, outside of any transaction."""
    shown: dict[str, Any] = get(APIClient(), f"carts/{cart['id']}", x_cart_token=cart["token"]).json()
    return shown


def test_an_order_is_placed_with_what_the_provider_said_of_its_cart(stripe: RunningSandbox) -> None:
    buyable("MUG")
    cart = ready_cart(APIClient())
    # A POST runs within the transaction of its key, in which nobody is asked.
    assert [step["detail"] for step in cart["explanation"] if step["step"] == "tax"] == [
        "20 % of the goods, rounded per line. Estimated, since the tax service did not answer."
    ]
    shown = seen(cart)
    assert [(step["rule"], step["amount"]) for step in shown["explanation"] if step["step"] == "tax"] == [
        ("VAT 19 %", "1.90")
    ]
    order = post(APIClient(), "orders", {"cart": cart["id"]}, x_cart_token=cart["token"]).json()
    assert (order["tax_total"], order["total"]) == ("1.90", shown["total"])
    line = TaxLine.objects.get()
    assert (line.source, line.rate, line.estimated) == ("stripe", Decimal("0.19"), False)
    document = TaxDocument.objects.get()
    assert (document.order.number, document.provider) == (order["number"], "stripe")
    assert examine(calm=False) == []


def test_an_order_in_one_call_asks_before_it_is_placed(stripe: RunningSandbox) -> None:
    buyable("MUG")
    body = {"email": "a@example.com", "shipping_address": ADDRESS, "lines": [{"sku": "MUG", "quantity": 1}]}
    order = post(partner_client(), "orders", body).json()
    assert (order["tax_total"], TaxLine.objects.get().source) == ("1.90", "stripe")


def test_without_an_answer_the_tables_stand_and_say_so(settings: Any, stripe: RunningSandbox) -> None:
    settings.STRIPE_API_URL = "http://127.0.0.1:9"
    provider_named.cache_clear()
    buyable("MUG")
    opened = ready_cart(APIClient())
    assert seen(opened)["tax_total"] == "2.00"
    order = post(APIClient(), "orders", {"cart": opened["id"]}, x_cart_token=opened["token"]).json()
    assert order["tax_total"] == "2.00"
    line = TaxLine.objects.get()
    assert (line.source, line.estimated) == ("tables", True)
    assert not TaxDocument.objects.exists()
    provider_named.cache_clear()


def test_a_carrier_says_its_price_and_the_tables_stand_in(settings: Any, running: RunningSandbox) -> None:
    for name, value in running.settings.items():
        setattr(settings, name, value)
    cache.clear()
    buyable("MUG")
    Product.objects.update(weight_grams=1234)
    shipping.zone()
    shipping.method("standard", carrier="UPS", carrier_service="UPSStandard")
    shipping.rate()
    cart = ready_cart(APIClient())
    assert cart["shipping_total"] == "5.00"
    parcel = parcel_to(ADDRESS, weight_grams=1234, currency="EUR", value=Decimal("10.00"))
    asked = ask_ahead(parcel)
    assert asked
    service = next(iter(asked))
    carrier, _, name = service.partition(" ")
    ShippingMethod.objects.update(carrier=carrier, carrier_service=name)
    shown = seen(cart)
    assert shown["shipping_total"] == f"{live_price(asked, carrier, name):.2f}"
    placed = post(APIClient(), "orders", {"cart": cart["id"]}, x_cart_token=cart["token"])
    assert placed.status_code == 201, placed.json()
    assert not ShippingCharge.objects.get().estimated
    ShippingMethod.objects.update(carrier="Nobody", carrier_service="None")
    assert "Estimated, since the carrier did not answer." in str(seen(ready_cart(APIClient()))["explanation"])
