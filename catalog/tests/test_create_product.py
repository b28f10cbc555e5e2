from decimal import Decimal

import pytest

from api.actors import Actor
from catalog.errors import BarcodeTaken, NestedVariant, SkuTaken
from catalog.models import Product
from catalog.services import create_product
from catalog.tests.checks import facts
from catalog.tests.factories import CategoryFactory, ProductFactory
from inventory.models import StockItem
from inventory.tests.checks import refused
from kernel.errors import Invalid

pytestmark = pytest.mark.django_db
ADMIN = Actor.user(7)
PLAIN = {"name": "Mug", "price": Decimal("12.50")}


def test_creates_the_product_with_its_item_history_and_fact():
    CategoryFactory(slug="mugs")
    product = create_product(
        sku="MUG", fields={**PLAIN, "category": "mugs", "tags": ["Tea Time", "blue", "tea-time"]}, by=ADMIN
    )
    product.refresh_from_db()
    assert (product.price, product.currency, product.published, product.version) == (Decimal("12.5"), "EUR", False, 1)
    assert (product.category.slug, product.tags, product.item.sku) == ("mugs", ["blue", "tea-time"], "MUG")
    assert [(row.history_type, row.actor, row.sku) for row in product.history.all()] == [("+", "user:7", "MUG")]
    assert facts() == [("ProductCreated", {"product_id": product.pk})]


def test_takes_over_an_item_that_stock_already_knows():
    item = StockItem.objects.create(sku="MUG")
    assert create_product(sku="MUG", fields=PLAIN, by=ADMIN).item == item


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"price": Decimal("-0.01")}, "price"),
        ({"price": None}, "price"),
        ({"price": Decimal("12.505")}, "price"),
        ({"price": Decimal("500.5"), "currency": "JPY"}, "price"),
        ({"price": Decimal(10) ** 15}, "price"),
        ({"sale_price": Decimal("12.50")}, "sale_price"),
        ({"sale_price": Decimal(-1)}, "sale_price"),
        ({"sale_price": Decimal("1.005")}, "sale_price"),
        ({"currency": "EUX"}, "currency"),
        ({"category": "unknown"}, "category"),
        ({"variant_of": "unknown"}, "variant_of"),
        ({"tags": ["!!!"]}, "tags"),
        ({"weight_grams": -1}, "weight_grams"),
        ({"tax_class": "A B"}, "tax_class"),
        ({"name": "x" * 201}, "name"),
    ],
)
def test_refuses_what_is_wrong_and_names_it(fields, field):
    with refused(Invalid) as refusal:
        create_product(sku="MUG", fields={**PLAIN, **fields}, by=ADMIN)
    assert [problem.field for problem in refusal.value.problems] == [field]
    assert (Product.objects.count(), StockItem.objects.count(), facts()) == (0, 0, [])


@pytest.mark.parametrize("sku", ["", "-A", "A B", "A/B", "A\n", "ä", "x" * 65, "bulk"])
def test_refuses_a_malformed_sku(sku):
    with refused(Invalid) as refusal:
        create_product(sku=sku, fields=PLAIN, by=ADMIN)
    assert [problem.field for problem in refusal.value.problems] == ["sku"]


def test_a_sku_stays_taken_also_by_a_withdrawn_product():
    ProductFactory(sku="MUG", published=False)
    with refused(SkuTaken):
        create_product(sku="MUG", fields=PLAIN, by=ADMIN)
    assert (Product.objects.count(), facts()) == (1, [])


def test_a_barcode_belongs_to_one_product():
    ProductFactory(barcode="4006381333931")
    with refused(BarcodeTaken):
        create_product(sku="MUG", fields={**PLAIN, "barcode": "4006381333931"}, by=ADMIN)
    assert StockItem.objects.filter(sku="MUG").count() == 0


def test_a_variant_of_a_variant_is_refused():
    main = ProductFactory(sku="MAIN")
    ProductFactory(sku="BLUE", variant_of=main)
    with refused(NestedVariant):
        create_product(sku="DARK-BLUE", fields={**PLAIN, "variant_of": "BLUE"}, by=ADMIN)
    assert create_product(sku="RED", fields={**PLAIN, "variant_of": "MAIN"}, by=ADMIN).variant_of == main
