"""The back office of orders."""

from orders.admin import campaigns, codes, exceptions, ledgers, orders, picking, shipping, taxes

__all__ = ["campaigns", "codes", "exceptions", "ledgers", "orders", "picking", "shipping", "taxes"]
