"""The back office of orders."""

from orders.admin import campaigns, codes, exceptions, ledgers, orders, picking, return_rules, shipping, taxes

__all__ = [
    "campaigns",
    "codes",
    "exceptions",
    "ledgers",
    "orders",
    "picking",
    "return_rules",
    "shipping",
    "taxes",
]
