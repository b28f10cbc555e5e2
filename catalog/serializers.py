"""What comes in, and for the API document what goes out."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from api.fields import AmountField, CurrencyField, FlatMapField, QuantityField, StrictBooleanField, TextField
from api.inputs import WholeSerializer
from catalog.models import MAX_WEIGHT_GRAMS
from inventory.backorders.availability import Availability

Plain = serializers.Serializer[Any]
MAX_BULK = 1000
MAX_CURRENCIES = 200


class ListPriceWrite(WholeSerializer):
    currency = CurrencyField(help_text="Another than the product's own; it needs a price list.")
    price = AmountField(allow_null=True, help_text="Null takes the product off the list.")
    sale_price = AmountField(required=False, allow_null=True, help_text="Below the price.")


class ProductWrite(Plain):
    """A product as it is entered. The catalogue's services check what needs more than one field."""

    sku = TextField(
        max_length=64, is_identifier=True, help_text="Letters, digits, `.`, `-` and `_`. It cannot be changed."
    )
    name = TextField(max_length=200)
    description = TextField(max_length=20_000, required=False, allow_blank=True)
    price = AmountField(help_text="In major units, with at most the currency's decimals.")
    sale_price = AmountField(required=False, allow_null=True, help_text="Below the price; null ends the sale.")
    currency = CurrencyField(required=False, help_text="ISO 4217; the shop's currency when absent.")
    category = TextField(max_length=100, required=False, allow_null=True, help_text="A category's slug.")
    tags = serializers.ListField(child=TextField(max_length=50), max_length=50, required=False)
    tax_class = TextField(max_length=50, required=False)
    weight_grams = QuantityField(min_value=0, max_value=MAX_WEIGHT_GRAMS, required=False)
    barcode = TextField(max_length=64, is_identifier=True, required=False, allow_blank=True)
    options = FlatMapField(required=False, help_text="What tells a variant apart, e.g. its colour.")
    variant_of = TextField(
        max_length=64, is_identifier=True, required=False, allow_null=True, help_text="The SKU of the main product."
    )
    is_gift_card = StrictBooleanField(required=False, help_text="Each unit sold becomes a gift card worth its price.")
    published = StrictBooleanField(required=False, help_text="Customers see it. True brings back what was withdrawn.")
    prices: Any = serializers.ListSerializer(
        child=ListPriceWrite(),
        max_length=MAX_CURRENCIES,
        required=False,
        help_text="Prices in other currencies; those of a currency that is not named stay.",
    )

    def validate_prices(self, prices: list[dict[str, Any]]) -> dict[str, tuple[Any, Any]]:
        """Currency → price and sale price, as the services take them."""
        found = {each["currency"]: (each["price"], each.get("sale_price")) for each in prices}
        if len(found) < len(prices):
            raise serializers.ValidationError("Each currency once.")
        return found


class BulkWrite(Plain):
    items = serializers.ListField(
        child=serializers.DictField(),
        min_length=1,
        max_length=MAX_BULK,
        help_text="Products as in POST products; of one that exists only what is given is changed.",
    )


class CategoryWrite(Plain):
    name = TextField(max_length=200)
    slug = TextField(max_length=100, required=False, help_text="Made from the name when absent.")
    parent = TextField(  # type: ignore[assignment]
        max_length=100, required=False, allow_null=True, help_text="The slug of the category above; null for a root."
    )


class ImageUpload(Plain):
    file = serializers.FileField(help_text="JPEG, PNG or WebP, at most 10 MB and 30 megapixels.")
    alt = TextField(max_length=200, required=False, allow_blank=True)
    position = QuantityField(min_value=0, max_value=32_767, required=False, help_text="Last when absent.")


class ImageWrite(Plain):
    alt = TextField(max_length=200, required=False, allow_blank=True)
    position = QuantityField(min_value=0, max_value=32_767, required=False)


class ProductImageBody(Plain):
    id = serializers.IntegerField()
    url = serializers.URLField()
    thumbnail_url = serializers.URLField(allow_null=True, help_text="Null until the worker has made it.")
    alt = serializers.CharField()
    position = serializers.IntegerField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()


class PriceBody(Plain):
    price = serializers.CharField(help_text="Major units with the currency's exact decimals.")
    sale_price = serializers.CharField(
        allow_null=True,
        help_text="Asked now: the sale price, or less where discount rules that are for everybody take something off.",
    )
    currency = serializers.CharField()


