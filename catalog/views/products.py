"""Products over HTTP."""

import hashlib
from typing import Any, cast

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.permissions import roles, scope
from api.etags import etag_for, is_unchanged
from api.inputs import read_input
from api.json import dump
from api.views import GenericViewSet
from catalog import answers, examples
from catalog.assortment import Assortment, assortment_of
from catalog.bulk import save_each
from catalog.facets import facets
from catalog.filters import ProductFilter
from catalog.models import Product
from catalog.pagination import ProductPage
from catalog.querysets import ProductQuerySet
from catalog.serializers import BulkBody, BulkWrite, ProductBody, ProductList, ProductWrite
from catalog.services import ProductFields, create_product, update_product, withdraw_product
from inventory.callers import own_warehouses
from kernel.errors import Invalid, NotFound, StaleVersion

IF_NONE_MATCH = OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER, description="Answers 304 if unchanged.")
IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description="The `ETag` or the version that you have seen."
)
FACETS = OpenApiParameter("facets", bool, description="Also count what was found by category, tag and price.")
# What a page is put in order by, beside the relevance of a search.
ORDERED_BY = ("created_at", "sort_name", "asked_price")


class ProductViewSet(GenericViewSet):
    """What is sold. All may read what is on sale; admins and partners with `catalog:write` keep it."""

    queryset = Product.objects.none()
    serializer_class = ProductBody
    lookup_field = "sku"
    filterset_class = ProductFilter
    pagination_class = ProductPage
    query_params = {"list": {"facets"}}
    ordering_fields = {
        "-created_at": ("-created_at", "-id"),
        "created_at": ("created_at", "id"),
        "relevance": ("-relevance", "-id"),
        "name": ("sort_name", "id"),
        "-name": ("-sort_name", "-id"),
        "price": ("asked_price", "id"),
        "-price": ("-asked_price", "-id"),
    }
    idempotency_required = frozenset({"bulk"})
    dry_run_actions = frozenset({"bulk"})

    def get_permissions(self) -> list[Any]:
        if self.action in {"list", "retrieve"}:
            return [AllowAny()]
        return [(roles("admin") | scope("catalog:write"))()]

    def get_queryset(self) -> ProductQuerySet:
        return Product.objects.visible_to(self.request.user)

    @property
    def within(self) -> Assortment | None:
        """What the caller may keep; None: all."""
        return assortment_of(self.request.user)

    def address(self) -> answers.Address:
        return answers.address_in(self.request.build_absolute_uri)

    @extend_schema(
        summary="Find products", parameters=[FACETS], responses=ProductList, examples=[examples.products_out]
    )
    def list(self, request: Request) -> Response:
        with_facets = self.wants_facets(request)
        found = cast(ProductQuerySet, self.filter_queryset(self.get_queryset()))
        extra = ["relevance"] if "relevance" in found.query.annotations else []
        is_limited = own_warehouses(request.user) is not None
        if with_facets or "category" in request.query_params or is_limited:
            # The first two cost a statement of their own: the page is then read in one, that a list stays within
            # four. The statement that is kept ready below counts the stock of all warehouses.
            rows = self.paginate_queryset(answers.summaries(found, *extra, caller=request.user)) or []
        else:
            page = self.paginate_queryset(found.values("id", *ORDERED_BY, *extra)) or []
            rows = answers.page_rows([row["id"] for row in page])
        address = self.address()
        bodies = [answers.summary_body(row, address) for row in rows]
        pages = cast(ProductPage, self.paginator)
        return pages.get_paginated_response(bodies, facets(found) if with_facets else None)

    def wants_facets(self, request: Request) -> bool:
        asked = request.query_params.get("facets", "false")
        if asked not in {"true", "false"}:
            raise Invalid("true or false.", field="facets")
        return asked == "true"

    @extend_schema(
        summary="Show a product",
        parameters=[IF_NONE_MATCH],
        responses={200: ProductBody, 304: None},
        examples=[examples.product_out],
    )
    def retrieve(self, request: Request, sku: str) -> Response:
        return self.show(sku)

    @extend_schema(
        summary="Enter a product",
        request=ProductWrite,
        responses={201: ProductBody},
        examples=[examples.product_in, examples.product_out],
    )
    def create(self, request: Request) -> Response:
        form = read_input(ProductWrite, request)
        fields = dict(form.validated_data)
        product = create_product(
            sku=fields.pop("sku"), fields=cast(ProductFields, fields), within=self.within, by=self.actor
        )
        response = self.show(product.sku, status=201)
        response["Location"] = request.build_absolute_uri(f"{request.path}/{product.sku}")
        return response

    @extend_schema(
        summary="Change a product",
        description="What is absent stays. Orders that were placed keep the price and name they were placed with.",
        parameters=[IF_MATCH],
        request=ProductWrite(partial=True),
        responses=ProductBody,
        examples=[examples.price_in, examples.product_out],
    )
    def partial_update(self, request: Request, sku: str) -> Response:
        product_id = self.id_of(sku)
        form = read_input(ProductWrite, request, partial=True)
        fields = dict(form.validated_data)
        if fields.pop("sku", sku) != sku:
            raise Invalid("A SKU cannot be changed: stock and orders know the product by it.", field="sku")
        update_product(
            product_id=product_id,
            fields=cast(ProductFields, fields),
            by=self.actor,
            versions=seen_versions(request),
            within=self.within,
        )
        return self.show(sku)

    @extend_schema(
        summary="Withdraw a product",
        description="It is no longer sold nor shown, and its SKU stays taken. Publishing it brings it back.",
        parameters=[IF_MATCH],
        responses={204: None},
    )
    def destroy(self, request: Request, sku: str) -> Response:
        withdraw_product(product_id=self.id_of(sku), by=self.actor, versions=seen_versions(request))
        return Response(status=204)

    @extend_schema(
        summary="Enter and change many products",
        description="Each item is saved or refused on its own, and the answer has a result for each.",
        request=BulkWrite,
        responses=BulkBody,
        examples=[examples.bulk_in, examples.bulk_out],
    )
    def bulk(self, request: Request) -> Response:
        form = read_input(BulkWrite, request)
        items = form.validated_data["items"]
        return Response(save_each(items, products=self.get_queryset(), within=self.within, by=self.actor))

    def id_of(self, sku: str) -> int:
        found = self.get_queryset().filter(sku=sku).values_list("pk", flat=True).first()
        if found is None:
            raise NotFound()
        return found

    def show(self, sku: str, status: int = 200) -> Response:
        """The product with its tag, which changes with everything shown: stock, variants and pictures too."""
        products = self.get_queryset()
        caller = self.request.user
        row = answers.whole(products, sku, caller)
        if row is None:
            raise NotFound()
        body = answers.whole_body(row, products, self.address(), caller)
        tag = f"{row['version']}-{fingerprint(body)}"
        headers = {"ETag": etag_for(tag), "Vary": "Authorization"}
        if self.request.method in {"GET", "HEAD"} and is_unchanged(self.request, tag):
            return Response(status=304, headers=headers)
        return Response(body, status=status, headers=headers)


def fingerprint(body: dict[str, Any]) -> str:
    """Of what is shown. Addresses of pictures are left out: signed ones differ each time."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: plain(inner) for name, inner in value.items() if name != "url"}
        return [plain(inner) for inner in value] if isinstance(value, list) else value

    return hashlib.sha256(dump(plain(body))).hexdigest()[:16]


def seen_versions(request: Request) -> list[int] | None:
    """The versions named by `If-Match`: `"3"`, or a product's tag `"3-9f86d081884c7d65"`. None allows any."""
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return None
    tags = (tag.strip().removeprefix("W/").strip('"').partition("-")[0] for tag in header.split(","))
    versions = [int(tag) for tag in tags if tag.isascii() and tag.isdecimal() and len(tag) < 10]
    if not versions:
        raise StaleVersion()
    return versions
