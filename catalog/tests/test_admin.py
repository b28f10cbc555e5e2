"""The pages of the back office: everything is done through the services."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.tests.factories import UserFactory
from catalog.models import Category, Product, ProductImage
from catalog.services import update_product
from catalog.tests.checks import broken_rules, facts
from catalog.tests.factories import CategoryFactory, ProductFactory, ProductImageFactory, picture

pytestmark = pytest.mark.django_db
LIST = "/admin/catalog/product/"
SUBMIT = {"_form_submitted": "True"}
NO_PICTURES = {f"{rows}-{count}_FORMS": "0" for rows in ("images", "variants") for count in ("TOTAL", "INITIAL")}
PLAIN = {
    "sku": "MUG", "name": "Mug", "description": "", "price": "12.50", "sale_price": "", "currency": "EUR",
    "tags": "Tea Time, gift", "tax_class": "standard", "weight_grams": "350", "barcode": "",
    "options": "colour: blue\nsize: 350 ml", "published": "on", "category": "", "variant_of": "",
}  # fmt: skip


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(UserFactory(admin=True))
    return client


def page(product: Product) -> str:
    return f"{LIST}{product.pk}/change/"


def typed(product: Product, **changes: str) -> dict[str, str]:
    """The form of a product's page as a browser sends it back."""
    form = {
        "name": product.name, "description": product.description, "price": str(product.price), "currency": "EUR",
        "tax_class": "standard", "weight_grams": "0", "seen": str(product.version), "published": "on",
    }  # fmt: skip
    return form | NO_PICTURES | changes


