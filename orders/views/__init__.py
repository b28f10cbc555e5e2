"""HTTP for carts, orders, packages and returns: read the input, call a verb, show the result."""

from orders.views.carts import CartViewSet
from orders.views.orders import OrderViewSet
from orders.views.pick_lists import PaperViewSet, PickListViewSet
from orders.views.return_units import ReturnPhotoViewSet, ReturnUnitViewSet
from orders.views.returns import ReturnPaperViewSet, ReturnViewSet
from orders.views.shipments import ShipmentViewSet

__all__ = [
    "CartViewSet",
    "OrderViewSet",
    "PaperViewSet",
    "PickListViewSet",
    "ReturnPaperViewSet",
    "ReturnPhotoViewSet",
    "ReturnUnitViewSet",
    "ReturnViewSet",
    "ShipmentViewSet",
]
