"""What a basket costs, from the cart to the order, over HTTP."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory, client_for
from audit.doctor import examine
from catalog.discounts.services import create_rule
from catalog.models import ListPrice, PriceList
from orders.models import (
    DiscountCampaign,
    DiscountCode,
    LineDiscount,
    Order,
    ShippingBand,
    ShippingMethod,
    ShippingRate,
    ShippingZone,
    TaxExemption,
    TaxLine,
    TaxRate,
    TaxZone,
)
from orders.pricing.basket import Wanted, price
from orders.tests.factories import ADDRESS, TESTS, buyable, pay
from orders.tests.http import get, patch, post, ready_cart

pytestmark = pytest.mark.django_db


@pytest.fixture
def guest() -> APIClient:
    buyable("MUG", quantity=100)
    buyable("TEA", quantity=100, price="3.99")
    return APIClient()


def rule(**fields):
    return create_rule(fields={"name": "Sale", "kind": "percent", "percent": Decimal(10)} | fields, by=TESTS)


def code(text: str = "FIVE", **terms) -> DiscountCode:
    """A code that takes 5.00 off the order unless its terms say otherwise; `limit` is the code's."""
    limit = terms.pop("limit", None)
    terms = {"name": text, "kind": "fixed", "amount": Decimal(5), "currency": "EUR"} | terms
    return DiscountCode.objects.create(campaign=DiscountCampaign.objects.create(**terms), code=text, limit=limit)


def german_tax() -> None:
    zone = TaxZone.objects.create(code="de", name="Germany", countries=["DE"])
    TaxRate.objects.create(zone=zone, name="VAT 19 %", rate=Decimal("0.19"))


def priced(cart: dict, **changes) -> dict:
    answer = patch(APIClient(), f"carts/{cart['id']}", changes, x_cart_token=cart["token"])
    assert answer.status_code == 200, answer.json()
    return answer.json()


def steps(answer: dict) -> list[tuple[str, str, str]]:
    return [(step["step"], step["rule"], step["amount"]) for step in answer["explanation"]]


def test_every_step_is_explained_and_adds_up(guest):
    rule()
    code()
    german_tax()
    cart = priced(ready_cart(guest, ("MUG", 2), ("TEA", 1)), discount_codes=["five"])
    assert steps(cart) == [
        ("item", "MUG", "20.00"),
        ("item", "TEA", "3.99"),
        ("discount", "Sale", "-2.00"),
        ("discount", "Sale", "-0.40"),
        ("code", "FIVE", "-5.00"),
        ("shipping", "standard", "5.00"),
        ("tax", "VAT 19 %", "3.15"),
        ("tax", "VAT 19 %", "0.95"),
    ]
    assert (cart["subtotal"], cart["discount_total"], cart["tax_total"]) == ("23.99", "7.40", "4.10")
    assert cart["total"] == "25.69"
    assert cart["problems"] == []


def test_the_order_keeps_each_amount_of_the_quote(guest):
    rule()
    code()
    german_tax()
    cart = ready_cart(guest, ("MUG", 2), ("TEA", 1))
    shown = priced(cart, discount_codes=["FIVE"])
    order = post(guest, "orders", {"cart": cart["id"]}, x_cart_token=cart["token"]).json()
    totals = ("subtotal", "discount_total", "shipping_total", "tax_total", "included_tax_total", "total", "explanation")
    assert {name: order[name] for name in totals} == {name: shown[name] for name in totals}
    stored = Order.objects.get(number=order["number"])
    found = LineDiscount.objects.order_by("id").values_list("line__sku", "source", "code", "base", "amount")
    assert list(found) == [
        ("MUG", "rule", "", Decimal("20.0000"), Decimal("2.0000")),
        ("MUG", "code", "FIVE", Decimal("18.0000"), Decimal("4.1700")),
        ("TEA", "rule", "", Decimal("3.9900"), Decimal("0.4000")),
        ("TEA", "code", "FIVE", Decimal("3.5900"), Decimal("0.8300")),
    ]
    taxes = TaxLine.objects.order_by("id").values_list("line__sku", "name", "rate", "base", "amount", "included")
    assert list(taxes) == [
        ("MUG", "VAT 19 %", Decimal("0.190000"), Decimal("13.8300"), Decimal("2.6300"), False),
        ("TEA", "VAT 19 %", Decimal("0.190000"), Decimal("2.7600"), Decimal("0.5200"), False),
        (None, "VAT 19 %", Decimal("0.190000"), Decimal("5.0000"), Decimal("0.9500"), False),
    ]
    charge = stored.shipping_charge
    assert (charge.method, charge.price, charge.tax, charge.total) == ("standard", 5, Decimal("0.95"), Decimal("5.95"))
    assert stored.ship_by is not None
    assert stored.deliver_by is not None
    assert examine(calm=False) == []


