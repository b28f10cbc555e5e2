"""Stock over HTTP."""

from typing import Any, ClassVar

from django.db.models import F, QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.request import Request
from rest_framework.response import Response

from api.inputs import read_input
from api.views import GenericViewSet, ViewSet
from inventory.backorders.terms import BackorderTerms, set_backorder_terms
from inventory.callers import check_theirs, is_theirs
from inventory.explain import explain
from inventory.filters import LevelFilter, MovementFilter, ReservationFilter
from inventory.low_stock import set_reorder_point
from inventory.models import Reservation, StockLevel, StockMovement, Warehouse
from inventory.permissions import MovesStock, RunsWarehouses, SeesMoves, SeesStock
from inventory.serializers import (
    AdjustmentInput,
    AdjustmentSerializer,
    BackordersInput,
    BackordersSerializer,
    BinInput,
    ExplanationSerializer,
    MovementSerializer,
    NewWarehouseInput,
    ReorderPointInput,
    ReservationSerializer,
    SafetyInput,
    StockSerializer,
    WarehouseInput,
    WarehouseSerializer,
)
from inventory.services import (
    adjust_stock,
    create_warehouse,
    delete_warehouse,
    place_in_bin,
    set_safety,
    update_warehouse,
)
from inventory.shown import movement_of, stock_of
from kernel.errors import NotFound

PLACE = {"sku": F("item__sku"), "code": F("warehouse__code")}


@extend_schema_view(
    list=extend_schema(summary="List warehouses"),
    retrieve=extend_schema(summary="Show a warehouse"),
)
class WarehouseViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet):
    """The places where stock lies. The code is a warehouse's id and stays."""

    permission_classes = [RunsWarehouses]
    serializer_class = WarehouseSerializer
    queryset = Warehouse.objects.all()
    lookup_field = "code"
    ordering_fields: ClassVar[dict[str, tuple[str, ...]]] = {"priority": ("priority", "code"), "code": ("code",)}

    def get_queryset(self) -> QuerySet[Warehouse]:
        return Warehouse.objects.visible_to(self.request.user)

    def check_seen(self, code: str) -> None:
        """Raises `NotFound` for another's warehouse, in the words for one that does not exist."""
        if not is_theirs(self.request.user, code):
            raise NotFound(f"There is no warehouse {code}.")

    @extend_schema(summary="Open a warehouse", request=NewWarehouseInput, responses={201: WarehouseSerializer})
    def create(self, request: Request) -> Response:
        given = read_input(NewWarehouseInput, request)
        warehouse = create_warehouse(**given.validated_data, by=self.actor)
        return Response(WarehouseSerializer(warehouse).data, status=status.HTTP_201_CREATED)

    @extend_schema(summary="Change a warehouse", request=WarehouseInput, responses=WarehouseSerializer)
    def partial_update(self, request: Request, code: str) -> Response:
        self.check_seen(code)
        given = read_input(WarehouseInput, request, partial=True)
        warehouse = update_warehouse(code=code, **given.validated_data, by=self.actor)
        return Response(WarehouseSerializer(warehouse).data)

    @extend_schema(
        summary="Remove a warehouse that never held anything", responses={204: OpenApiResponse(description="Removed.")}
    )
    def destroy(self, request: Request, code: str) -> Response:
        self.check_seen(code)
        delete_warehouse(code=code, by=self.actor)
        return Response(status=status.HTTP_204_NO_CONTENT)


