"""The verbs of stock, and the functions that orders call inside their own transactions."""

from inventory.allocation import Want
from inventory.services.adjust import adjust_stock, receive_stock
from inventory.services.available import stock_for
from inventory.services.items import item_for
from inventory.services.release import release
from inventory.services.reserve import commit_reservations, extend_reservations, insufficient, reserve
from inventory.services.restock import Restock, restock
from inventory.services.safety import set_safety
from inventory.services.ship import Pick, consume, open_by_warehouse
from inventory.services.transfer import transfer_stock
from inventory.services.warehouses import create_warehouse, delete_warehouse, update_warehouse

__all__ = [
    "Pick",
    "Restock",
    "Want",
    "adjust_stock",
    "commit_reservations",
    "consume",
    "create_warehouse",
    "delete_warehouse",
    "extend_reservations",
    "insufficient",
    "item_for",
    "open_by_warehouse",
    "receive_stock",
    "release",
    "reserve",
    "restock",
    "set_safety",
    "stock_for",
    "transfer_stock",
    "update_warehouse",
]
