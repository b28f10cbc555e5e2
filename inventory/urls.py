"""What can be asked of stock."""

from django.urls import path

from inventory.transfers.views import TransferViewSet
from inventory.views import (
    AdjustmentViewSet,
    MovementViewSet,
    ReservationViewSet,
    StockViewSet,
    WarehouseViewSet,
)
from inventory.wms.views import WmsDifferenceViewSet, WmsRunViewSet
from inventory.wms.webhooks import WmsWebhookViewSet

urlpatterns = [
    path("webhooks/wms", WmsWebhookViewSet.as_view({"post": "wms"})),
    path("wms/runs", WmsRunViewSet.as_view({"get": "list", "post": "create"})),
    path("wms/runs/<int:wms_run_id>/differences", WmsDifferenceViewSet.as_view({"get": "list"})),
    path("warehouses", WarehouseViewSet.as_view({"get": "list", "post": "create"})),
    path(
        "warehouses/<str:code>",
        WarehouseViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
    ),
    path("stock", StockViewSet.as_view({"get": "list"})),
    path("stock/adjustments", AdjustmentViewSet.as_view({"post": "create"})),
    path("stock/transfers", TransferViewSet.as_view({"get": "list", "post": "create"})),
    path("stock/transfers/<str:number>", TransferViewSet.as_view({"get": "retrieve"})),
    path("stock/transfers/<str:number>/receive", TransferViewSet.as_view({"post": "receive"})),
    path("stock/transfers/<str:number>/cancel", TransferViewSet.as_view({"post": "cancel"})),
    path("stock/movements", MovementViewSet.as_view({"get": "list"})),
    path("stock/reservations", ReservationViewSet.as_view({"get": "list"})),
    path("stock/<str:sku>/explain", StockViewSet.as_view({"get": "explain"})),
    path("stock/<str:sku>/backorders", StockViewSet.as_view({"put": "backorders"})),
    path("stock/<str:sku>/bin", StockViewSet.as_view({"put": "bin"})),
    path("stock/<str:sku>/reorder-point", StockViewSet.as_view({"put": "reorder_point"})),
    path("stock/<str:sku>/safety", StockViewSet.as_view({"put": "safety"})),
]
