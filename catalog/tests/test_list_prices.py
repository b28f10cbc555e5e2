"""What products cost in other currencies than their own: over HTTP and pasted as a list."""

from decimal import Decimal

import pytest

from api.actors import Actor
from catalog.discounts.prices import delete_price_list, save_pasted, save_price_list, set_list_price
from catalog.models import ListPrice, PriceList, Product
from catalog.services import sellable, update_product
from catalog.tests.checks import admin, broken_rules, client, facts, problem
from catalog.tests.factories import ProductFactory
from inventory.tests.checks import refused
from kernel.errors import Invalid, NotFound

pytestmark = pytest.mark.django_db
URL = "/api/v1/products"
STAFF = Actor.user(7)
MUG = {"sku": "MUG", "name": "Mug", "price": "12.50", "currency": "EUR", "published": True}
USD = {"currency": "USD", "price": "14.50", "sale_price": None}


@pytest.fixture(autouse=True)
def lists():
    for currency in ("USD", "JPY", "KWD"):
        PriceList.objects.create(currency=currency, name=currency)


def listed() -> list[tuple[str, Decimal, Decimal | None]]:
    rows = ListPrice.objects.order_by("price_list__currency")
    return list(rows.values_list("price_list__currency", "price", "sale_price"))


def asked(sku: str, currency: str) -> tuple[Decimal, str]:
    fact = sellable([sku], currency)[sku]
    return fact.price, fact.currency


def test_a_product_is_entered_with_prices_in_other_currencies():
    prices = [{"currency": "USD", "price": "14.50"}, {"currency": "JPY", "price": "2000", "sale_price": "1800"}]
    answer = admin().post(URL, MUG | {"prices": prices})
    assert answer.status_code == 201
    assert answer.json()["prices"] == [{"currency": "JPY", "price": "2000", "sale_price": "1800"}, USD]
    assert client().get(f"{URL}/MUG").json()["prices"] == answer.json()["prices"]
    assert asked("MUG", "USD") == (Decimal("14.5000"), "USD")
    assert asked("MUG", "JPY") == (Decimal("1800.0000"), "JPY")
    assert asked("MUG", "KWD") == (Decimal("12.5000"), "EUR")
    assert (answer.json()["version"], broken_rules()) == (1, [])


def test_only_the_currencies_that_are_named_change():
    caller = admin()
    caller.post(URL, MUG | {"prices": [USD, {"currency": "KWD", "price": "4.125"}]})
    answer = caller.patch(f"{URL}/MUG", {"prices": [{"currency": "USD", "price": "15"}]})
    assert answer.json()["prices"] == [
        {"currency": "KWD", "price": "4.125", "sale_price": None}, USD | {"price": "15.00"},
    ]  # fmt: skip
    assert answer.json()["version"] == 2
    answer = caller.patch(f"{URL}/MUG", {"prices": [{"currency": "KWD", "price": None}]})
    assert answer.json()["prices"] == [USD | {"price": "15.00"}]
    assert [name for name, _ in facts()] == ["ProductCreated", "ProductChanged", "ProductChanged"]


def test_the_same_prices_again_are_no_change():
    caller = admin()
    caller.post(URL, MUG | {"prices": [USD]})
    answer = caller.patch(f"{URL}/MUG", {"prices": [USD, {"currency": "JPY", "price": None}]})
    assert (answer.json()["version"], [name for name, _ in facts()]) == (1, ["ProductCreated"])


@pytest.mark.parametrize(
    ("prices", "field", "said"),
    [
        (
            [{"currency": "EUR", "price": "1"}],
            "prices.0.currency",
            "Its own price is in EUR: change it on the product.",
        ),
        ([{"currency": "CHF", "price": "1"}], "prices.0.currency", "There is no price list for CHF."),
        ([{"currency": "usd", "price": "1"}], "prices.0.currency", "An ISO 4217 currency code, such as EUR."),
        ([USD, {"currency": "JPY", "price": "1.5"}], "prices.1.price", "JPY has 0 decimal places."),
        ([{"currency": "KWD", "price": "1.2345"}], "prices.0.price", "KWD has 3 decimal places."),
        ([{"currency": "USD", "price": "5", "sale_price": "5"}], "prices.0.sale_price", "Below the price."),
        ([{"currency": "USD", "price": None, "sale_price": "5"}], "prices.0.sale_price", "Below the price."),
        ([{"currency": "USD", "price": "-1"}], "prices.0.price", "Ensure this value is greater than or equal to 0."),
        ([{"currency": "USD"}], "prices.0.price", "This field is required."),
        ([USD, USD], "prices", "Each currency once."),
    ],
)
def test_an_unfit_list_price_is_refused_and_nothing_changed(prices, field, said):
    product = ProductFactory(sku="MUG", price=Decimal("12.50"))
    answer = admin().patch(f"{URL}/MUG", {"name": "Cup", "prices": prices})
    status, _, fields = problem(answer)
    assert (status, fields, answer.json()["errors"][0]["detail"]) == (400, [field], said)
    product.refresh_from_db()
    assert (product.name, product.version, listed(), facts()) == ("Product MUG", 1, [], [])