def test_a_product_is_entered(admin):
    answer = admin.post(f"{LIST}add/", PLAIN)
    assert answer.status_code == 302, answer.context["errors"]
    product = Product.objects.get()
    assert (product.sku, product.tags, product.options, product.item.sku, product.on_sale) == (
        "MUG", ["gift", "tea-time"], {"colour": "blue", "size": "350 ml"}, "MUG", True,
    )  # fmt: skip
    assert [name for name, _ in facts()] == ["ProductCreated"]
    assert product.history.get().actor.startswith("user:")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"sku": "A B"}, "Letters, digits, dots"),
        ({"sku": "TAKEN"}, "already exists"),
        ({"price": "-1"}, "Not below 0"),
        ({"price": "1.005"}, "EUR has 2 decimal places"),
        ({"sale_price": "12.50"}, "Below the price"),
        ({"currency": "EUX"}, "ISO 4217"),
        ({"tags": "!!!"}, "A tag has letters or digits"),
        ({"options": "blue"}, "a colon and a value"),
        ({"barcode": "1"}, "product_barcode_is_unique"),
        ({"name": ""}, "required"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(admin, change, says):
    ProductFactory(sku="TAKEN", barcode="1")
    answer = admin.post(f"{LIST}add/", PLAIN | change)
    assert answer.status_code == 200
    assert says in answer.content.decode()
    assert (Product.objects.count(), facts()) == (1, [])


def test_a_product_is_changed_and_its_history_shown(admin):
    product = ProductFactory(sku="MUG", options={"colour": "blue"}, category=CategoryFactory())
    opened = admin.get(page(product)).content.decode()
    assert "colour: blue" in opened
    answer = admin.post(page(product), typed(product, price="9.00", options="colour: red"))
    assert answer.status_code == 302, answer.context["errors"]
    product.refresh_from_db()
    assert (product.price, product.options, product.version) == (Decimal(9), {"colour": "red"}, 2)
    assert [name for name, _ in facts()] == ["ProductChanged"]
    history = admin.get(f"{LIST}{product.pk}/history/")
    assert "colour" in history.content.decode()
    assert admin.get(f"{LIST}{product.pk}/history/{product.history.first().pk}/").status_code == 200


def test_another_persons_change_is_not_undone(admin):
    product = ProductFactory(name="Mug")
    update_product(product_id=product.pk, fields={"name": "Cup"}, by=UserFactory().as_actor())
    answer = admin.post(page(product), typed(product, name="Jar"))
    assert "Somebody changed it" in answer.content.decode()
    assert Product.objects.get().name == "Cup"


def test_pictures_are_added_described_moved_and_removed(admin):
    product = ProductFactory()
    rows = {"images-TOTAL_FORMS": "1", "images-INITIAL_FORMS": "0", "images-0-alt": "Front", "images-0-position": "0"}
    file = SimpleUploadedFile("a.png", picture())
    answer = admin.post(page(product), typed(product) | rows | {"images-0-file": file})
    assert answer.status_code == 302, answer.context["errors"]
    image = ProductImage.objects.get()
    assert (image.alt, image.width, image.file.name.endswith(".jpg")) == ("Front", 40, True)
    rows |= {"images-INITIAL_FORMS": "1", "images-0-id": str(image.pk), "images-0-product": str(product.pk)}
    product.refresh_from_db()
    admin.post(page(product), typed(product) | rows | {"images-0-alt": "Back", "images-0-position": "3"})
    image.refresh_from_db()
    assert (image.alt, image.position) == ("Back", 3)
    product.refresh_from_db()
    admin.post(page(product), typed(product) | rows | {"images-0-DELETE": "on"})
    assert ProductImage.objects.count() == 0
    named = [name for name, _ in facts() if name != "ProductChanged"]
    assert named == ["ProductImageAdded", "ProductImageChanged", "ProductImageRemoved"]
    assert broken_rules() == []


def test_what_is_no_picture_is_said_beside_the_field(admin):
    product = ProductFactory()
    rows = {"images-TOTAL_FORMS": "1", "images-INITIAL_FORMS": "0", "images-0-position": "0"}
    answer = admin.post(page(product), typed(product) | rows | {"images-0-file": SimpleUploadedFile("a.png", b"x")})
    assert "A JPEG, PNG or WebP picture." in answer.content.decode()
    assert ProductImage.objects.count() == 0


@pytest.mark.parametrize("text", ["blu", "MUG-1", "4006381333931", "mugs"])
def test_found_by_words_sku_and_barcode(admin, text):
    ProductFactory(sku="MUG-1", name="Blue mug", barcode="4006381333931")
    ProductFactory(sku="OTHER", name="Clock")
    found = admin.get(LIST, {"q": text}).content.decode()
    assert "MUG-1" in found
    assert "OTHER" not in found
    query = {"app_label": "catalog", "model_name": "product", "field_name": "variant_of", "term": text}
    assert [row["text"] for row in admin.get("/admin/autocomplete/", query).json()["results"]] == ["Blue mug (MUG-1)"]


def test_the_list_shows_what_matters_in_few_statements(admin):
    category = CategoryFactory(slug="mugs")
    for _ in range(15):
        product = ProductFactory(category=category, sale_price=Decimal("7.50"), stock=7)
        ProductImageFactory(product=product, thumbnail="products/t.jpg")
    ProductFactory(sku="HIDDEN", published=False)
    with CaptureQueriesContext(connection) as counted:
        shown = admin.get(LIST, {"category": "mugs/", "status": "on sale", "stock": "in", "q": "product"})
    text = shown.content.decode()
    assert text.count("products/t.jpg") == 15
    assert "7.50" in text
    assert "HIDDEN" not in text
    assert len(counted) < 12


def test_products_go_on_and_off_sale_and_are_withdrawn(admin):
    one, two = ProductFactory(), ProductFactory(published=False)
    chosen = {"_selected_action": [one.pk, two.pk]}
    admin.post(LIST, {"action": "put_on_sale"} | chosen)
    assert Product.objects.on_sale().count() == 2
    admin.post(LIST, {"action": "take_off_sale"} | chosen)
    assert Product.objects.on_sale().count() == 0
    admin.post(LIST, {"action": "withdraw_selected"} | chosen)
    assert Product.objects.filter(archived_at=None).count() == 0
    assert admin.get(f"{LIST}{one.pk}/delete/").status_code == 403


def test_one_is_withdrawn_by_its_button(admin):
    product = ProductFactory()
    address = reverse("admin:catalog_product_withdraw", args=(product.pk,))
    assert "its SKU stays taken" in admin.get(address).content.decode()
    assert admin.post(address, SUBMIT)["HX-Redirect"] == page(product)
    product.refresh_from_db()
    assert product.archived_at is not None


def test_a_variant_begins_as_its_main_product(admin):
    main = ProductFactory(sku="MAIN", name="Mug", price=Decimal("8.00"), tags=["gift"])
    assert (
        admin.get(reverse("admin:catalog_product_add_variant", args=(main.pk,)))["Location"]
        == f"{LIST}add/?variant_of={main.pk}"
    )
    form = admin.get(f"{LIST}add/", {"variant_of": main.pk}).context["adminform"].form
    assert (form.initial["name"], form.initial["price"], form.initial["variant_of"]) == (
        "Mug",
        "8.00",
        str(main.pk),
    )


def test_others_look_and_do_not_touch():
    product = ProductFactory(tags=["gift"], options={"colour": "blue"}, stock=3)
    ProductFactory(variant_of=product)
    ProductImageFactory(product=product)
    category = CategoryFactory()
    for role in ("warehouse", "customer_service"):
        client = Client()
        client.force_login(UserFactory(role=role))
        seen = client.get(page(product))
        assert seen.status_code == 200
        assert "colour: blue" in seen.content.decode()
        assert 'name="price"' not in seen.content.decode()
        assert client.get(LIST).status_code == 200
        assert client.get("/admin/catalog/productimage/").status_code == 200
        assert client.get(f"{LIST}add/").status_code == 403
        client.post(page(product), typed(product, name="x"))
        client.post(LIST, {"action": "withdraw_selected", "_selected_action": [product.pk]})
        client.post(f"{LIST}{product.pk}/withdraw/", SUBMIT)
        assert client.post(f"/admin/catalog/category/{category.pk}/delete/", {"post": "yes"}).status_code == 403
    assert (facts(), Category.objects.count()) == ([], 1)


def test_categories_are_kept_through_their_services(admin):
    address = "/admin/catalog/category/"
    home = CategoryFactory(slug="home")
    answer = admin.post(f"{address}add/", {"name": "Mugs", "slug": "mugs", "parent": home.pk})
    assert answer.status_code == 302, answer.context["errors"]
    mugs = Category.objects.get(slug="mugs")
    assert mugs.path == "home/mugs/"
    assert "Mugs" in admin.get(address, {"q": "mug"}).content.decode()
    refused = admin.post(
        f"{address}{home.pk}/change/", {"name": "Home", "slug": "home", "parent": mugs.pk}, follow=True
    )
    assert "cannot lie below itself" in refused.content.decode()
    home.refresh_from_db()
    assert home.parent is None
    assert admin.post(f"{address}{home.pk}/delete/", {"post": "yes"}).status_code == 403
    assert admin.post(f"{address}{mugs.pk}/delete/", {"post": "yes"}).status_code == 302
    named = [name for name, _ in facts("category")]
    assert named == ["CategoryCreated", "CategoryDeleted"]
