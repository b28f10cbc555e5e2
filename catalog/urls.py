from typing import Any

from django.urls import path
from rest_framework.parsers import MultiPartParser

from catalog.discounts.views import DiscountRuleViewSet
from catalog.stock_requests.views import StockRequestViewSet
from catalog.views.categories import CategoryViewSet, TagViewSet
from catalog.views.images import ProductImageViewSet
from catalog.views.products import ProductViewSet

ONE: dict[str, Any] = {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
ALL: dict[str, Any] = {"get": "list", "post": "create"}

urlpatterns = [
    path("products", ProductViewSet.as_view(ALL), name="products"),
    path("products/bulk", ProductViewSet.as_view({"post": "bulk"}), name="products-bulk"),
    path("products/<str:sku>", ProductViewSet.as_view(ONE), name="product"),
    path(
        "products/<str:sku>/images",
        ProductImageViewSet.as_view({"post": "create"}, parser_classes=[MultiPartParser]),
        name="product-images",
    ),
    path(
        "products/<str:sku>/images/<int:image_id>",
        ProductImageViewSet.as_view({"patch": "partial_update", "delete": "destroy"}),
        name="product-image",
    ),
    path("categories", CategoryViewSet.as_view(ALL), name="categories"),
    path("categories/<str:slug>", CategoryViewSet.as_view(ONE), name="category"),
    path("discount-rules", DiscountRuleViewSet.as_view(ALL), name="discount-rules"),
    path("discount-rules/<int:rule_id>", DiscountRuleViewSet.as_view(ONE), name="discount-rule"),
    path("stock-requests", StockRequestViewSet.as_view(ALL), name="stock-requests"),
    path("stock-requests/<int:request_id>", StockRequestViewSet.as_view({"delete": "destroy"}), name="stock-request"),
    path("tags", TagViewSet.as_view({"get": "list"}), name="tags"),
]
