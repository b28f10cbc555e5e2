"""Products come, change and go."""

from collections.abc import Collection

from django.utils import timezone

from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from catalog.assortment import Assortment
from catalog.discounts.refresh import refresh_rule_prices
from catalog.events import ProductChanged, ProductCreated, ProductWithdrawn
from catalog.models import Product
from catalog.services.fields import ProductFields, assign, conflicts_named
from catalog.services.list_prices import leave_own_list, put_prices
from inventory.services import item_for
from kernel.errors import StaleVersion

# Of what the price after automatic rules depends on.
PRICED = {"price", "sale_price", "currency", "category", "tags", "is_gift_card"}


@verb
def create_product(*, sku: str, fields: ProductFields, within: Assortment | None = None, by: Actor) -> Product:
    """Enter a product together with its stock item, `within` what its maker was given.

    Raises `SkuTaken`, `BarcodeTaken`, `Invalid`, `OutsideAssortment`.
    """
    product = Product(sku=sku)
    assign(product, fields, within=within)
    product.item = item_for(sku)
    with conflicts_named():
        product.save(force_insert=True)
    _put_prices(product, fields)
    refresh_rule_prices(Product.objects.filter(pk=product.pk))
    publish(ProductCreated(product_id=product.pk), by=by)
    return product


@verb
def update_product(
    *,
    product_id: int,
    fields: ProductFields,
    by: Actor,
    versions: Collection[int] | None = None,
    within: Assortment | None = None,
) -> Product:
    """Change a product. With `versions`, only if it is still one of them, else `StaleVersion`; it stays `within` what
    its keeper was given, else `OutsideAssortment`.

    Orders that were placed keep what they copied. What stays the same is no change and no event.
    """
    product = Product.objects.lock(product_id)
    if versions is not None and product.version not in versions:
        raise StaleVersion()
    changed = assign(product, fields, within=within)
    if "currency" in changed:
        leave_own_list(product)
    if _put_prices(product, fields) or changed:
        with conflicts_named():
            touch(product, *changed, "archived_at", by=by)
    if PRICED & set(changed):
        refresh_rule_prices(Product.objects.filter(pk=product.pk))
    return product


@verb
def withdraw_product(*, product_id: int, by: Actor, versions: Collection[int] | None = None) -> Product:
    """Take a product off sale for good. It keeps its SKU; doing it again changes nothing."""
    product = Product.objects.lock(product_id)
    if versions is not None and product.version not in versions:
        raise StaleVersion()
    if product.archived_at is None:
        product.archived_at, product.published = timezone.now(), False
        product.version += 1
        product.save(update_fields=["archived_at", "published", "version", "updated_at"])
        publish(ProductWithdrawn(product_id=product.pk), by=by)
    return product


def _put_prices(product: Product, fields: ProductFields) -> bool:
    prices = fields.get("prices")
    return put_prices(product, prices) if prices else False


def touch(product: Product, *changed: str, by: Actor) -> None:
    """Save these fields of a locked product as its next version, and say so."""
    product.version += 1
    product.save(update_fields=[*changed, "version", "updated_at"])
    publish(ProductChanged(product_id=product.pk, version=product.version), by=by)
