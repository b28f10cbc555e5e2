"""What lists show of the rules: one unit, for whoever comes, now."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.models import CustomerGroup
from catalog.discounts.refresh import refresh_rule_prices, refresh_what_turned
from catalog.discounts.services import delete_rule, update_rule
from catalog.discounts.tests.rules import ADMIN, after, rule, shown
from catalog.events import CategoryChanged, DiscountRuleChanged
from catalog.handlers import refresh_prices
from catalog.models import Product
from catalog.services import create_product, update_category, update_product
from catalog.tests.checks import broken_rules, client, facts
from catalog.tests.factories import CategoryFactory, ProductFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/products"


@pytest.fixture
def mug() -> Product:
    return ProductFactory(sku="MUG", price=Decimal("12.50"))


def listed() -> tuple[str, str | None]:
    body = client().get(URL).json()["results"][0]
    return body["price"], body["sale_price"]


@pytest.mark.parametrize(
    ("fields", "left"),
    [
        ({"percent": Decimal(10)}, "11.25"),
        ({"percent": Decimal("33.3333")}, "8.33"),
        ({"percent": Decimal(100)}, "0"),
        ({"kind": "fixed_off", "percent": None, "amount": Decimal(2), "currency": "EUR"}, "10.50"),
        ({"kind": "fixed_off", "percent": None, "amount": Decimal(20), "currency": "EUR"}, "0"),
        ({"kind": "fixed_price", "percent": None, "amount": Decimal(9), "currency": "EUR"}, "9"),
        ({"kind": "tiers", "percent": None, "tiers": [{"from": 1, "percent": "4"}]}, "12.00"),
    ],
)
def test_a_rule_for_everybody_lowers_the_listed_price(mug, fields, left):
    assert after(fields) == Decimal(left)
    assert listed() == ("12.50", f"{Decimal(left):.2f}")
    assert broken_rules() == []


@pytest.mark.parametrize(
    "fields",
    [
        {"active": False},
        {"groups": ["trade"]},
        {"currency": "USD"},
        {"skus": ["TEA"]},
        {"categories": ["mugs"]},
        {"tags": ["gift"]},
        {"starts_at": timezone.now() + timedelta(hours=1)},
        {"ends_at": timezone.now() - timedelta(hours=1)},
        {"kind": "fixed_price", "percent": None, "amount": Decimal("12.50"), "currency": "EUR"},
        {"kind": "tiers", "percent": None, "tiers": [{"from": 2, "percent": "5"}]},
        {"kind": "buy_x_get_y", "buy_quantity": 1, "get_quantity": 1},
    ],
)
def test_other_rules_leave_it_as_it_is(mug, fields):
    ProductFactory(sku="TEA")
    CategoryFactory(slug="mugs")
    CustomerGroup.objects.create(code="trade", name="Trade")
    assert after(fields) is None
    assert client().get(f"{URL}/MUG").json()["sale_price"] is None


def test_lanes_follow_each_other_and_an_exclusive_rule_closes_its_lane(mug):
    ten, five = {"percent": Decimal(10)}, {"percent": Decimal(5)}
    assert after(ten, five) == Decimal("10.69")  # 12.50 → 11.25 → 10.69
    assert after(ten | {"exclusive": True}, five) == Decimal("11.25")
    assert after(ten, five | {"exclusive": True}) == Decimal("11.25")
    assert after(ten, five | {"exclusive": True, "priority": 1}) == Decimal("11.87")  # half a cent taken is rounded up
    assert after(ten | {"exclusive": True}, five | {"lane": 2}) == Decimal("10.69")
    assert after(five | {"lane": 2}, ten | {"exclusive": True}) == Decimal("10.69")


def test_a_sale_price_is_where_the_rules_begin(mug):
    rule()
    update_product(product_id=mug.pk, fields={"sale_price": Decimal("10.00")}, by=ADMIN)
    assert (shown(), listed()) == (Decimal("9.0000"), ("12.50", "9.00"))


def test_a_category_means_all_below_it(mug):
    kitchen = CategoryFactory(slug="kitchen")
    mugs = CategoryFactory(slug="mugs", parent=kitchen)
    rule(categories=["kitchen"])
    update_product(product_id=mug.pk, fields={"category": "mugs"}, by=ADMIN)
    assert shown() == Decimal("11.25")
    update_category(category_id=mugs.pk, fields={"parent": None}, by=ADMIN)
    refresh_prices(CategoryChanged(category_id=mugs.pk))
    assert shown() is None


def test_a_product_has_its_price_in_the_same_transaction():
    rule(tags=["gift"])
    mug = create_product(
        sku="MUG", fields={"name": "Mug", "price": Decimal(20), "currency": "EUR", "tags": ["gift"]}, by=ADMIN
    )
    assert shown() == Decimal("18.00")
    update_product(product_id=mug.pk, fields={"price": Decimal(30)}, by=ADMIN)
    assert shown() == Decimal("27.00")
    update_product(product_id=mug.pk, fields={"tags": []}, by=ADMIN)
    assert (shown(), broken_rules()) == (None, [])


def test_a_gift_card_is_never_reduced():
    ProductFactory(sku="MUG", is_gift_card=True)
    assert after({}) is None


def test_every_change_of_a_rule_is_followed(mug):
    subscriptions = import_string(settings.SUBSCRIPTIONS)
    assert subscriptions[DiscountRuleChanged] == [refresh_prices] == subscriptions[CategoryChanged]
    sale = rule()
    assert (shown(), facts("discount_rule")) == (None, [("DiscountRuleChanged", {"rule_id": sale.pk})])
    refresh_prices(DiscountRuleChanged(rule_id=sale.pk))
    assert shown() == Decimal("11.25")
    update_rule(rule_id=sale.pk, fields={"percent": Decimal(20)}, by=ADMIN)
    refresh_prices(DiscountRuleChanged(rule_id=sale.pk))
    assert shown() == Decimal("10.00")
    delete_rule(rule_id=sale.pk, by=ADMIN)
    refresh_prices(DiscountRuleChanged(rule_id=sale.pk))
    assert (shown(), len(facts("discount_rule"))) == (None, 3)


def test_rules_that_begin_and_end_are_followed_by_the_clock(mug):
    now, minutes = timezone.now(), timedelta(minutes=5)
    assert refresh_what_turned(minutes) == 0
    sale = rule(starts_at=now - timedelta(seconds=30), ends_at=now + timedelta(days=1))
    assert (refresh_what_turned(minutes), shown()) == (1, Decimal("11.25"))
    update_rule(rule_id=sale.pk, fields={"starts_at": now - timedelta(days=1), "ends_at": now}, by=ADMIN)
    assert (refresh_what_turned(minutes), shown()) == (1, None)
    update_rule(rule_id=sale.pk, fields={"ends_at": now + timedelta(days=1)}, by=ADMIN)
    with CaptureQueriesContext(connection) as queries:
        assert refresh_what_turned(minutes) == 0
    assert len(queries) == 1


def test_the_etag_follows_the_asked_price_and_the_history_does_not(mug):
    before = client().get(f"{URL}/MUG")["ETag"]
    rule()
    refresh_rule_prices()
    answer = client().get(f"{URL}/MUG", headers={"If-None-Match": before})
    assert (answer.status_code, answer.json()["sale_price"], answer.json()["version"]) == (200, "11.25", 1)
    assert answer["ETag"] != before
    assert mug.history.count() == 1


def test_lists_filter_and_order_by_what_is_asked(mug):
    ProductFactory(sku="TEA", price=Decimal("12.00"))
    rule(skus=["MUG"])
    refresh_rule_prices()

    def found(query: str) -> list[str]:
        return [row["sku"] for row in client().get(f"{URL}?{query}").json()["results"]]

    assert (found("ordering=price"), found("ordering=-price")) == (["MUG", "TEA"], ["TEA", "MUG"])
    assert (found("price_max=11.25"), found("price_min=11.26")) == (["MUG"], ["TEA"])


def test_only_what_differs_is_written_in_few_statements():
    ProductFactory.create_batch(20)
    ProductFactory(sku="MUG", price=Decimal("12.50"))
    rule(skus=["MUG"])
    with CaptureQueriesContext(connection) as queries:
        assert refresh_rule_prices() == 1
    written = [query["sql"] for query in queries if query["sql"].startswith("UPDATE")]
    assert (len(written), len(queries) <= 12) == (1, True)
    with CaptureQueriesContext(connection) as queries:
        assert refresh_rule_prices() == 0
    assert len(queries) <= 4
