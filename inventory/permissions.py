"""Who may look at stock and who may move it.

This app knows no people: a caller is whoever has a `role`, or the `scopes` of a partner's token.
"""

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

STAFF = frozenset({"admin", "customer_service", "warehouse"})
KEEPERS = frozenset({"admin", "warehouse"})


def _role(request: Request) -> str:
    return getattr(request.user, "role", "")


class SeesStock(BasePermission):
    """Staff, and partners whose token has the scope `stock:read`."""

    def has_permission(self, request: Request, view: object) -> bool:
        return _role(request) in STAFF or "stock:read" in getattr(request.user, "scopes", ())


class SeesMoves(BasePermission):
    """Staff: the ledger and the reservations tell who bought what."""

    def has_permission(self, request: Request, view: object) -> bool:
        return _role(request) in STAFF


class MovesStock(BasePermission):
    """People of the warehouse, and admins."""

    def has_permission(self, request: Request, view: object) -> bool:
        return _role(request) in KEEPERS


class RunsWarehouses(SeesStock):
    """Whoever sees stock sees the warehouses; admins open, change and close them."""

    def has_permission(self, request: Request, view: object) -> bool:
        if request.method in SAFE_METHODS:
            return super().has_permission(request, view)
        return _role(request) == "admin"
