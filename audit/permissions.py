from rest_framework.permissions import BasePermission
from rest_framework.request import Request


class IsAdmin(BasePermission):
    """Who may read the history of everything. Known by the role alone: this app knows no people."""

    def has_permission(self, request: Request, view: object) -> bool:
        return getattr(request.user, "role", None) == "admin"
