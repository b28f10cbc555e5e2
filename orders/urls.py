"""What can be asked about carts and orders."""

from django.urls import path
from rest_framework.parsers import MultiPartParser

from orders.codes.views import DiscountCampaignViewSet, DiscountCodeViewSet
from orders.scans.webhook import CarrierWebhookViewSet
from orders.views import (
    CartViewSet,
    OrderViewSet,
    PaperViewSet,
    PickListViewSet,
    ReturnPaperViewSet,
    ReturnPhotoViewSet,
    ReturnUnitViewSet,
    ReturnViewSet,
    ShipmentViewSet,
)

urlpatterns = [
    path("carts", CartViewSet.as_view({"post": "create"})),
    path("carts/<uuid:cart_id>", CartViewSet.as_view({"get": "retrieve", "patch": "partial_update"})),
    path("carts/<uuid:cart_id>/items", CartViewSet.as_view({"post": "add_item"})),
    path(
        "carts/<uuid:cart_id>/items/<int:item_id>",
        CartViewSet.as_view({"patch": "change_item", "delete": "remove_item"}),
    ),
    path("carts/<uuid:cart_id>/shipping-options", CartViewSet.as_view({"get": "shipping_options"})),
    path("carts/<uuid:cart_id>/merge", CartViewSet.as_view({"post": "merge"})),
    path("orders", OrderViewSet.as_view({"get": "list", "post": "create"})),
    path("orders/<str:number>", OrderViewSet.as_view({"get": "retrieve", "patch": "partial_update"})),
    path("orders/<str:number>/timeline", OrderViewSet.as_view({"get": "timeline"})),
    path("orders/<str:number>/cancel", OrderViewSet.as_view({"post": "cancel"})),
    path("orders/<str:number>/edit", OrderViewSet.as_view({"post": "edit"})),
    path("orders/<str:number>/holds", OrderViewSet.as_view({"post": "place_hold"})),
    path("orders/<str:number>/holds/<int:hold_id>", OrderViewSet.as_view({"delete": "release_hold"})),
    path("orders/<str:number>/shipments", OrderViewSet.as_view({"post": "pack"})),
    path("orders/<str:number>/returns", OrderViewSet.as_view({"post": "request_return"})),
    path("discount-codes", DiscountCodeViewSet.as_view({"get": "list", "post": "create"})),
    path(
        "discount-codes/<int:code_id>",
        DiscountCodeViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
    ),
    path("discount-campaigns", DiscountCampaignViewSet.as_view({"get": "list", "post": "create"})),
    path(
        "discount-campaigns/<int:campaign_id>",
        DiscountCampaignViewSet.as_view({"get": "retrieve", "patch": "partial_update"}),
    ),
    path("discount-campaigns/<int:campaign_id>/codes", DiscountCampaignViewSet.as_view({"post": "create_codes"})),
    path("shipments/<str:number>/ship", ShipmentViewSet.as_view({"post": "ship"})),
    path("shipments/<str:number>/deliver", ShipmentViewSet.as_view({"post": "deliver"})),
    path("shipments/<str:number>/lose", ShipmentViewSet.as_view({"post": "lose"})),
    path("shipments/<str:number>/returned-to-sender", ShipmentViewSet.as_view({"post": "returned_to_sender"})),
    path("shipments/<str:number>/cancel", ShipmentViewSet.as_view({"post": "cancel"})),
    path("shipments/<str:number>/packing-slip.pdf", PaperViewSet.as_view({"get": "packing_slip"})),
    path("shipments/<str:number>/label.pdf", PaperViewSet.as_view({"get": "label"})),
    path("pick-lists", PickListViewSet.as_view({"get": "list", "post": "create"})),
    path("pick-lists/<str:number>", PickListViewSet.as_view({"get": "retrieve"})),
    path("pick-lists/<str:number>/pick-list.pdf", PaperViewSet.as_view({"get": "pick_list"})),
    path("pick-lists/<str:number>/picks", PickListViewSet.as_view({"post": "pick"})),
    path("pick-lists/<str:number>/shorts", PickListViewSet.as_view({"post": "short"})),
    path("pick-lists/<str:number>/finish", PickListViewSet.as_view({"post": "finish"})),
    path("pick-lists/<str:number>/cancel", PickListViewSet.as_view({"post": "cancel"})),
    path("webhooks/carriers/<str:carrier>", CarrierWebhookViewSet.as_view({"post": "receive"})),
    path("orders/<str:number>/returnable", OrderViewSet.as_view({"get": "returnable"})),
    path("returns/<str:number>", ReturnViewSet.as_view({"get": "retrieve"})),
    path("returns/<str:number>/approve", ReturnViewSet.as_view({"post": "approve"})),
    path("returns/<str:number>/reject", ReturnViewSet.as_view({"post": "reject"})),
    path("returns/<str:number>/receive", ReturnViewSet.as_view({"post": "receive"})),
    path("returns/<str:number>/exchange", ReturnViewSet.as_view({"post": "exchange"})),
    path("returns/<str:number>/label.pdf", ReturnPaperViewSet.as_view({"get": "label"})),
    path("returns/<str:number>/authorisation.pdf", ReturnPaperViewSet.as_view({"get": "authorisation"})),
    path("returns/<str:number>/units/<int:unit_id>/restock", ReturnUnitViewSet.as_view({"post": "restock"})),
    path("returns/<str:number>/units/<int:unit_id>/write-off", ReturnUnitViewSet.as_view({"post": "write_off"})),
    path(
        "returns/<str:number>/units/<int:unit_id>/photo",
        ReturnUnitViewSet.as_view({"post": "photo"}, parser_classes=[MultiPartParser]),
    ),
    path("return-photos/<str:token>", ReturnPhotoViewSet.as_view({"get": "retrieve"})),
]
