import io

import boto3
import pytest
from moto import mock_aws
from PIL import Image

from api.actors import Actor
from audit.relay import subscriptions
from catalog import pictures
from catalog.errors import UnfitImage
from catalog.events import ProductImageAdded, ProductImageRemoved
from catalog.handlers import make_renditions, remove_image_files
from catalog.models import ProductImage
from catalog.services import add_image, remove_image, update_image
from catalog.tests.checks import client, facts
from catalog.tests.factories import ProductFactory, ProductImageFactory, picture
from inventory.tests.checks import refused
from kernel.errors import NotFound

pytestmark = pytest.mark.django_db
ADMIN = Actor.user(7)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path / "products"


def add(product, content: bytes, **fields) -> ProductImage:
    return add_image(product_id=product.pk, file=io.BytesIO(content), fields=fields, by=ADMIN)


def test_a_picture_is_encoded_anew_and_recorded(folder):
    product = ProductFactory()
    first, second = add(product, picture(40, 30), alt="A mug"), add(product, picture(kind="WEBP"))
    assert (first.alt, first.position, first.width, first.height, second.position) == ("A mug", 0, 40, 30, 1)
    assert first.file.name.endswith(".jpg")
    assert Image.open(folder / first.file.name.split("/")[1]).format == "JPEG"
    product.refresh_from_db()
    assert product.version == 3
    assert [name for name, _ in facts()] == ["ProductChanged", "ProductImageAdded"] * 2
    assert first.history.get().actor == "user:7"


def test_metadata_does_not_survive_and_the_picture_is_upright(folder):
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x010F] = "A camera"
    image = add(ProductFactory(), picture(40, 30, "JPEG", exif=exif))
    kept = Image.open(folder / image.file.name.split("/")[1])
    assert (kept.size, dict(kept.getexif()), kept.info.get("comment")) == ((30, 40), {}, None)
    assert b"A camera" not in (folder / image.file.name.split("/")[1]).read_bytes()


def test_a_transparent_picture_stays_transparent(folder):
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(out, "PNG")
    image = add(ProductFactory(), out.getvalue())
    assert Image.open(folder / image.file.name.split("/")[1]).mode == "RGBA"


def test_grey_palette_and_cmyk_pictures_are_read(folder):
    for mode in ("L", "P", "CMYK", "1", "I;16"):
        out = io.BytesIO()
        Image.new(mode, (10, 10)).save(out, "JPEG" if mode == "CMYK" else "PNG")
        assert add(ProductFactory(), out.getvalue()).file.name.endswith(".jpg")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
        picture()[:60],
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 100,
        picture(kind="TIFF"),
    ],
)
def test_what_is_no_picture_of_ours_is_refused(folder, content):
    product = ProductFactory()
    with refused(UnfitImage):
        add(product, content)
    product.refresh_from_db()
    assert (ProductImage.objects.count(), product.version, facts(), folder.exists()) == (0, 1, [], False)


def test_pixels_are_counted_on_the_header_before_decoding():
    # 30,001 × 1,000 pixels in a file of which only the header is there.
    with pytest.raises(UnfitImage, match="30 megapixels"):
        pictures.clean(io.BytesIO(picture(30_001, 1000, "PNG")[:200]))


def test_too_many_bytes_are_refused():
    with pytest.raises(UnfitImage, match="10 MB"):
        pictures.clean(io.BytesIO(picture() + b"\x00" * pictures.MAX_BYTES))


def test_an_unknown_product_leaves_no_file(folder):
    product = ProductFactory.build(pk=99)
    with refused(NotFound):
        add(product, picture())
    assert list(folder.iterdir()) == []


def test_describing_and_moving():
    image = ProductImageFactory(position=0)
    changed = update_image(
        product_id=image.product_id, image_id=image.pk, fields={"alt": "Mug", "position": 3}, by=ADMIN
    )
    assert (changed.alt, changed.position) == ("Mug", 3)
    update_image(product_id=image.product_id, image_id=image.pk, fields={"alt": "Mug"}, by=ADMIN)
    assert [name for name, _ in facts()] == ["ProductChanged", "ProductImageChanged"]


def test_a_picture_of_another_product_is_not_found():
    image, other = ProductImageFactory(), ProductFactory()
    with refused(NotFound):
        update_image(product_id=other.pk, image_id=image.pk, fields={"alt": "x"}, by=ADMIN)
    with refused(NotFound):
        remove_image(product_id=other.pk, image_id=image.pk, by=ADMIN)
    assert ProductImage.objects.count() == 1


def test_the_worker_makes_a_thumbnail_once(folder):
    product = ProductFactory()
    image = add(product, picture(1000, 500))
    event = ProductImageAdded(product_id=product.pk, image_id=image.pk)
    make_renditions(event)
    make_renditions(event)
    image.refresh_from_db()
    assert Image.open(folder / image.thumbnail.name.split("/")[1]).size == (480, 240)
    assert len(list(folder.iterdir())) == 2
    product.refresh_from_db()
    assert product.version == 3


def test_removing_takes_the_files_along_and_keeps_the_history(folder):
    product = ProductFactory()
    image = add(product, picture())
    make_renditions(ProductImageAdded(product_id=product.pk, image_id=image.pk))
    pk = image.pk
    remove_image(product_id=product.pk, image_id=pk, by=ADMIN)
    event = ProductImageRemoved(product_id=product.pk, image_id=pk)
    remove_image_files(event)
    remove_image_files(event)
    make_renditions(ProductImageAdded(product_id=product.pk, image_id=pk))
    assert list(folder.iterdir()) == []
    assert [row.history_type for row in ProductImage.history.filter(id=pk)] == ["-", "~", "+"]


def test_a_bucket_keeps_them_as_well(settings, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    options = {"bucket_name": "pictures", "region_name": "us-east-1", "querystring_expire": 3600}
    with mock_aws():
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="pictures")
        s3 = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
        settings.STORAGES = settings.STORAGES | {"default": s3}
        product = ProductFactory()
        image = add(product, picture(1000, 500))
        make_renditions(ProductImageAdded(product_id=product.pk, image_id=image.pk))
        image.refresh_from_db()
        kept = boto3.resource("s3").Bucket("pictures").objects.all()
        assert {found.key for found in kept} == {image.file.name, image.thumbnail.name}
        address = client().get(f"/api/v1/products/{product.sku}").json()["image"]["thumbnail_url"]
        assert address.startswith("https://pictures.s3")
        assert "Signature=" in address
        removed = ProductImageRemoved(product_id=product.pk, image_id=image.pk)
        remove_image(product_id=product.pk, image_id=image.pk, by=ADMIN)
        remove_image_files(removed)
        assert list(kept) == []


def test_the_worker_is_told():
    assert subscriptions()[ProductImageAdded] == [make_renditions]
    assert subscriptions()[ProductImageRemoved] == [remove_image_files]
