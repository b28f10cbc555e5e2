"""The pages of rules, price lists and customer groups, and the prices on a product's page."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import CustomerGroup
from accounts.tests.factories import UserFactory
from catalog.discounts.prices import set_list_price
from catalog.discounts.refresh import refresh_rule_prices
from catalog.discounts.tests.rules import ADMIN, rule
from catalog.models import DiscountRule, ListPrice, PriceList, Product
from catalog.services import delete_category
from catalog.tests.checks import broken_rules, facts
from catalog.tests.factories import CategoryFactory, ProductFactory

pytestmark = pytest.mark.django_db
RULES = reverse("admin:catalog_discountrule_changelist")
LISTS = reverse("admin:catalog_pricelist_changelist")
PRODUCT = {
    "sku": "MUG", "name": "Mug", "description": "", "price": "12.50", "sale_price": "", "currency": "EUR", "tags": "",
    "tax_class": "standard", "weight_grams": "0", "barcode": "", "options": "", "category": "", "variant_of": "",
    **{f"{rows}-{count}_FORMS": "0" for rows in ("images", "variants") for count in ("TOTAL", "INITIAL")},
}  # fmt: skip


def desk(role: str = "admin") -> Client:
    client = Client()
    client.force_login(UserFactory(role=role))
    return client


def page(row: Any, name: str = "change") -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{name}", args=(row.pk,))


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def lines(*rows: dict[str, Any], initial: int = 0) -> dict[str, Any]:
    """The rows of the prices in other currencies as the page sends them."""
    typed = {f"list_prices-{n}-{name}": value for n, row in enumerate(rows) for name, value in row.items()}
    return typed | {"list_prices-TOTAL_FORMS": len(rows), "list_prices-INITIAL_FORMS": initial}


def test_the_list_says_what_rules_do_and_whether_they_do_it_now():
    now, day = timezone.now(), timedelta(days=1)
    CategoryFactory(slug="mugs", name="Mugs")
    CustomerGroup.objects.create(code="trade", name="Trade")
    rule(name="First", categories=["mugs"], tags=["gift"])
    rule(name="Second", kind="fixed_off", percent=None, amount=Decimal("2.50"), currency="EUR", ends_at=now - day)
    rule(name="Third", kind="buy_x_get_y", percent=Decimal(100), buy_quantity=2, get_quantity=1, starts_at=now + day)
    rule(name="Fourth", groups=["trade"], active=False, lane=2, exclusive=True)
    body = read(desk("customer_service"), RULES)
    for text in ("10 % off", "Mugs, gift", "2.50 EUR off each unit", "Buy 2, get 1 free", "All goods", "trade",
                 "2, 100 exclusive", "running", "ended", "not started", "off"):  # fmt: skip
        assert text in body, text
    for state, name in (("running", "First"), ("ended", "Second"), ("not started", "Third"), ("off", "Fourth")):
        rows = desk().get(f"{RULES}?state={state}").context["cl"].result_list
        assert [row.name for row in rows] == [name]


def test_a_rule_for_a_category_that_is_gone_does_not_look_like_one_for_everything():
    mugs = CategoryFactory(slug="mugs")
    rule(categories=["mugs"])
    delete_category(category_id=mugs.pk, by=ADMIN)
    body = read(desk(), RULES)
    assert ("A category that is gone" in body, "All goods" in body) == (True, False)


def test_rules_are_switched_off_and_on_and_taken_away():
    sale, client = rule(), desk()
    for action, active in (("switch_off", False), ("switch_on", True)):
        client.post(RULES, {"action": action, "_selected_action": [sale.pk]})
        sale.refresh_from_db()
        assert sale.active is active
    assert sale.version == 3
    client.post(page(sale, "delete"), {"post": "yes"})
    assert (DiscountRule.objects.count(), len(facts("discount_rule"))) == (0, 4)


def test_who_only_looks_changes_nothing():
    sale, client = rule(), desk("customer_service")
    assert "10 % off" in read(client, page(sale))
    assert client.post(page(sale), {"name": "Mine"}).status_code == 403
    assert client.post(page(sale, "delete"), {"post": "yes"}).status_code == 403
    assert client.get(reverse("admin:catalog_discountrule_add")).status_code == 403
    sale.refresh_from_db()
    assert (sale.name, sale.version) == ("Sale", 1)


def test_a_list_costs_the_same_however_long_it_is():
    client, counts = desk(), []
    for number in range(3):
        CategoryFactory(slug=f"mugs-{number}")
        rule(categories=[f"mugs-{number}"])
        with CaptureQueriesContext(connection) as queries:
            read(client, RULES)
        counts.append(len(queries))
    assert (len(set(counts)), counts[0] < 15) == (1, True)


def test_a_product_gets_prices_in_other_currencies_on_its_page():
    mug, client = ProductFactory(sku="MUG", price=Decimal("12.50")), desk()
    assert "Prices in other currencies" not in read(client, page(mug))
    usd, yen = (PriceList.objects.create(currency=code, name=code) for code in ("USD", "JPY"))
    assert "Prices in other currencies" in read(client, page(mug))
    new = [{"price_list": usd.pk, "price": "14.50", "sale_price": "12"}, {"price_list": yen.pk, "price": "2000"}]
    assert client.post(page(mug), PRODUCT | lines(*new)).status_code == 302
    prices = ListPrice.objects.order_by("price_list__currency")
    assert list(prices.values_list("price", "sale_price")) == [(2000, None), (Decimal("14.5"), 12)]
    body = read(client, page(mug))
    assert ('value="14.50"' in body, 'value="2000"' in body) == (True, True)
    first, second = prices
    kept = [{"id": first.pk, "price": "1900"}, {"id": second.pk, "price": "14.50", "sale_price": "12", "DELETE": "on"}]
    assert client.post(page(mug), PRODUCT | lines(*kept, initial=2)).status_code == 302
    assert list(prices.values_list("price_list__currency", "price")) == [("JPY", 1900)]
    assert ("1900 JPY" in read(desk("customer_service"), page(mug)), broken_rules()) == (True, [])


@pytest.mark.parametrize(
    ("currency", "typed", "said"),
    [
        ("JPY", {"price": "14.50"}, "JPY has 0 decimal places."),
        ("JPY", {"price": "14", "sale_price": "14"}, "Below the price."),
        ("JPY", {"price": "-1"}, "Not below 0."),
        ("EUR", {"price": "5"}, "Its own price is in EUR: change it on the product."),
    ],
)
def test_an_unfit_price_is_said_beside_it_and_nothing_saved(currency, typed, said):
    mug = ProductFactory(sku="MUG", price=Decimal("12.50"))
    there = PriceList.objects.create(currency=currency, name=currency)
    answer = desk().post(page(mug), PRODUCT | {"name": "Cup"} | lines({"price_list": there.pk} | typed))
    assert (answer.status_code, said in answer.content.decode()) == (200, True)
    assert (ListPrice.objects.count(), Product.objects.get().name) == (0, "Product MUG")


def test_the_list_of_products_shows_what_is_asked_after_the_rules():
    ProductFactory(sku="MUG", price=Decimal("12.50"))
    rule()
    refresh_rule_prices()
    body = read(desk(), reverse("admin:catalog_product_changelist"))
    assert "<strong>11.25</strong> EUR" in body


@pytest.mark.django_db(transaction=True)
def test_prices_are_pasted_and_every_refused_line_is_named():
    ProductFactory(sku="MUG")
    usd, client = PriceList.objects.create(currency="USD", name="Dollars"), desk()
    assert "Enter prices" in read(client, page(usd))
    typed = "MUG;14.50;12\nNOSUCH;1\n" + "\n".join(f"N-{n};1" for n in range(25))
    answer = client.post(page(usd, "paste"), {"_form_submitted": "True", "prices": typed})
    assert answer["HX-Redirect"] == page(usd)
    body = read(client, page(usd))
    for text in ("Line 2, NOSUCH: There is no such product.", "And 6 more.", "1 of 27 lines taken."):
        assert text in body, text
    assert ListPrice.objects.get().sale_price == 12
    client.post(page(usd, "paste"), {"_form_submitted": "True", "prices": "MUG;1\n" * 2001})
    assert "At most 2000 lines at once." in read(client, page(usd))
    assert ListPrice.objects.get().price == Decimal("14.50")


def test_a_list_is_taken_away_with_its_prices():
    ProductFactory(sku="MUG")
    usd = PriceList.objects.create(currency="USD", name="Dollars")
    set_list_price(sku="MUG", currency="USD", price=Decimal(14), by=ADMIN)
    assert "USD" in read(desk(), LISTS)
    desk().post(page(usd, "delete"), {"post": "yes"})
    assert (PriceList.objects.count(), ListPrice.objects.count()) == (0, 0)


def test_a_customer_group_keeps_its_code_and_is_never_deleted():
    client = desk()
    client.post(reverse("admin:accounts_customergroup_add"), {"name": "Trade", "code": "trade"})
    group = CustomerGroup.objects.get()
    client.post(page(group), {"name": "The trade", "code": "retail"})
    group.refresh_from_db()
    assert (group.name, group.code) == ("The trade", "trade")
    assert client.post(page(group, "delete"), {"post": "yes"}).status_code == 403
    assert CustomerGroup.objects.count() == 1
