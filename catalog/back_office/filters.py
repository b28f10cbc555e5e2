"""What lists of products are narrowed by."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from catalog.back_office.display import HIDDEN, ON_SALE, WITHDRAWN
from catalog.models import Category, Product


class StatusFilter(admin.SimpleListFilter):
    """Withdrawn products are seen when they are asked for."""

    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name.capitalize()) for name in (ON_SALE, HIDDEN, WITHDRAWN)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        match self.value():
            case "on sale":
                return queryset.filter(published=True, archived_at=None)
            case "hidden":
                return queryset.filter(published=False, archived_at=None)
            case "withdrawn":
                return queryset.filter(archived_at__isnull=False)
        return queryset


class CategoryFilter(admin.SimpleListFilter):
    """A category with all below it."""

    title = "category"
    parameter_name = "category"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(row.path, f"{'– ' * row.depth}{row.name}") for row in Category.objects.order_by("path")]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Product]:
        path = self.value()
        return queryset.below(path) if path else queryset


class StockFilter(admin.SimpleListFilter):
    title = "stock"
    parameter_name = "stock"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("in", "In stock"), ("out", "Out")]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Product]:
        return queryset.in_stock(self.value() == "in", caller=request.user) if self.value() else queryset
