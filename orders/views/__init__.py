"""HTTP for carts, orders, packages and returns: read the input, call a verb, show the result."""

from orders.views.carts import CartViewSet
from orders.views.orders import OrderViewSet
from orders.views.pick_lists import PaperViewSet, PickListViewSet
from orders.views.returns import ReturnViewSet
from orders.views.shipments import ShipmentViewSet

__all__ = [
    "CartViewSet",
    "OrderViewSet",
    "PaperViewSet",
    "PickListViewSet",
    "ReturnViewSet",
    "ShipmentViewSet",
]
