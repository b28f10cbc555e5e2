"""Each rule finds what breaks it, and the database refuses what a rule need not look for."""

import pytest
from django.db import IntegrityError, connection, transaction

from audit.doctor import examine
from catalog.models import Product
from catalog.tests.checks import broken_rules
from catalog.tests.factories import CategoryFactory, ProductFactory, ProductImageFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        ("UPDATE catalog_category SET path = 'elsewhere/mugs/' WHERE slug = 'mugs'", "catalog.paths"),
        ("UPDATE catalog_product SET price = 1.005 WHERE sku = 'MAIN'", "catalog.exact_prices"),
        ("UPDATE catalog_product SET currency = 'XXA' WHERE sku = 'MAIN'", "catalog.exact_prices"),
        ("UPDATE catalog_product SET variant_of_id = NULL WHERE sku = 'BLUE'", None),
        (
            "UPDATE catalog_product SET variant_of_id = (SELECT id FROM catalog_product WHERE sku = 'OTHER')"
            " WHERE sku = 'MAIN'",
            "catalog.variants",
        ),
        ("UPDATE inventory_stockitem SET sku = 'ELSE' WHERE sku = 'MAIN'", "catalog.items"),
    ],
)
def test_a_rule_finds_what_breaks_it(sql, rule):
    CategoryFactory(slug="mugs", parent=CategoryFactory(slug="home"))
    main = ProductFactory(sku="MAIN")
    ProductFactory(sku="OTHER")
    ProductFactory(sku="BLUE", variant_of=main)
    assert broken_rules() == []
    with connection.cursor() as cursor:
        cursor.execute(sql)
    assert broken_rules() == ([rule] if rule else [])


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"price": -1}, "product_price_not_negative"),
        ({"sale_price": 10}, "product_sale_price_below_price"),
        ({"sale_price": -1}, "product_sale_price_below_price"),
        ({"sku": "A B"}, "product_sku_well_formed"),
        ({"currency": "eur"}, "product_currency_well_formed"),
        ({"options": []}, "product_options_are_an_object"),
        ({"archived_at": "2026-01-01T00:00:00Z"}, "product_archived_is_not_published"),
        ({"barcode": "1"}, "product_barcode_is_unique"),
    ],
)
def test_the_database_refuses(change, constraint):
    ProductFactory(barcode="1")
    product = ProductFactory()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Product.objects.filter(pk=product.pk).update(**change)


def test_no_product_is_a_variant_of_itself():
    product = ProductFactory()
    with pytest.raises(IntegrityError, match="product_not_a_variant_of_itself"), transaction.atomic():
        Product.objects.filter(pk=product.pk).update(variant_of=product.pk)


def test_every_change_is_in_the_history_however_it_was_made():
    image = ProductImageFactory(product__category=CategoryFactory())
    Product.objects.update(tags=["sale"], options={"colour": "blue"})
    assert image.product.history.count() == 2
    assert [found.invariant.name for found in examine() if found.invariant.name.startswith("history.catalog")] == []
