"""Products over HTTP: who may, what comes back, what is refused."""

from decimal import Decimal

import pytest

from accounts.tests.factories import UserFactory
from catalog.models import Product
from catalog.serializers import ProductBody, ProductSummary
from catalog.services import update_product
from catalog.tests.checks import admin, broken_rules, client, facts, partner, problem
from catalog.tests.factories import CategoryFactory, ProductFactory, ProductImageFactory
from inventory.models import StockItem

pytestmark = pytest.mark.django_db
URL = "/api/v1/products"
MUG = {"sku": "MUG", "name": "Mug", "price": "12.50"}


def test_an_admin_enters_a_product():
    CategoryFactory(slug="mugs", parent=CategoryFactory(slug="home"))
    answer = admin().post(
        URL,
        MUG | {"currency": "EUR", "category": "mugs", "tags": ["Tea Time"], "options": {"colour": "blue"},
               "weight_grams": 350, "barcode": "4006381333931", "published": True, "description": "Holds\ntea."},
    )  # fmt: skip
    assert (answer.status_code, answer["Location"]) == (201, "http://testserver/api/v1/products/MUG")
    body = answer.json()
    assert {name: body[name] for name in body if not name.endswith("_at")} == {
        "sku": "MUG", "name": "Mug", "description": "Holds\ntea.", "price": "12.50", "sale_price": None,
        "currency": "EUR", "category": "mugs", "category_path": ["home", "mugs"], "tags": ["tea-time"],
        "tax_class": "standard", "weight_grams": 350, "barcode": "4006381333931", "options": {"colour": "blue"},
        "variant_of": None, "variants": [], "images": [], "image": None, "available": 0, "is_gift_card": False,
        "availability": "out_of_stock", "published": True, "prices": [], "version": 1,
    }  # fmt: skip
    assert body["archived_at"] is None
    assert [name for name, _ in facts()] == ["ProductCreated"]
    assert broken_rules() == []


def test_answers_have_the_fields_the_document_promises():
    ProductFactory(sku="MUG")
    listed = client().get(URL).json()["results"][0]
    assert set(listed) == set(ProductSummary().fields)
    assert set(client().get(f"{URL}/MUG").json()) == set(ProductBody().fields)


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"price": "-1"}, ["price"]),
        ({"price": "1.005"}, ["price"]),
        ({"price": "500.5", "currency": "JPY"}, ["price"]),
        ({"price": "1e400"}, ["price"]),
        ({"price": "NaN"}, ["price"]),
        ({"price": "9999999999999"}, ["price"]),
        ({"price": True}, ["price"]),
        ({"price": None}, ["price"]),
        ({"price": []}, ["price"]),
        ({"currency": "EUX"}, ["currency"]),
        ({"currency": "eur"}, ["currency"]),
        ({"sale_price": "12.50"}, ["sale_price"]),
        ({"category": "unknown"}, ["category"]),
        ({"category": 7}, ["category"]),
        ({"variant_of": "UNKNOWN"}, ["variant_of"]),
        ({"name": "a\x00b"}, ["name"]),
        ({"name": ""}, ["name"]),
        ({"name": "x" * 201}, ["name"]),
        ({"description": "\x00"}, ["description"]),
        ({"tags": ["\x00"]}, ["tags.0"]),
        ({"tags": "gift"}, ["tags"]),
        ({"tags": ["カ"]}, ["tags"]),
        ({"weight_grams": 1.5}, ["weight_grams"]),
        ({"weight_grams": -1}, ["weight_grams"]),
        ({"weight_grams": 10**9}, ["weight_grams"]),
        ({"options": {"colour": {"a": "b"}}}, ["options.colour"]),
        ({"options": ["a"]}, ["options"]),
        ({"published": "yes"}, ["published"]),
        ({"sku": "A B"}, ["sku"]),
        ({"sku": "../x"}, ["sku"]),
        ({"sku": "bulk"}, ["sku"]),
        ({"tax_class": "A B"}, ["tax_class"]),
    ],
)
def test_bad_input_is_refused_by_name(change, fields):
    assert problem(admin().post(URL, MUG | change)) == (400, "invalid", fields)
    assert (Product.objects.count(), StockItem.objects.count(), facts()) == (0, 0, [])


