"""The back office of orders."""

from orders.admin import campaigns, codes, ledgers, orders, return_rules, shipping, taxes

__all__ = ["campaigns", "codes", "ledgers", "orders", "return_rules", "shipping", "taxes"]
