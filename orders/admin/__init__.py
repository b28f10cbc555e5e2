"""The back office of orders."""

from orders.admin import campaigns, codes, ledgers, orders, picking, shipping, taxes

__all__ = ["campaigns", "codes", "ledgers", "orders", "picking", "shipping", "taxes"]
