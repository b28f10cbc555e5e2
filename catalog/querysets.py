"""Which products somebody may see, and how they are found and read in few statements."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchRank
from django.db import connection, models
from django.db.models import Case, Exists, F, Func, IntegerField, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Cast, Coalesce

from accounts import roles
from catalog.assortment import Assortment, assortment_of
from catalog.search import matches, query
from catalog.terms_version import TermsVersion
from inventory.callers import own_warehouses
from inventory.models import StockLevel
from inventory.querysets import LevelQuerySet

if TYPE_CHECKING:
    from catalog.models import Category, Product  # noqa: F401  for the annotations of mypy alone

TAGS = """
    SELECT tag, count(*) FROM ({each}) AS each WHERE starts_with(tag, %s) GROUP BY tag ORDER BY 2 DESC, 1 LIMIT %s
"""
MOST_TAGS = 1000
# The columns of `ProductFacts`, in its order.
COPIED = (
    *("id", "sku", "name", "options", "asked", "asked_in"),
    *("tax_class", "weight_grams", "is_gift_card", "category__path", "tags", "terms"),
)
RANK_STEPS = 1_000_000  # a rank as a whole number, so that a cursor can hold it exactly
# The slugs of a category and of those above it.
SLUGS = Func(
    Func(F("path"), Value("/"), function="rtrim"),
    Value("/"),
    function="string_to_array",
    output_field=ArrayField(models.TextField()),
)


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """What an order copies from a product on sale. `price` is that of one unit, the sale price when there is one."""

    id: int
    sku: str
    name: str
    options: dict[str, str]
    price: Decimal
    currency: str
    tax_class: str
    weight_grams: int
    is_gift_card: bool = False
    category_path: str | None = None
    tags: Sequence[str] = ()
    terms_version: int | None = None

    @property
    def categories(self) -> frozenset[str]:
        """The slugs of its category and of those above it."""
        return frozenset(self.category_path.rstrip("/").split("/")) if self.category_path else frozenset()


def _levels_for(caller: object) -> LevelQuerySet:
    """Levels that the caller can be served from. Which products they see is another question."""
    return StockLevel.objects.selling().lying_in(own_warehouses(caller))


class CategoryQuerySet(models.QuerySet["Category"]):
    """Reads of categories."""

    def below(self, path: str) -> Self:
        """The category of this path and all of its subcategories."""
        return self.filter(path__startswith=path)

    def given(self, assortment: Assortment) -> Self:
        """Those that the assortment names, and all below them."""
        return self.alias(slugs=SLUGS).filter(slugs__overlap=sorted(assortment.categories))

    def in_sight(self, assortment: Assortment | None) -> Self:
        """Those that hold something of the assortment, with the way down to them; None: all."""
        if assortment is None:
            return self.all()
        listed = apps.get_model("catalog", "Product").objects.filter(sku__in=sorted(assortment.skus))
        own = self.model.objects.filter(
            Q(slug__in=sorted(assortment.categories)) | Q(pk__in=listed.order_by().values("category"))
        )
        above = own.order_by().values_list(Func(SLUGS, function="unnest", output_field=models.TextField()))
        below = self.model.objects.given(assortment).order_by().values("pk")
        return self.filter(Q(slug__in=above) | Q(pk__in=below))

    def visible_to(self, caller: Any) -> Self:
        """A partner sees the branches of what it was given, everybody else the whole tree."""
        return self.in_sight(assortment_of(caller))


class ProductQuerySet(models.QuerySet["Product"]):
    """Reads of products."""

    def on_sale(self) -> Self:
        """Those that customers see and can buy."""
        return self.filter(published=True, archived_at=None)

    def visible_to(self, caller: Any) -> Self:
        """Staff and partners who keep the catalogue see all, others what is on sale; a partner of what it was given."""
        role = getattr(caller, "role", None)
        if role in roles.STAFF:
            return self.all()
        own = self.given(assortment_of(caller))
        return own if role == roles.PARTNER and "catalog:write" in caller.scopes else own.on_sale()

    def given(self, assortment: Assortment | None) -> Self:
        """Those of the assortment; None: all."""
        if assortment is None:
            return self.all()
        categories = apps.get_model("catalog", "Category").objects.given(assortment).order_by().values("pk")
        return self.filter(Q(sku__in=sorted(assortment.skus)) | Q(category__in=categories))

    def lock(self, product_id: int) -> "Product":
        """The product, locked until the transaction ends. Raises `Product.DoesNotExist`."""
        return self.select_for_update().get(pk=product_id)

    def below(self, path: str) -> Self:
        """Products of the category of this path and of its subcategories."""
        return self.filter(category__path__startswith=path)

    def matching(self, text: str) -> Self:
        """Products that have every word of the text, or begin with it as a code; with their `relevance`."""
        asked = query(text)
        if asked is None:
            return self.annotate(relevance=models.Value(0))
        rank = Cast(SearchRank(F("search"), asked) * RANK_STEPS, IntegerField())
        return self.filter(matches(asked)).annotate(relevance=rank)

    def in_stock(self, wanted: bool = True, *, caller: object = None) -> Self:
        """Those of which something (or nothing) can be promised to the caller now."""
        there = Exists(_levels_for(caller).filter(item=OuterRef("item"), available__gt=0))
        return self.filter(there if wanted else ~there)

    def with_available(self, caller: object = None) -> Self:
        """Each product with `available`, the units that can be promised over all warehouses that sell; to people and
        partners of some warehouses, over theirs.
        """
        units = (
            _levels_for(caller)
            .filter(item=OuterRef("item"))
            .order_by()
            .values("item")
            .annotate(units=Sum("available"))
            .values("units")
        )
        return self.annotate(available=Coalesce(Subquery(units), 0))

    def tags(self, beginning: str = "") -> list[tuple[str, int]]:
        """The tags of these products with how many have each, the most used first."""
        each = self.order_by().annotate(tag=Func(F("tags"), function="unnest", output_field=models.TextField()))
        sql, params = each.values("tag").query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(TAGS.format(each=sql), [*params, beginning.lower(), MOST_TAGS])
            return cursor.fetchall()

    def facts(self, skus: Iterable[str], currency: str) -> dict[str, ProductFacts]:
        """What orders copy of the products on sale, by SKU, in one statement. Others are absent.

        In another currency than a product's own the price of the active list counts; a product without one comes
        with its own price and currency.
        """
        listed = (
            apps.get_model("catalog", "ListPrice")
            .objects.filter(product=OuterRef("pk"), price_list__currency=currency, price_list__active=True)
            .values(asked=Coalesce("sale_price", "price"))
        )
        own = Q(currency=currency) | Q(listed_price=None)
        rows = (
            self.on_sale()
            .filter(sku__in=list(skus))
            .annotate(listed_price=Subquery(listed))
            .annotate(
                asked=Case(When(own, then="effective_price"), default="listed_price"),
                asked_in=Case(When(own, then="currency"), default=Value(currency)),
                terms=Subquery(TermsVersion.objects.values("version")[:1]),
            )
            .values_list(*COPIED)
        )
        return {row[1]: ProductFacts(*row) for row in rows}
