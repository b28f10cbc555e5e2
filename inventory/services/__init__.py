"""The verbs of stock, and the functions that orders call inside their own transactions."""

from inventory.allocation import Want
from inventory.services.adjust import adjust_stock, receive_stock
from inventory.services.available import stock_for
from inventory.services.items import item_for
from inventory.services.release import release
from inventory.services.reserve import commit_reservations, reserve
from inventory.services.restock import Restock, restock
from inventory.services.ship import Pick, consume, open_by_warehouse

__all__ = [
    "Pick",
    "Restock",
    "Want",
    "adjust_stock",
    "commit_reservations",
    "consume",
    "item_for",
    "open_by_warehouse",
    "receive_stock",
    "release",
    "reserve",
    "restock",
    "stock_for",
]
