"""What the catalogue does after the fact, in the worker."""

from django.core.files.storage import default_storage

from api.actors import Actor
from catalog.discounts.refresh import refresh_rule_prices
from catalog.events import CategoryChanged, DiscountRuleChanged, ProductImageAdded, ProductImageRemoved
from catalog.models import Product, ProductImage
from catalog.pictures import thumbnail
from catalog.services.images import store
from catalog.services.products import touch

RENDERER = Actor.system("make_renditions")


def refresh_prices(event: DiscountRuleChanged | CategoryChanged) -> None:
    """What lists show follows a rule that has changed."""
    refresh_rule_prices()


def make_renditions(event: ProductImageAdded) -> None:
    """Make the picture's thumbnail, once; a picture removed meanwhile needs none."""
    product = Product.objects.lock(event.product_id)
    image = ProductImage.objects.filter(pk=event.image_id, thumbnail="").first()
    if image is None:
        return
    with image.file.open() as file:
        image.thumbnail.name = store(thumbnail(file))
    image.save(update_fields=["thumbnail"])
    touch(product, by=RENDERER)


def remove_image_files(event: ProductImageRemoved) -> None:
    """Remove the files of a picture that is gone; only its history still knows their names."""
    last = ProductImage.history.filter(id=event.image_id).order_by("-history_id").first()
    for name in filter(None, (last.file, last.thumbnail) if last else ()):
        default_storage.delete(str(name))