def test_many_products_are_entered_with_their_prices():
    ProductFactory(sku="TEA")
    items = [MUG | {"prices": [USD]}, {"sku": "TEA", "prices": [{"currency": "CHF", "price": "1"}]},
             {"sku": "TEA", "prices": [USD]}]  # fmt: skip
    answer = admin().post(f"{URL}/bulk", {"items": items}, headers={"Idempotency-Key": "prices"})
    assert [result["status"] for result in answer.json()["results"]] == ["created", "refused", "updated"]
    assert listed() == [("USD", Decimal("14.5000"), None)] * 2


def test_a_list_that_is_switched_off_offers_nothing():
    admin().post(URL, MUG | {"prices": [USD]})
    usd = PriceList.objects.get(currency="USD")
    save_price_list(list_id=usd.pk, fields={"active": False}, by=STAFF)
    assert client().get(f"{URL}/MUG").json()["prices"] == []
    assert asked("MUG", "USD") == (Decimal("12.5000"), "EUR")


def test_the_own_currency_leaves_its_list():
    admin().post(URL, MUG | {"prices": [USD]})
    product = Product.objects.get()
    update_product(product_id=product.pk, fields={"currency": "USD", "price": Decimal(15)}, by=STAFF)
    assert (listed(), asked("MUG", "USD"), broken_rules()) == ([], (Decimal("15.0000"), "USD"), [])


def test_a_price_set_on_its_list_is_a_change_of_the_product():
    product = ProductFactory(sku="MUG")
    for price in (Decimal(9), Decimal(9), None):
        set_list_price(sku="MUG", currency="USD", price=price, by=STAFF)
    assert [fact["version"] for _, fact in facts()] == [2, 3]
    assert (listed(), [row.history_type for row in ListPrice.history.order_by("history_id")]) == ([], ["+", "-"])
    product.refresh_from_db()
    assert product.version == 3


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({"sku": "NOSUCH"}, "sku", "There is no such product."),
        ({"currency": "EUR"}, "currency", "Its own price is in EUR: change it on the product."),
        ({"price": Decimal(-1)}, "price", "Not below 0."),
        ({"sale_price": Decimal(9)}, "sale_price", "Below the price."),
    ],
)
def test_what_is_wrong_with_a_price_is_said_of_its_field(given, field, said):
    ProductFactory(sku="MUG")
    with refused(Invalid) as refusal:
        set_list_price(**({"sku": "MUG", "currency": "USD", "price": Decimal(9), "by": STAFF} | given))
    assert [(problem.field, problem.detail) for problem in refusal.value.problems] == [(field, said)]
    assert (listed(), facts()) == ([], [])


@pytest.mark.django_db(transaction=True)
def test_a_pasted_list_has_a_result_for_each_line():
    ProductFactory(sku="MUG")
    ProductFactory(sku="TEA")
    ProductFactory(sku="USA", currency="USD")
    usd = PriceList.objects.get(currency="USD")
    text = "MUG; 14.50; 12\n\nTEA\t9.99\nNOSUCH;1\nUSA;1\nMUG;1,50\nTEA;5;6\nTEA;1.005"
    results = save_pasted(list_id=usd.pk, text=text, by=STAFF)
    assert [(line.number, line.sku, line.refusal) for line in results] == [
        (1, "MUG", ""),
        (3, "TEA", ""),
        (4, "NOSUCH", "There is no such product."),
        (5, "USA", "Its own price is in USD: change it on the product."),
        (6, "MUG", "1,50 is no amount."),
        (7, "TEA", "Below the price."),
        (8, "TEA", "USD has 2 decimal places."),
    ]
    assert listed() == [("USD", Decimal("14.5000"), Decimal("12.0000")), ("USD", Decimal("9.9900"), None)]
    assert save_pasted(list_id=usd.pk, text="MUG;", by=STAFF)[0].refusal == ""
    assert listed() == [("USD", Decimal("9.9900"), None)]


def test_a_list_is_entered_once_a_currency_and_taken_away_with_its_prices():
    euro = save_price_list(list_id=None, fields={"currency": "EUR", "name": "Euro", "includes_tax": True}, by=STAFF)
    assert (euro.includes_tax, euro.active) == (True, True)
    changed = save_price_list(list_id=euro.pk, fields={"currency": "CHF", "name": "Europe"}, by=STAFF)
    assert (changed.currency, changed.name) == ("EUR", "Europe")
    for fields in ({"currency": "EUR", "name": "Again"}, {"currency": "EUX", "name": "None such"}):
        with refused(Invalid):
            save_price_list(list_id=None, fields=fields, by=STAFF)
    assert PriceList.objects.count() == 4
    admin().post(URL, MUG | {"prices": [USD]})
    delete_price_list(list_id=PriceList.objects.get(currency="USD").pk, by=STAFF)
    assert (listed(), client().get(f"{URL}/MUG").json()["prices"]) == ([], [])
    with refused(NotFound):
        delete_price_list(list_id=0, by=STAFF)
