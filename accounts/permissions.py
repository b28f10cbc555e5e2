"""Who may try. Whether it is possible now is for the services to say."""

from functools import cache

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts import roles as known
from accounts.authentication import PartnerCaller
from accounts.models import User


@cache
def roles(*names: str) -> type[BasePermission]:
    """People with one of these roles: `permission_classes = [roles("admin", "warehouse")]`. Joins with `|`."""
    unknown = set(names) - set(known.PERMISSIONS)
    if unknown:
        raise ValueError(f"Unknown roles: {sorted(unknown)}.")

    class HasRole(BasePermission):
        def has_permission(self, request: Request, view: object) -> bool:
            return isinstance(request.user, User) and request.user.role in names

    return HasRole


@cache
def scope(name: str) -> type[BasePermission]:
    """Partners whose token has this scope: `[roles("admin") | scope("catalog:write")]`. People never pass it."""
    if name not in known.PARTNER_SCOPES:
        raise ValueError(f"Unknown scope: {name}.")

    class HasScope(BasePermission):
        def has_permission(self, request: Request, view: object) -> bool:
            return isinstance(request.user, PartnerCaller) and name in request.user.scopes

    return HasScope


class IsGuest(BasePermission):
    """Anyone who is nobody we know."""

    def has_permission(self, request: Request, view: object) -> bool:
        return not request.user.is_authenticated


class IsPerson(BasePermission):
    """Anyone who is logged in; no guest, no partner."""

    def has_permission(self, request: Request, view: object) -> bool:
        return isinstance(request.user, User)


IsStaff = roles(*sorted(known.STAFF))
IsAdmin = roles(known.ADMIN)
IsCustomer = roles(known.CUSTOMER)
