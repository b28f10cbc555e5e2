from decimal import Decimal

import pytest

from catalog.models import ListPrice, PriceList
from catalog.services import ProductFacts, sellable
from catalog.tests.factories import ProductFactory

pytestmark = pytest.mark.django_db


def test_facts_of_products_on_sale_in_one_statement(django_assert_num_queries):
    mug = ProductFactory(sku="MUG", name="Mug", options={"colour": "blue"}, weight_grams=350)
    ProductFactory(sku="CUP", price=Decimal("8.00"), sale_price=Decimal("6.50"), currency="GBP", tax_class="reduced")
    with django_assert_num_queries(1):
        found = sellable(["MUG", "CUP"], "EUR")
    assert found["MUG"] == ProductFacts(
        mug.id, "MUG", "Mug", {"colour": "blue"}, Decimal("10.0000"), "EUR", "standard", 350, tags=[]
    )
    assert (found["CUP"].price, found["CUP"].currency, found["CUP"].tax_class) == (Decimal("6.5000"), "GBP", "reduced")


def test_what_is_not_on_sale_is_absent():
    ProductFactory(sku="HIDDEN", published=False)
    assert sellable(["HIDDEN", "UNKNOWN"], "EUR") == {}


def test_another_currency_has_the_price_of_its_list():
    mug = ProductFactory(sku="MUG")
    usd = PriceList.objects.create(currency="USD", name="Dollars")
    ListPrice.objects.create(price_list=usd, product=mug, price=Decimal("14.00"), sale_price=Decimal("12.00"))
    ProductFactory(sku="CUP", price=Decimal("8.00"))
    found = sellable(["MUG", "CUP"], "USD")
    assert (found["MUG"].price, found["MUG"].currency) == (Decimal("12.0000"), "USD")
    assert (found["CUP"].price, found["CUP"].currency) == (Decimal("8.0000"), "EUR")
    PriceList.objects.update(active=False)
    assert sellable(["MUG"], "USD")["MUG"].currency == "EUR"
