"""Pictures of products. Files are written before the row that names them, and removed after it is gone."""

from typing import IO, TypedDict

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import Max

from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from catalog.events import ProductImageAdded, ProductImageChanged, ProductImageRemoved
from catalog.models import Product, ProductImage, place_for
from catalog.pictures import Picture, clean
from catalog.services.products import touch
from kernel.errors import NotFound


class ImageFields(TypedDict, total=False):
    """What may be written of a picture; absent members stay as they are."""

    alt: str
    position: int


def add_image(*, product_id: int, file: IO[bytes], fields: ImageFields, by: Actor) -> ProductImage:
    """Check, re-encode and store a picture, then record it; the worker makes its thumbnail. Raises `UnfitImage`."""
    picture = clean(file)
    name = store(picture)
    try:
        return _record(product_id=product_id, picture=picture, name=name, fields=fields, by=by)
    except BaseException:
        default_storage.delete(name)
        raise


def store(picture: Picture) -> str:
    """Write a picture to where files lie and return its name there."""
    return default_storage.save(place_for(None, f"picture{picture.suffix}"), ContentFile(picture.content))


@verb
def _record(*, product_id: int, picture: Picture, name: str, fields: ImageFields, by: Actor) -> ProductImage:
    product = _locked_product(product_id)
    last = product.images.aggregate(last=Max("position"))["last"]
    image = ProductImage.objects.create(
        product=product,
        file=name,
        width=picture.width,
        height=picture.height,
        alt=fields.get("alt", ""),
        position=fields.get("position", 0 if last is None else last + 1),
    )
    touch(product, by=by)
    publish(ProductImageAdded(product_id=product.pk, image_id=image.pk), by=by)
    return image


@verb
def update_image(*, product_id: int, image_id: int, fields: ImageFields, by: Actor) -> ProductImage:
    """Say what a picture shows and where in the row it stands. Raises `NotFound`."""
    product, image = _locked(product_id, image_id)
    before = (image.alt, image.position)
    image.alt = fields.get("alt", image.alt)
    image.position = fields.get("position", image.position)
    if before != (image.alt, image.position):
        image.save(update_fields=["alt", "position"])
        touch(product, by=by)
        publish(ProductImageChanged(product_id=product.pk, image_id=image.pk), by=by)
    return image


@verb
def remove_image(*, product_id: int, image_id: int, by: Actor) -> None:
    """Take a picture away; the worker removes its files. Raises `NotFound`."""
    product, image = _locked(product_id, image_id)
    touch(product, by=by)
    publish(ProductImageRemoved(product_id=product.pk, image_id=image.pk), by=by)
    image.delete()


def _locked(product_id: int, image_id: int) -> tuple[Product, ProductImage]:
    product = _locked_product(product_id)
    image = product.images.filter(pk=image_id).first()
    if image is None:
        raise NotFound()
    return product, image


def _locked_product(product_id: int) -> Product:
    try:
        return Product.objects.lock(product_id)
    except Product.DoesNotExist as error:
        raise NotFound() from error