class StockViewSet(mixins.ListModelMixin, GenericViewSet):
    """How much of what lies where, and how much of it can be sold."""

    serializer_class = StockSerializer
    filterset_class = LevelFilter
    ordering_fields: ClassVar[dict[str, tuple[str, ...]]] = {
        "id": ("id",),
        "available": ("available", "id"),
        "-available": ("-available", "-id"),
    }

    def get_permissions(self) -> list[Any]:
        return [MovesStock()] if self.action in {"safety", "bin", "backorders", "reorder_point"} else [SeesStock()]

    def get_queryset(self) -> QuerySet[StockLevel]:
        return StockLevel.objects.visible_to(self.request.user).with_codes()

    @extend_schema(summary="List stock levels")
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(
        summary="Explain what is available of an item",
        description="Staff also see who has the rest; a partner is told how many reservations there are.",
        responses=ExplanationSerializer,
    )
    def explain(self, request: Request, sku: str) -> Response:
        with_holders = SeesMoves().has_permission(request, self)
        found = explain(sku, caller=request.user, with_holders=with_holders)
        return Response(ExplanationSerializer(found).data)

    @extend_schema(summary="Keep units back from sale", request=SafetyInput, responses=StockSerializer)
    def safety(self, request: Request, sku: str) -> Response:
        given = read_input(SafetyInput, request)
        warehouse, safety = given.validated_data["warehouse"], given.validated_data["safety"]
        check_theirs(request.user, warehouse)
        level = set_safety(sku=sku, warehouse_code=warehouse, safety=safety, by=self.actor)
        return Response(stock_of(level))

    @extend_schema(summary="Sell an item beyond its stock", request=BackordersInput, responses=BackordersSerializer)
    def backorders(self, request: Request, sku: str) -> Response:
        given = BackordersInput(data=request.data)
        given.is_valid(raise_exception=True)
        item = set_backorder_terms(sku=sku, terms=BackorderTerms(**given.validated_data), by=self.actor)
        return Response(BackordersSerializer(item).data)

    @extend_schema(summary="Say when an item runs low", request=ReorderPointInput, responses=StockSerializer)
    def reorder_point(self, request: Request, sku: str) -> Response:
        given = ReorderPointInput(data=request.data)
        given.is_valid(raise_exception=True)
        warehouse, point = given.validated_data["warehouse"], given.validated_data["reorder_point"]
        check_theirs(request.user, warehouse)
        level = set_reorder_point(sku=sku, warehouse_code=warehouse, reorder_point=point, by=self.actor)
        return Response(stock_of(level))

    @extend_schema(summary="Say in which bin an item lies", request=BinInput, responses=StockSerializer)
    def bin(self, request: Request, sku: str) -> Response:
        given = BinInput(data=request.data)
        given.is_valid(raise_exception=True)
        warehouse, place = given.validated_data["warehouse"], given.validated_data["bin"]
        check_theirs(request.user, warehouse)
        return Response(stock_of(place_in_bin(sku=sku, warehouse_code=warehouse, bin=place, by=self.actor)))


class AdjustmentViewSet(ViewSet):
    """Bringing the books in line with the shelf."""

    permission_classes = [MovesStock]
    idempotency_required = frozenset({"create"})
    dry_run_actions = frozenset({"create"})

    @extend_schema(summary="Adjust stock", request=AdjustmentInput, responses={201: AdjustmentSerializer})
    def create(self, request: Request) -> Response:
        given = read_input(AdjustmentInput, request)
        fields = given.validated_data
        check_theirs(request.user, fields["warehouse"])
        movement = adjust_stock(
            sku=fields["sku"],
            warehouse_code=fields["warehouse"],
            delta=fields.get("delta"),
            on_hand=fields.get("on_hand"),
            reason=fields["reason"],
            by=self.actor,
        )
        level = movement.level
        body = {
            "movement": movement_of(movement),
            "stock": stock_of(level),
            "shortfall": max(level.reserved - level.on_hand, 0),
        }
        return Response(body, status=status.HTTP_201_CREATED)


@extend_schema_view(list=extend_schema(summary="List movements of stock"))
class MovementViewSet(mixins.ListModelMixin, GenericViewSet):
    """Every change of what lies where, newest first."""

    permission_classes = [SeesMoves]
    serializer_class = MovementSerializer
    filterset_class = MovementFilter

    def get_queryset(self) -> QuerySet[StockMovement]:
        return StockMovement.objects.visible_to(self.request.user).annotate(**PLACE)


@extend_schema_view(list=extend_schema(summary="List reservations"))
class ReservationViewSet(mixins.ListModelMixin, GenericViewSet):
    """Which units are promised to whom, newest first."""

    permission_classes = [SeesMoves]
    serializer_class = ReservationSerializer
    filterset_class = ReservationFilter

    def get_queryset(self) -> QuerySet[Reservation]:
        return Reservation.objects.visible_to(self.request.user).annotate(**PLACE)