def test_what_is_missing_is_named():
    assert problem(admin().post(URL, {})) == (400, "required", ["sku", "name", "price"])
    assert problem(admin().post(URL, ["MUG"]))[:2] == (400, "invalid")


def test_a_taken_sku_is_refused():
    ProductFactory(sku="MUG", published=False)
    assert problem(admin().post(URL, MUG)) == (409, "sku_taken", ["sku"])
    assert Product.objects.count() == 1


def test_only_admins_and_partners_who_keep_the_catalogue_write():
    ProductFactory(sku="OLD")
    for caller, status in (
        (client(), 401),
        (client(UserFactory()), 403),
        (client(UserFactory(customer_service=True)), 403),
        (client(UserFactory(warehouse=True)), 403),
        (partner("orders:write"), 403),
    ):
        assert caller.post(URL, MUG).status_code == status
        assert caller.patch(f"{URL}/OLD", {"name": "x"}).status_code == status
        assert caller.delete(f"{URL}/OLD").status_code == status
        assert caller.post(f"{URL}/bulk", {"items": [MUG]}, HTTP_IDEMPOTENCY_KEY="k").status_code == status
    assert partner("catalog:write").post(URL, MUG).status_code == 201
    assert Product.objects.get(sku="MUG").history.get().actor.startswith("partner:")


def test_what_is_not_on_sale_is_hidden_from_all_but_those_who_keep_it():
    ProductFactory(sku="HIDDEN", published=False)
    for caller in (client(), client(UserFactory()), partner("orders:write")):
        assert caller.get(f"{URL}/HIDDEN").status_code == 404
        assert caller.get(URL, {"published": "false"}).json()["results"] == []
    staff = [client(UserFactory(customer_service=True)), client(UserFactory(warehouse=True))]
    for caller in (*staff, admin(), partner("catalog:write")):
        assert caller.get(f"{URL}/HIDDEN").json()["published"] is False
        assert [row["sku"] for row in caller.get(URL).json()["results"]] == ["HIDDEN"]


@pytest.mark.parametrize("sku", ["UNKNOWN", "%00", "%F0%9F%98%80", "a%20b", "x" * 300])
def test_an_unknown_product_is_not_found(sku):
    assert client().get(f"{URL}/{sku}").status_code == 404


def test_a_product_with_stock_pictures_and_variants():
    main = ProductFactory(sku="MAIN", stock=250)
    ProductFactory(sku="BLUE", variant_of=main, options={"colour": "blue"}, sale_price=Decimal("9.99"), stock=3)
    ProductFactory(sku="HIDDEN", variant_of=main, published=False)
    second = ProductImageFactory(product=main, position=2)
    first = ProductImageFactory(product=main, position=1, thumbnail="products/t.jpg", alt="Front")
    body = client().get(f"{URL}/MAIN").json()
    assert body["available"] == 100  # the most that is told
    assert [image["id"] for image in body["images"]] == [first.pk, second.pk]
    assert body["images"][0] == {
        "id": first.pk, "alt": "Front", "position": 1, "width": 100, "height": 100,
        "url": f"http://testserver/media/{first.file.name}", "thumbnail_url": "http://testserver/media/products/t.jpg",
    }  # fmt: skip
    assert body["image"] == body["images"][0]
    assert body["images"][1]["thumbnail_url"] is None
    assert body["variants"] == [
        {"sku": "BLUE", "name": "Product BLUE", "options": {"colour": "blue"}, "price": "10.00", "sale_price": "9.99",
         "currency": "EUR", "available": 3, "availability": "in_stock", "promised_at": None, "image": None, "published": True}
    ]  # fmt: skip
    variant = client().get(f"{URL}/BLUE").json()
    assert (variant["variant_of"], variant["variants"]) == ("MAIN", [])


