"""What is sold: products and their pictures, in a tree of categories."""

from pathlib import PurePath
from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce, Concat, Lower
from django.db.models.lookups import Exact

from audit.history import HistoryTrigger, Tracked
from catalog import search
from catalog.querysets import CategoryQuerySet, ProductQuerySet
from catalog.terms_version import BumpsTerms
from inventory.models import StockItem

SLUG = r"\A[a-z0-9]+(-[a-z0-9]+)*\Z"
SKU = r"\A[A-Za-z0-9][A-Za-z0-9._-]*\Z"
MAX_WEIGHT_GRAMS = 10_000_000

is_slug = RegexValidator(SLUG, "Lower-case letters and digits, joined by hyphens.")
is_sku = RegexValidator(SKU, "Letters, digits, dots, hyphens and underscores, beginning with a letter or digit.")


def shop_currency() -> str:
    return str(settings.SHOP_CURRENCY)


class Category(Tracked):
    """A branch of the tree. `path` is the slugs from the root down, each ended by `/`: `home/kitchen/mugs/`.

    Slugs are unique, so a category and all below it are the paths with one beginning.
    """

    slug = models.CharField(max_length=100, unique=True, validators=[is_slug])
    name = models.CharField(max_length=200)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    path = models.TextField(editable=False)

    objects = CategoryQuerySet.as_manager()

    class Meta(Tracked.Meta):
        verbose_name_plural = "categories"
        triggers = (HistoryTrigger(), BumpsTerms())
        ordering = ("path",)
        constraints = (
            # By the letters and not by a language's order, so that the beginning of a path finds what is below it.
            models.UniqueConstraint(fields=("path",), opclasses=("text_pattern_ops",), name="category_path_is_unique"),
            models.CheckConstraint(condition=Q(slug__regex=SLUG), name="category_slug_well_formed"),
            models.CheckConstraint(
                condition=Q(parent=None, path=Concat("slug", Value("/")))
                | Q(parent__isnull=False, path__endswith=Concat(Value("/"), "slug", Value("/"))),
                name="category_path_ends_with_slug",
            ),
            models.CheckConstraint(condition=Q(parent=None) | ~Q(parent=F("id")), name="category_not_its_own_parent"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def slugs(self) -> list[str]:
        """The slugs from the root down to this one."""
        return self.path.rstrip("/").split("/")

    @property
    def depth(self) -> int:
        return len(self.slugs) - 1


class Product(Tracked):
    """Something that can be bought. A variant is a product that names another in `variant_of`.

    A withdrawn product keeps its row and its SKU: orders point at it.
    """

    sku = models.CharField("SKU", max_length=64, unique=True, validators=[is_sku])
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    price = models.DecimalField(max_digits=18, decimal_places=4)
    sale_price = models.DecimalField(
        max_digits=18, decimal_places=4, null=True, blank=True, help_text="Asked instead of the price, and below it."
    )
    # What the automatic rules that are for everybody leave of one unit, where they take something off: what lists
    # show and are searched by. `refresh_rule_prices` keeps it; carts work it out themselves.
    rule_price = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True, editable=False)
    currency = models.CharField(max_length=3, default=shop_currency)
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True, related_name="products")
    tags = ArrayField(models.CharField(max_length=50, validators=[is_slug]), default=list, blank=True)
    tax_class = models.CharField(max_length=50, default="standard", validators=[is_slug])
    weight_grams = models.PositiveIntegerField(
        "weight in grams", default=0, validators=[MaxValueValidator(MAX_WEIGHT_GRAMS)]
    )
    barcode = models.CharField(max_length=64, blank=True, help_text="As a scanner reads it, e.g. an EAN.")
    options = models.JSONField(default=dict, blank=True, help_text="What tells a variant apart, e.g. colour: blue.")
    variant_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="variants")
    is_gift_card = models.BooleanField(
        "gift card", default=False, db_default=False, help_text="Each unit sold becomes a gift card worth its price."
    )
    published = models.BooleanField(default=False, help_text="Customers see it and can buy it.")
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    item = models.ForeignKey(StockItem, models.PROTECT, related_name="products", editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    effective_price = models.GeneratedField(
        expression=Coalesce("sale_price", "price"),
        output_field=models.DecimalField(max_digits=18, decimal_places=4),
        db_persist=True,
    )
    # What one unit costs somebody who has no code and is in no group.
    asked_price = models.GeneratedField(
        expression=Coalesce("rule_price", "sale_price", "price"),
        output_field=models.DecimalField(max_digits=18, decimal_places=4),
        db_persist=True,
    )
    sort_name = models.GeneratedField(
        expression=Lower("name"), output_field=models.CharField(max_length=200), db_persist=True
    )
    search = models.GeneratedField(expression=search.vector(), output_field=SearchVectorField(), db_persist=True)

    objects = ProductQuerySet.as_manager()

    class Meta(Tracked.Meta):
        ordering = ("-id",)
        triggers = (HistoryTrigger(exclude=("rule_price",)),)
        constraints = (
            models.CheckConstraint(condition=Q(sku__regex=SKU), name="product_sku_well_formed"),
            models.CheckConstraint(condition=Q(price__gte=0), name="product_price_not_negative"),
            models.CheckConstraint(
                condition=Q(sale_price=None) | Q(sale_price__gte=0, sale_price__lt=F("price")),
                name="product_sale_price_below_price",
                violation_error_message="The sale price is below the price, and not below 0.",
            ),
            models.CheckConstraint(
                condition=Q(rule_price=None) | Q(rule_price__gte=0), name="product_rule_price_not_negative"
            ),
            models.CheckConstraint(condition=Q(currency__regex=r"\A[A-Z]{3}\Z"), name="product_currency_well_formed"),
            models.CheckConstraint(
                condition=Q(variant_of=None) | ~Q(variant_of=F("id")), name="product_not_a_variant_of_itself"
            ),
            models.CheckConstraint(
                condition=Q(archived_at=None) | Q(published=False), name="product_archived_is_not_published"
            ),
            models.CheckConstraint(
                condition=Exact(
                    Func("options", function="jsonb_typeof", output_field=models.TextField()), Value("object")
                ),
                name="product_options_are_an_object",
            ),
            models.UniqueConstraint(fields=("barcode",), condition=~Q(barcode=""), name="product_barcode_is_unique"),
        )
        indexes = (
            GinIndex(fields=("search",), name="product_by_search"),
            GinIndex(fields=("tags",), name="product_by_tags"),
            models.Index(fields=("asked_price", "id"), name="product_by_asked_price"),
            models.Index(fields=("sort_name", "id"), name="product_by_name"),
            models.Index(fields=("created_at", "id"), name="product_by_created_at"),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.sku})"

    @property
    def on_sale(self) -> bool:
        """Whether customers see it and can buy it."""
        return self.published and self.archived_at is None


def place_for(image: "ProductImage | None", filename: str) -> str:
    """Where a picture lies: a name nobody can guess or clash with, the ending of what it was encoded as."""
    return f"products/{uuid4().hex}{PurePath(filename).suffix}"


class ProductImage(Tracked):
    """A picture of a product, re-encoded by us; its thumbnail is made in the worker."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="images")
    file = models.FileField(upload_to=place_for)
    thumbnail = models.FileField(upload_to=place_for, blank=True, editable=False)
    alt = models.CharField(
        "description", max_length=200, blank=True, help_text="What it shows, for those who cannot see it."
    )
    position = models.PositiveSmallIntegerField(default=0, help_text="The lowest comes first.")
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(Tracked.Meta):
        ordering = ("position", "id")
        indexes = (models.Index(fields=("product", "position", "id"), name="product_image_in_order"),)

    def __str__(self) -> str:
        return self.alt or f"picture {self.pk}"
