"""How products are filtered."""

from decimal import Decimal

import django_filters as filters

from catalog.models import Category, Product
from catalog.querysets import ProductQuerySet
from catalog.services.fields import normal_tags
from kernel.errors import Invalid

YES_NO = [("true", "true"), ("false", "false")]


class YesNo(filters.ChoiceFilter):
    """true or false; anything else is refused."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(choices=YES_NO, **kwargs)


class Amount(filters.NumberFilter):
    def __init__(self, **kwargs: object) -> None:
        super().__init__(min_value=Decimal(0), max_digits=16, decimal_places=4, **kwargs)


class ProductFilter(filters.FilterSet):
    """Prices are compared with what is asked now: the sale price where there is one."""

    q = filters.CharFilter(
        method="search", max_length=200, label="Words or beginnings of words, a SKU or a barcode; best matches first."
    )
    category = filters.CharFilter(method="below", label="The slug of a category; its subcategories are included.")
    price_min = Amount(field_name="asked_price", lookup_expr="gte", label="At least this, the sale price counting.")
    price_max = Amount(field_name="asked_price", lookup_expr="lte", label="At most this, the sale price counting.")
    currency = filters.CharFilter(field_name="currency", label="Only prices in this currency.")
    tags = filters.CharFilter(method="tagged", label="Tags joined by commas; a product has all of them.")
    in_stock = YesNo(method="stocked", label="Whether something of it can be delivered now.")
    published = YesNo(method="shown", label="For those who keep the catalogue: on sale or not.")
    archived = YesNo(method="withdrawn", label="For those who keep the catalogue: withdrawn products only.")

    class Meta:
        model = Product
        fields: list[str] = []

    def search(self, queryset: ProductQuerySet, name: str, value: str) -> ProductQuerySet:
        return queryset.matching(value)

    def below(self, queryset: ProductQuerySet, name: str, value: str) -> ProductQuerySet:
        seen = Category.objects.visible_to(self.request.user)
        path = seen.filter(slug=value).values_list("path", flat=True).first()
        if path is None:
            raise Invalid("There is no such category.", field="category")
        return queryset.below(path)

    def tagged(self, queryset: ProductQuerySet, name: str, value: str) -> ProductQuerySet:
        return queryset.filter(tags__contains=normal_tags(tag for tag in value.split(",") if tag.strip()))

    def stocked(self, queryset: ProductQuerySet, name: str, value: str) -> ProductQuerySet:
        return queryset.in_stock(value == "true", caller=self.request.user)

    def shown(self, queryset: ProductQuerySet, name: str, value: str) -> ProductQuerySet:
        return queryset.filter(published=value == "true")

    def withdrawn(self, queryset: ProductQuerySet, name: str, value: str) -> ProductQuerySet:
        return queryset.filter(archived_at__isnull=value == "false")

    def filter_queryset(self, queryset: ProductQuerySet) -> ProductQuerySet:
        found: ProductQuerySet = super().filter_queryset(queryset)
        # Withdrawn products come only when they are asked for.
        return found if self.form.cleaned_data["archived"] else found.filter(archived_at=None)
