"""The back office of orders."""

from orders.admin import ledgers, orders

__all__ = ["ledgers", "orders"]