def test_prices_that_hold_the_tax_say_how_much(guest):
    german_tax()
    PriceList.objects.create(currency="EUR", name="Euro", includes_tax=True)
    cart = ready_cart(guest, ("MUG", 2))
    assert (cart["tax_total"], cart["included_tax_total"], cart["total"]) == ("0.00", "3.99", "25.00")
    post(guest, "orders", {"cart": cart["id"]}, x_cart_token=cart["token"])
    assert examine(calm=False) == []


def test_a_code_is_used_with_the_order_and_comes_back_with_its_cancellation(guest):
    used = code(limit=1)
    carts = [ready_cart(guest) for _ in range(2)]
    for cart in carts:
        priced(cart, discount_codes=["FIVE"])
    first = post(guest, "orders", {"cart": carts[0]["id"]}, x_cart_token=carts[0]["token"])
    assert first.status_code == 201
    second = post(guest, "orders", {"cart": carts[1]["id"]}, x_cart_token=carts[1]["token"])
    assert (second.status_code, second.json()["code"]) == (409, "code_not_applicable")
    used.refresh_from_db()
    assert used.uses == 1
    order = first.json()
    cancelled = post(guest, f"orders/{order['number']}/cancel", {"reason": "no"}, x_order_token=order["token"])
    assert cancelled.status_code == 200
    used.refresh_from_db()
    assert (used.uses, used.campaign.spent) == (0, 0)
    priced(carts[1])
    again = post(guest, "orders", {"cart": carts[1]["id"]}, x_cart_token=carts[1]["token"])
    assert again.status_code == 201
    assert examine(calm=False) == []


def test_a_paid_order_confirms_its_codes(guest):
    code()
    cart = ready_cart(guest)
    priced(cart, discount_codes=["FIVE"])
    number = post(guest, "orders", {"cart": cart["id"]}, x_cart_token=cart["token"]).json()["number"]
    order = Order.objects.get(number=number)
    assert order.redemptions.get().state == "reserved"
    pay(order)
    assert order.redemptions.get().state == "confirmed"


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ({"minimum_spend": Decimal(50)}, "minimum_spend"),
        ({"skus": ["TEA"]}, "no_goods"),
        ({"currency": "USD"}, "other_currency"),
        ({"active": False}, "inactive"),
        ({"budget": Decimal(4)}, "budget_spent"),
    ],
)
def test_a_code_that_does_not_apply_says_why(guest, terms, reason):
    code(**terms)
    cart = priced(ready_cart(guest), discount_codes=["FIVE"])
    (problem,) = cart["problems"]
    assert (problem["code"], problem["field"], problem["reason"]) == ("code_not_applicable", "discount_codes.0", reason)
    (step,) = (step for step in cart["explanation"] if step["step"] == "code")
    assert (step["amount"], step["reason"], step["detail"]) == ("0.00", reason, problem["detail"])


def test_a_code_for_a_first_order(guest):
    code(first_order_only=True)
    buyer = client_for(UserFactory())
    for status in (201, 409):
        cart = ready_cart(buyer)
        patch(buyer, f"carts/{cart['id']}", {"discount_codes": ["FIVE"]})
        assert post(buyer, "orders", {"cart": cart["id"]}).status_code == status


