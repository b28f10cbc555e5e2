"""Who may do what: the one table, read by the back office and by the tokens of the API."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache

ADMIN = "admin"
CUSTOMER_SERVICE = "customer_service"
WAREHOUSE = "warehouse"
CUSTOMER = "customer"
PARTNER = "partner"

STAFF = frozenset({ADMIN, CUSTOMER_SERVICE, WAREHOUSE})

# What may be done with an order, by the names of `orders.actions`.
_ORDER_DESK = tuple(
    f"orders.{verb}"
    for verb in (
        *("cancel", "cancel_lines", "change_address", "edit", "hold", "release_hold"),
        *("request_return", "approve_return", "reject_return", "receive_return", "exchange_return"),
        *("lose_shipment", "add_ordernote"),
    )
)
_ORDER_FULFILMENT = tuple(
    f"orders.{verb}" for verb in ("pick", "pack", "ship", "deliver", "return_to_sender", "cancel_shipment")
)

_EXCEPTIONS = ("audit.view_exceptioncase", "audit.change_exceptioncase")

# Role → Django permissions, `*` standing for anything. They decide what the back office shows.
PERMISSIONS: dict[str, tuple[str, ...]] = {
    ADMIN: ("*",),
    CUSTOMER_SERVICE: (
        "orders.view_*",
        *_EXCEPTIONS,
        "orders.change_order",
        "orders.pay",
        *_ORDER_DESK,
        "orders.add_taxexemption",
        "orders.change_taxexemption",
        "payments.*",
        "gift_cards.freeze",
        "reporting.*",
        "notifications.view_*",
        "catalog.view_*",
        "catalog.change_stockrequest",
        "inventory.view_*",
        "accounts.view_user",
        "accounts.view_address",
        "accounts.change_address",
    ),
    WAREHOUSE: (
        *_EXCEPTIONS,
        "inventory.*",
        "orders.view_*",
        *_ORDER_DESK,
        *_ORDER_FULFILMENT,
        "catalog.view_*",
    ),
    CUSTOMER: (),
}

# What a partner's token can be given, one scope a kind of work.
PARTNER_SCOPES: dict[str, str] = {
    "catalog:write": "Create and change products.",
    "orders:read": "Read the partner's own orders.",
    "orders:write": "Place orders and cancel them before packing.",
    "stock:read": "Read stock levels.",
    "fulfilment:write": "Report packages as shipped and delivered.",
    "events:read": "Read the feed of events.",
    "webhooks:write": "Manage webhook endpoints.",
    "personal:read": "See names, addresses and e-mails of the people its orders are for.",
}

# Role → scopes named in a person's access token, for apps that show what may be done.
ROLE_SCOPES: dict[str, tuple[str, ...]] = {
    ADMIN: tuple(PARTNER_SCOPES),
    CUSTOMER_SERVICE: ("orders:read", "orders:write", "stock:read"),
    WAREHOUSE: ("orders:read", "stock:read", "fulfilment:write"),
    CUSTOMER: (),
}


@cache
def may(role: str, permission: str) -> bool:
    """Whether the role has the permission, e.g. `may("warehouse", "inventory.change_stocklevel")`."""
    return any(fnmatchcase(permission, pattern) for pattern in PERMISSIONS.get(role, ()))


@cache
def may_enter(role: str, app_label: str) -> bool:
    """Whether the role has any permission in the app."""
    return any(pattern == "*" or pattern.split(".")[0] == app_label for pattern in PERMISSIONS.get(role, ()))


def scope_choices() -> Iterator[tuple[str, str]]:
    return iter(PARTNER_SCOPES.items())
