from decimal import Decimal

import pytest

from api.actors import Actor
from catalog.errors import BarcodeTaken, NestedVariant
from catalog.services import update_product, withdraw_product
from catalog.tests.checks import facts
from catalog.tests.factories import CategoryFactory, ProductFactory
from inventory.tests.checks import refused
from kernel.errors import Invalid, StaleVersion

pytestmark = pytest.mark.django_db
ADMIN = Actor.user(7)


def test_changes_what_is_given_and_nothing_else():
    product = ProductFactory(name="Mug", description="Holds tea.")
    category = CategoryFactory(slug="mugs")
    changed = update_product(
        product_id=product.pk, fields={"sale_price": Decimal("8.00"), "category": "mugs"}, by=ADMIN
    )
    changed.refresh_from_db()
    assert (changed.effective_price, changed.price, changed.version) == (Decimal("8.0000"), Decimal("10.0000"), 2)
    assert (changed.category, changed.description) == (category, "Holds tea.")
    assert facts() == [("ProductChanged", {"product_id": product.pk, "version": 2})]
    latest, _ = product.history.all()
    assert (latest.history_type, latest.actor, latest.sale_price) == ("~", "user:7", Decimal("8.0000"))


def test_what_stays_the_same_is_no_change():
    product = ProductFactory(name="Mug")
    assert update_product(product_id=product.pk, fields={"name": "Mug", "price": Decimal(10)}, by=ADMIN).version == 1
    assert (product.history.count(), facts()) == (1, [])


def test_another_version_is_refused():
    product = ProductFactory(name="Mug")
    with refused(StaleVersion):
        update_product(product_id=product.pk, fields={"name": "Cup"}, by=ADMIN, versions=[2])
    product.refresh_from_db()
    assert (product.name, product.version, facts()) == ("Mug", 1, [])
    assert update_product(product_id=product.pk, fields={"name": "Cup"}, by=ADMIN, versions=[1]).version == 2


def test_prices_stay_exact_when_the_currency_changes():
    product = ProductFactory(price=Decimal("10.50"))
    with refused(Invalid) as refusal:
        update_product(product_id=product.pk, fields={"currency": "JPY"}, by=ADMIN)
    assert [(found.field, found.code) for found in refusal.value.problems] == [("price", "max_decimal_places")]


def test_a_price_cut_below_the_sale_price_is_refused():
    product = ProductFactory(sale_price=Decimal("8.00"))
    with refused(Invalid) as refusal:
        update_product(product_id=product.pk, fields={"price": Decimal("8.00")}, by=ADMIN)
    assert refusal.value.problems[0].field == "sale_price"


def test_a_product_with_variants_becomes_no_variant_and_none_of_itself():
    main, other = ProductFactory(sku="MAIN"), ProductFactory(sku="OTHER")
    ProductFactory(variant_of=main)
    with refused(NestedVariant):
        update_product(product_id=main.pk, fields={"variant_of": "OTHER"}, by=ADMIN)
    with refused(Invalid):
        update_product(product_id=other.pk, fields={"variant_of": "OTHER"}, by=ADMIN)
    main.refresh_from_db()
    assert main.variant_of is None


def test_a_taken_barcode_is_refused():
    ProductFactory(barcode="123")
    product = ProductFactory()
    with refused(BarcodeTaken):
        update_product(product_id=product.pk, fields={"barcode": "123"}, by=ADMIN)


def test_withdrawing_takes_it_off_sale_once_and_publishing_brings_it_back():
    product = ProductFactory()
    gone = withdraw_product(product_id=product.pk, by=ADMIN)
    assert (gone.published, gone.archived_at is not None, gone.version) == (False, True, 2)
    assert withdraw_product(product_id=product.pk, by=ADMIN).version == 2
    assert facts() == [("ProductWithdrawn", {"product_id": product.pk})]
    back = update_product(product_id=product.pk, fields={"published": True}, by=ADMIN)
    back.refresh_from_db()
    assert (back.on_sale, back.archived_at, back.version) == (True, None, 3)


def test_withdrawing_another_version_is_refused():
    product = ProductFactory()
    with refused(StaleVersion):
        withdraw_product(product_id=product.pk, by=ADMIN, versions=[5])
    product.refresh_from_db()
    assert product.on_sale
