"""Carts, orders, packages, returns."""

from orders.models.cart import Cart, CartItem
from orders.models.note import OrderNote
from orders.models.order import Hold, Order, OrderAddress, OrderLine, OrderTransition
from orders.models.returns import Return, ReturnLine
from orders.models.shipment import Shipment, ShipmentLine

__all__ = [
    "Cart",
    "CartItem",
    "Hold",
    "Order",
    "OrderAddress",
    "OrderLine",
    "OrderNote",
    "OrderTransition",
    "Return",
    "ReturnLine",
    "Shipment",
    "ShipmentLine",
]