def test_amounts_have_the_exact_decimals_of_their_currency():
    ProductFactory(sku="JP", price=Decimal(500), currency="JPY")
    ProductFactory(sku="KW", price=Decimal("1.25"), currency="KWD")
    assert client().get(f"{URL}/JP").json()["price"] == "500"
    assert client().get(f"{URL}/KW").json()["price"] == "1.250"


def test_an_unchanged_product_is_not_sent_again_and_stock_changes_it():
    product = ProductFactory(sku="MUG", stock=1)
    tag = client().get(f"{URL}/MUG")["ETag"]
    again = client().get(f"{URL}/MUG", HTTP_IF_NONE_MATCH=tag)
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
    product.item.levels.update(on_hand=5)
    assert client().get(f"{URL}/MUG", HTTP_IF_NONE_MATCH=tag).json()["available"] == 5


def test_a_change_is_guarded_by_the_version_seen():
    ProductFactory(sku="MUG", name="Mug")
    caller = admin()
    tag = caller.get(f"{URL}/MUG")["ETag"]
    changed = caller.patch(f"{URL}/MUG", {"name": "Cup", "sku": "MUG"}, HTTP_IF_MATCH=tag)
    assert (changed.status_code, changed.json()["name"], changed.json()["version"]) == (200, "Cup", 2)
    for stale in (tag, '"1"', '"x"', '""'):
        assert problem(caller.patch(f"{URL}/MUG", {"name": "Jar"}, HTTP_IF_MATCH=stale))[:2] == (412, "stale_version")
        assert problem(caller.delete(f"{URL}/MUG", HTTP_IF_MATCH=stale))[:2] == (412, "stale_version")
    assert (Product.objects.get().name, Product.objects.get().published) == ("Cup", True)
    for fits in (changed["ETag"], f"W/{changed['ETag']}", '"9", "2"', "*"):
        assert caller.patch(f"{URL}/MUG", {"name": "Cup"}, HTTP_IF_MATCH=fits).status_code == 200


def test_a_product_becomes_a_gift_card_and_a_plain_one_again():
    ProductFactory(sku="GIFT")
    caller = admin()
    for wanted in (True, False):
        assert caller.patch(f"{URL}/GIFT", {"is_gift_card": wanted}).json()["is_gift_card"] is wanted
    assert problem(caller.patch(f"{URL}/GIFT", {"is_gift_card": "yes"})) == (400, "invalid", ["is_gift_card"])


def test_a_change_touches_only_what_is_given_and_never_the_sku():
    ProductFactory(sku="MUG", sale_price=Decimal(8), tags=["gift"])
    caller = admin()
    body = caller.patch(f"{URL}/MUG", {"sale_price": None, "archived_at": "2020-01-01T00:00:00Z", "version": 9}).json()
    assert (body["sale_price"], body["tags"], body["archived_at"], body["version"]) == (None, ["gift"], None, 2)
    assert problem(caller.patch(f"{URL}/MUG", {"sku": "CUP"})) == (400, "invalid", ["sku"])
    assert problem(caller.patch(f"{URL}/MUG", {"price": "-1"})) == (400, "invalid", ["price"])
    assert caller.patch(f"{URL}/UNKNOWN", {"name": "x"}).status_code == 404


def test_deleting_withdraws():
    ProductFactory(sku="MUG")
    caller = admin()
    assert [caller.delete(f"{URL}/MUG").status_code for _ in range(2)] == [204, 204]
    assert client().get(f"{URL}/MUG").status_code == 404
    assert caller.get(URL).json()["results"] == []
    (row,) = caller.get(URL, {"archived": "true"}).json()["results"]
    assert (row["sku"], row["published"], row["archived_at"] is not None) == ("MUG", False, True)
    assert problem(caller.post(URL, MUG)) == (409, "sku_taken", ["sku"])
    update_product(product_id=Product.objects.get().pk, fields={"published": True}, by=UserFactory().as_actor())
    assert client().get(f"{URL}/MUG").status_code == 200
