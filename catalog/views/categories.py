"""Categories and tags over HTTP."""

from typing import Any, cast

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.permissions import roles
from api.inputs import read_input
from api.views import GenericViewSet, ViewSet
from catalog import examples
from catalog.models import Category, Product
from catalog.querysets import CategoryQuerySet
from catalog.serializers import CategoryBody, CategoryWrite, TagList
from catalog.services import CategoryFields, create_category, delete_category, update_category
from kernel.errors import NotFound

PARENT = OpenApiParameter("parent", str, description="Only what lies directly below this category.")
BEGINNING = OpenApiParameter("q", str, description="Only tags that begin so.")
COLUMNS = ("id", "slug", "name", "parent__slug", "path")


class CategoryViewSet(GenericViewSet):
    """The tree of categories. All may read it, a partner its own branches; admins keep it."""

    queryset = Category.objects.none()
    serializer_class = CategoryBody
    lookup_field = "slug"
    query_params = {"list": {"parent"}}
    # A list in the order of the paths is the tree, read from the top.
    ordering_fields = {"path": ("path",), "name": ("name", "id"), "-name": ("-name", "-id")}

    def get_permissions(self) -> list[Any]:
        return [AllowAny()] if self.action in {"list", "retrieve"} else [roles("admin")()]

    def get_queryset(self) -> CategoryQuerySet:
        return Category.objects.visible_to(self.request.user)

    @extend_schema(
        summary="List categories",
        parameters=[PARENT],
        responses=CategoryBody(many=True),
    )
    def list(self, request: Request) -> Response:
        found = self.get_queryset()
        if parent := request.query_params.get("parent"):
            found = found.filter(parent__slug=parent)
        page = self.paginate_queryset(found.values(*COLUMNS))
        return self.get_paginated_response([body(row) for row in page or []])

    @extend_schema(summary="Show a category", responses=CategoryBody, examples=[examples.category_out])
    def retrieve(self, request: Request, slug: str) -> Response:
        return self.show(slug)

    @extend_schema(
        summary="Enter a category",
        request=CategoryWrite,
        responses={201: CategoryBody},
        examples=[examples.category_in, examples.category_out],
    )
    def create(self, request: Request) -> Response:
        form = read_input(CategoryWrite, request)
        category = create_category(fields=cast(CategoryFields, form.validated_data), by=self.actor)
        return self.show(category.slug, status=201)

    @extend_schema(
        summary="Rename or move a category",
        description="What lies below it moves along.",
        request=CategoryWrite(partial=True),
        responses=CategoryBody,
        examples=[examples.category_out],
    )
    def partial_update(self, request: Request, slug: str) -> Response:
        category_id = self.id_of(slug)
        form = read_input(CategoryWrite, request, partial=True)
        fields = cast(CategoryFields, form.validated_data)
        return self.show(update_category(category_id=category_id, fields=fields, by=self.actor).slug)

    @extend_schema(
        summary="Remove a category",
        description="Refused with 409 `category_in_use` while it has products or subcategories.",
        responses={204: None},
    )
    def destroy(self, request: Request, slug: str) -> Response:
        delete_category(category_id=self.id_of(slug), by=self.actor)
        return Response(status=204)

    def id_of(self, slug: str) -> int:
        found = self.get_queryset().filter(slug=slug).values_list("pk", flat=True).first()
        if found is None:
            raise NotFound()
        return found

    def show(self, slug: str, status: int = 200) -> Response:
        row = self.get_queryset().filter(slug=slug).values(*COLUMNS).first()
        if row is None:
            raise NotFound()
        return Response(body(row), status=status)


def body(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "slug": row["slug"],
        "name": row["name"],
        "parent": row["parent__slug"],
        "path": row["path"].rstrip("/").split("/"),
    }


class TagViewSet(ViewSet):
    """The tags that products on sale have."""

    permission_classes = [AllowAny]
    query_params = {"list": {"q"}}

    @extend_schema(
        summary="List tags",
        description="Those of products on sale, the most used first, at most 1,000.",
        parameters=[BEGINNING],
        responses=TagList,
        examples=[examples.tags_out],
    )
    def list(self, request: Request) -> Response:
        seen = Product.objects.visible_to(request.user).on_sale()
        counted = seen.tags(request.query_params.get("q", ""))
        results = [{"tag": tag, "count": count} for tag, count in counted]
        return Response({"results": results, "next": None, "previous": None})
