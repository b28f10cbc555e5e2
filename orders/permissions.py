"""Who may ever try what with an order. Whether it is possible now is for `orders.actions` to say."""

from dataclasses import dataclass
from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts import roles
from orders.actions import GUARDS

ORDER_TOKEN = "X-Order-Token"  # noqa: S105  the name of a header

READ, LIST, PLACE, PLACE_DIRECTLY = "read", "list", "place", "place_directly"
OWNER = frozenset({READ, PLACE, "pay", "cancel", "cancel_lines", "change_address", "edit", "request_return"})
FULFILMENT = frozenset({"ship", "deliver", "return_to_sender", "cancel_shipment"})
BENCH = frozenset({"pack", "pick", "papers"})
DESK = frozenset(
    {
        *(READ, LIST, PLACE, PLACE_DIRECTLY),
        *("cancel", "cancel_lines", "change_address", "edit", "hold", "release_hold"),
        *("request_return", "approve_return", "reject_return", "receive_return", "exchange_return"),
        "lose_shipment",
    }
)
BY_ROLE: dict[str, frozenset[str]] = {
    roles.ADMIN: DESK | FULFILMENT | BENCH | {"pay"},
    roles.CUSTOMER_SERVICE: DESK | {"pay"},
    roles.WAREHOUSE: DESK | FULFILMENT | BENCH,
    roles.CUSTOMER: OWNER | {LIST},
}
SEES_PEOPLE = "personal:read"
# A partner does all this with its own orders only.
BY_SCOPE: dict[str, frozenset[str]] = {
    "orders:read": frozenset({READ, LIST}),
    "orders:write": OWNER | {LIST, PLACE_DIRECTLY},
    "fulfilment:write": FULFILMENT | {READ, LIST},
}


@dataclass(frozen=True, slots=True)
class Viewer:
    """For whom an answer is written: what they may ever do, whether they see what only staff see, whether they see
    the people whom an order is for, and of which warehouses they hear; None: of all.
    """

    powers: frozenset[str]
    is_staff: bool = False
    sees_people: bool = True
    own_warehouses: frozenset[str] | None = None

    @property
    def actions(self) -> list[str]:
        """The actions on an order among the powers, in the order of `orders.actions`."""
        return [action for action in GUARDS if action in self.powers]


# A stranger who holds the order's token, or has just placed it.
GUEST = Viewer(OWNER)


def viewer_of(request: Request) -> Viewer:
    """A stranger may place an order, and do what an owner may with one whose token they show."""
    user: Any = request.user
    if not user or not user.is_authenticated:
        return GUEST if ORDER_TOKEN in request.headers else Viewer(frozenset({PLACE}))
    if user.role == roles.PARTNER:
        powers = frozenset().union(*(BY_SCOPE.get(scope, frozenset()) for scope in user.scopes))
        return Viewer(powers, sees_people=user.may(SEES_PEOPLE), own_warehouses=user.own_warehouses)
    return Viewer(BY_ROLE[user.role], is_staff=user.role in roles.STAFF)


class MayTry(BasePermission):
    """The caller has the power that the view's `needs` names for the action."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if view.action is None:  # no such method here: the 405 follows
            return True
        return view.needs[view.action] in viewer_of(request).powers