class ListPriceBody(PriceBody):
    """A price in another currency than the product's own."""

    sale_price = serializers.CharField(allow_null=True, help_text="Asked instead of the price.")


class SupplyBody(Plain):
    availability = serializers.ChoiceField(Availability.choices, help_text="How one unit would be sold now.")
    promised_at = serializers.DateField(allow_null=True, help_text="When it will be there if it is not, where known.")


class VariantBody(PriceBody, SupplyBody):
    sku = serializers.CharField()
    name = serializers.CharField()
    options = serializers.DictField(child=serializers.CharField())
    available = serializers.IntegerField()
    image = ProductImageBody(allow_null=True)
    published = serializers.BooleanField()


class ProductSummary(PriceBody, SupplyBody):
    """A product in a list."""

    sku = serializers.CharField()
    name = serializers.CharField()
    category = serializers.CharField(allow_null=True, help_text="A category's slug.")
    category_path = serializers.ListField(child=serializers.CharField(), help_text="Slugs from the root down.")
    tags = serializers.ListField(child=serializers.CharField())
    options = serializers.DictField(child=serializers.CharField())
    variant_of = serializers.CharField(allow_null=True, help_text="The SKU of the main product.")
    available = serializers.IntegerField(
        max_value=settings.SHOP_AVAILABLE_CAP, help_text="Units that can be delivered now; at the maximum, or more."
    )
    image = ProductImageBody(allow_null=True, help_text="The first picture.")
    published = serializers.BooleanField()
    archived_at = serializers.DateTimeField(allow_null=True, help_text="When it was withdrawn.")
    created_at = serializers.DateTimeField()


class ProductBody(ProductSummary):
    """A product."""

    description = serializers.CharField()
    tax_class = serializers.CharField()
    weight_grams = serializers.IntegerField()
    barcode = serializers.CharField()
    is_gift_card = serializers.BooleanField(help_text="Each unit sold becomes a gift card worth its price.")
    images = ProductImageBody(many=True)
    variants = VariantBody(many=True)
    prices = ListPriceBody(many=True, help_text="In other currencies that are sold in, before discount rules.")
    version = serializers.IntegerField(help_text="Grows with each change; `If-Match` takes it, or the `ETag`.")
    updated_at = serializers.DateTimeField()


class CategoryBody(Plain):
    slug = serializers.CharField()
    name = serializers.CharField()
    parent = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    path = serializers.ListField(child=serializers.CharField(), help_text="Slugs from the root down to this one.")


class TagBody(Plain):
    tag = serializers.CharField()
    count = serializers.IntegerField(help_text="Products on sale that have it.")


@extend_schema_serializer(many=False)
class TagList(Plain):
    results = TagBody(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class CategoryFacet(Plain):
    slug = serializers.CharField()
    name = serializers.CharField()
    path = serializers.ListField(child=serializers.CharField())
    count = serializers.IntegerField(help_text="Those of its subcategories included.")


class TagFacet(Plain):
    tag = serializers.CharField()
    count = serializers.IntegerField()


class PriceFacet(Plain):
    currency = serializers.CharField()
    count = serializers.IntegerField()

    def get_fields(self) -> dict[str, Any]:
        # `from` is a word of the language.
        ends = {"from": "The lowest price of the range.", "to": "The first price above the range."}
        return super().get_fields() | {name: serializers.CharField(help_text=text) for name, text in ends.items()}


class Facets(Plain):
    categories = CategoryFacet(many=True)
    tags = TagFacet(many=True)
    prices = PriceFacet(many=True)


@extend_schema_serializer(many=False)
class ProductList(Plain):
    results = ProductSummary(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    facets = Facets(required=False, help_text="With `facets=true`: how many of the products found are where.")


class BulkResult(Plain):
    index = serializers.IntegerField()
    sku = serializers.CharField(allow_null=True)
    status = serializers.ChoiceField(["created", "updated", "unchanged", "refused"])
    version = serializers.IntegerField(allow_null=True)
    problem = serializers.DictField(allow_null=True, help_text="Why it was refused: a problem document.")


class BulkBody(Plain):
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    refused = serializers.IntegerField()
    results = BulkResult(many=True)