def test_methods_are_offered_by_zone_and_weight_with_their_promise(guest, time_machine):
    time_machine.move_to("2030-03-01T14:30:00+01:00", tick=False)  # a Friday
    near = ShippingZone.objects.create(code="near", name="Berlin", countries=["DE"], postcodes=["10*"])
    world = ShippingZone.objects.create(code="world", name="World")
    post_ = ShippingMethod.objects.create(code="post", name="Post", handling_days=1, transit_days=3)
    quick = ShippingMethod.objects.create(code="quick", name="Quick", cut_off="14:00", handling_days=0, transit_days=1)
    for zone, method, amount in ((near, post_, "3.90"), (world, post_, "9.90"), (near, quick, "12.50")):
        rate = ShippingRate.objects.create(zone=zone, method=method, currency="EUR")
        ShippingBand.objects.create(rate=rate, upper=Decimal(5000), price=Decimal(amount))
    cart = ready_cart(guest)
    options = get(guest, f"carts/{cart['id']}/shipping-options", x_cart_token=cart["token"]).json()["results"]
    assert options == [
        {
            "code": "post",
            "name": "Post",
            "price": "3.90",
            "currency": "EUR",
            "ship_by": "2030-03-04",
            "deliver_by": "2030-03-07",
        },
        {
            "code": "quick",
            "name": "Quick",
            "price": "12.50",
            "currency": "EUR",
            "ship_by": "2030-03-04",
            "deliver_by": "2030-03-05",
        },
    ]
    assert cart["shipping_total"] == "3.90"
    assert priced(cart, shipping_method="quick")["shipping_total"] == "12.50"
    abroad = priced(cart, shipping_address=ADDRESS | {"country": "FR", "postal_code": "75001"})
    assert [(found["code"], found["field"]) for found in abroad["problems"]] == [("not_deliverable", "shipping_method")]
    assert priced(cart, shipping_method="post")["shipping_total"] == "9.90"


def test_a_business_abroad_accounts_for_the_tax_itself(guest):
    zone = TaxZone.objects.create(code="fr", name="France", countries=["FR"], reverse_charge=True)
    TaxRate.objects.create(zone=zone, name="TVA 20 %", rate=Decimal("0.20"))
    buyer = UserFactory()
    TaxExemption.objects.create(
        user=buyer, kind="vat_number", number="FR40303265045", country="FR", valid_from="2020-01-01"
    )
    client = client_for(buyer)
    cart = ready_cart(client)
    shown = patch(client, f"carts/{cart['id']}", {"shipping_address": ADDRESS | {"country": "FR"}}).json()
    assert (shown["tax_total"], shown["total"]) == ("0.00", "15.00")
    assert [step["reason"] for step in shown["explanation"] if step["step"] == "tax"] == ["reverse_charge"] * 2
    order = post(client, "orders", {"cart": cart["id"]}).json()
    assert set(TaxLine.objects.filter(order__number=order["number"]).values_list("reason", "amount")) == {
        ("reverse_charge", Decimal(0))
    }


def test_a_price_list_sells_in_its_currency(guest):
    product = buyable("CUP", quantity=5)
    yen = PriceList.objects.create(currency="JPY", name="Yen", includes_tax=False)
    ListPrice.objects.create(price_list=yen, product=product, price=Decimal(1500))
    cart = post(
        guest,
        "carts",
        {
            "items": [{"sku": "CUP", "quantity": 1}],
            "currency": "JPY",
            "email": "a@example.com",
            "shipping_address": ADDRESS,
        },
    ).json()
    assert (cart["items"][0]["unit_price"], cart["tax_total"], cart["problems"]) == ("1500", "300", [])


def test_a_cart_of_a_hundred_lines_under_fifty_rules_costs_few_statements(db):
    for number in range(100):
        buyable(f"SKU-{number}", quantity=10)
    for number in range(50):
        rule(name=f"Rule {number}", percent=Decimal(1), skus=[f"SKU-{number}"], lane=1 + number % 3)
    code()
    german_tax()
    user = UserFactory()
    wanted = Wanted(
        lines=[(f"SKU-{number}", 2) for number in range(100)],
        currency="EUR",
        discount_codes=["FIVE"],
        shipping_address=ADDRESS,
        user_id=user.pk,
        has_account=True,
    )
    with CaptureQueriesContext(connection) as captured:
        basket = price(wanted, check_stock=True)
    assert len(captured) <= 10, [query["sql"][:80] for query in captured.captured_queries]
    assert len([cut for line in basket.quote.lines for cut in line.cuts if not cut.code]) == 50


def test_prices_agreed_elsewhere_are_not_reduced(guest):
    rule()
    wanted = Wanted(
        lines=[("MUG", 1)],
        currency="EUR",
        shipping_address=ADDRESS,
        has_account=True,
        agreed_prices={0: Decimal("8.00")},
    )
    assert price(wanted, check_stock=False).quote.discount_total == 0
