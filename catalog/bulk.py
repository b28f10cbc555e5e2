"""Many products in one request: a result per item, each refused on its own."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, cast

from django.db import transaction
from rest_framework.exceptions import ValidationError

from api.actors import Actor
from api.problems import exception_handler
from catalog.assortment import Assortment
from catalog.models import Product
from catalog.querysets import ProductQuerySet
from catalog.serializers import ProductWrite
from catalog.services import ProductFields, create_product, update_product
from kernel.errors import Refused

OUTCOMES = ("created", "updated", "unchanged", "refused")


def save_each(
    items: Sequence[Mapping[str, Any]], *, products: ProductQuerySet, within: Assortment | None = None, by: Actor
) -> dict[str, Any]:
    """Enter the products that are new and change those among `products`. Runs in the caller's transaction."""
    skus = [item["sku"] for item in items if isinstance(item.get("sku"), str)]
    found = products.filter(sku__in=skus).values_list("sku", "pk", "version")
    known = {sku: (pk, version) for sku, pk, version in found}
    results = [{"index": index, **_save(item, known, within, by)} for index, item in enumerate(items)]
    counts = Counter(result["status"] for result in results)
    return {outcome: counts[outcome] for outcome in OUTCOMES} | {"results": results}


def _save(
    item: Mapping[str, Any], known: dict[str, tuple[int, int]], within: Assortment | None, by: Actor
) -> dict[str, Any]:
    """One item in a savepoint of its own. `known` is SKU → (id, version) and follows what is saved."""
    given = item.get("sku")
    sku = given if isinstance(given, str) else None
    try:
        with transaction.atomic():
            product, status = _saved(item, known, within, by)
    except (Refused, ValidationError) as refusal:
        answer = exception_handler(refusal, {})
        assert answer is not None
        return {"sku": sku, "status": "refused", "version": None, "problem": answer.data}
    known[product.sku] = (product.pk, product.version)
    return {"sku": product.sku, "status": status, "version": product.version, "problem": None}


def _saved(
    item: Mapping[str, Any], known: Mapping[str, tuple[int, int]], within: Assortment | None, by: Actor
) -> tuple[Product, str]:
    found = known.get(item.get("sku", "")) if isinstance(item.get("sku"), str) else None
    form = ProductWrite(data=item, partial=found is not None)
    form.is_valid(raise_exception=True)
    given = dict(form.validated_data)
    sku = given.pop("sku")
    fields = cast(ProductFields, given)
    if found is None:
        return create_product(sku=sku, fields=fields, within=within, by=by), "created"
    product_id, version = found
    product = update_product(product_id=product_id, fields=fields, within=within, by=by)
    return product, "unchanged" if product.version == version else "updated"
