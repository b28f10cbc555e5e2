"""What the views of orders share: whose order it is, which version of it, and how a refusal reads."""

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from rest_framework.request import Request
from rest_framework.response import Response

from api.actors import Actor
from api.etags import etag_for
from api.tokens import token_opens
from api.views import View
from audit.verbs import verb
from catalog.assortment import assortment_of
from inventory.callers import own_warehouses
from kernel.errors import NotFound, Refused
from orders.errors import OrderIsTest
from orders.masking import masked
from orders.models import Order
from orders.permissions import FULFILMENT, ORDER_TOKEN, MayTry, Viewer, viewer_of
from orders.querysets import OrderQuerySet
from orders.reading import read_order
from orders.representation import show_order
from orders.services import Owner

R = TypeVar("R")


def owner_of(request: Request) -> Owner:
    """Whose carts and orders the caller makes. A stranger's are nobody's: a token opens them."""
    user: Any = request.user
    if not user or not user.is_authenticated:
        return Owner()
    own = own_warehouses(user)
    if user.role == "partner":
        return Owner(partner_id=user.partner.pk, test=user.sandbox, given=assortment_of(user), warehouses=own)
    return Owner(user_id=user.pk, email=user.email, warehouses=own)


@verb
def at_version(*, order_id: int, check: Callable[[int], None], change: Callable[[], R], by: Actor) -> R:
    """Run a change of an order when `check` accepts its present version, which the lock keeps meanwhile."""
    version = Order.objects.select_for_update().values_list("version", flat=True).filter(pk=order_id).first()
    if version is None:
        raise NotFound("There is no such order.")
    check(version)
    return change()


class ForViewer(View):
    """A view whose answers are written for a viewer, also when they are given again."""

    @property
    def viewer(self) -> Viewer:
        return viewer_of(self.request)

    @property
    def is_rehearsal(self) -> bool:
        """Whether the caller comes with a sandbox token."""
        return getattr(self.request.user, "sandbox", False)

    def answer(self, handler: Callable[..., Response]) -> Response:
        """A key is its partner's, whichever token comes with it: the answer that was kept may have been for one that
        sees people.
        """
        response = super().answer(handler)
        if "Idempotent-Replayed" in response and isinstance(response.data, dict) and not self.viewer.sees_people:
            response.data = masked(response.data)
        return response

    def caller_scope(self) -> str:
        """What was tried with a sandbox token has not happened for the others."""
        scope = super().caller_scope()
        return f"{scope}:test" if self.is_rehearsal else scope


class OrderView(ForViewer):
    """A view whose actions each need a power, see `orders.permissions`."""

    permission_classes = [MayTry]
    # Action of the view → the power it needs.
    needs: ClassVar[dict[str, str]] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if self.is_rehearsal and self.needs.get(self.action or "") in FULFILMENT:
            self.refuse_package(kwargs["number"])

    def refuse_package(self, number: str) -> None:
        """Test orders have no package, and a sandbox token sees no other order. Raises `OrderIsTest`, `NotFound`."""
        if self.visible().filter(number=number.rpartition("-")[0]).exists():
            raise OrderIsTest()
        raise NotFound("There is no such package.")

    def visible(self) -> OrderQuerySet:
        return Order.objects.visible_to(self.request.user)

    def named(self, number: str) -> OrderQuerySet:
        """The order of this number, if the caller may see it or holds its token."""
        token = self.request.headers.get(ORDER_TOKEN, "")
        if token and token_opens(token, "order", number):
            return Order.objects.filter(number=number)
        return self.visible().filter(number=number)

    def order_id(self, number: str) -> int:
        """Raises `NotFound`, also for another's order."""
        found = self.named(number).values_list("pk", flat=True).first()
        if found is None:
            raise NotFound("There is no such order.")
        return found

    def change(self, order_id: int, change: Callable[[], R]) -> R:
        """Run a verb on an order, under the caller's `If-Match` where there is one."""
        if "If-Match" not in self.request.headers:
            return change()
        return at_version(order_id=order_id, check=self.check_if_match, change=change, by=self.actor)

    def shown_order(self, order_id: int, status: int = 200) -> Response:
        """The order as it is now, with its `ETag`."""
        order = read_order(order_id)
        return Response(show_order(order, self.viewer), status=status, headers={"ETag": etag_for(order.version)})

    def handle_exception(self, exc: Exception) -> Response:
        """A refusal names the actions that are possible instead: those the caller may ever try."""
        if isinstance(exc, Refused) and "available_actions" in exc.extra:
            possible = exc.extra["available_actions"]
            exc.extra["available_actions"] = [action for action in self.viewer.actions if action in possible]
        return super().handle_exception(exc)
