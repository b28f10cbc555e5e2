"""The buttons of an order: which verb each is, who may press it, what it asks, and which comes next."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from inventory.callers import own_warehouses
from kernel.errors import NotAllowedNow, PermissionRefused, Refused
from orders.actions import GUARDS, Facts, facts_of, nothing_to_return
from orders.back_office import forms
from orders.back_office.display import words
from orders.back_office.edit_form import EditForm
from orders.back_office.many import APPROVE, CANCEL, DELIVER, HOLD, PACK, SHIP, Many
from orders.back_office.package_forms import CameBackForm, DeliverLostForm, LoseForm, coming_back
from orders.back_office.return_request import RequestReturnForm
from orders.models import Order
from orders.services import unpacked_by_warehouse
from orders.services.many import NOTHING_HERE
from orders.states import HOLD_RELEASED_BY, ShipmentStatus


@dataclass(frozen=True, slots=True)
class Verb:
    """A button. `rehearsed` verbs move money or stock: they show what they will do before they ask.

    `check` says why not now; by default the guard of the same name in `orders.actions`. `lies_in` says whether there is
    something to do in the warehouses with these codes, where a person has only some. `urgency` orders the
    candidates for the one big button, the lowest first; None never is one. `many` makes it one for whole queues.
    """

    action: str
    title: str
    icon: str
    permission: str
    form: Callable[..., forms.VerbForm]
    done: str
    rehearsed: bool = True
    check: Callable[[Order, Facts, str], Refused | None] | None = None
    lies_in: Callable[[Order, frozenset[str]], bool] | None = None
    urgency: int | None = None
    dangerous: bool = False
    many: Many | None = None

    def refusal(self, order: Order, facts: Facts, user: Any) -> Refused | None:
        """Why this person cannot do it now."""
        found = self.check(order, facts, user.role) if self.check is not None else GUARDS[self.action](facts)
        own = own_warehouses(user)
        if found is None and self.lies_in is not None and own is not None and not self.lies_in(order, own):
            return NotAllowedNow(NOTHING_HERE)
        return found


@dataclass(frozen=True, slots=True)
class Button:
    """A verb on the page of one order; greyed, with the reason, when `why_not` says so."""

    verb: Verb
    why_not: str = ""


def _verb(action: str, title: str, icon: str, form: Callable[..., forms.VerbForm], done: str, **more: Any) -> Verb:
    return Verb(action, title, icon, f"orders.{action}", form, done, **more)


def _releasable(order: Order, facts: Facts, role: str) -> Refused | None:
    """The guard, and that at least one of the holds is of a kind this role may release."""
    allowed = [HOLD_RELEASED_BY[kind] for kind in facts.open_holds]
    if allowed and not any(role in roles for roles in allowed):
        return PermissionRefused(f"Only {' or '.join(words(name).lower() for name in sorted(allowed[0]))} may do this.")
    return GUARDS["release_hold"](facts)


def _unpacked(order: Order, own: frozenset[str]) -> bool:
    return bool(unpacked_by_warehouse(order, own=own))


def _packed(order: Order, own: frozenset[str]) -> bool:
    return bool(forms.packages(order, ShipmentStatus.PACKED, own))


def _on_its_way(order: Order, own: frozenset[str]) -> bool:
    return bool(forms.packages(order, ShipmentStatus.SHIPPED, own))


def _lost(order: Order, own: frozenset[str]) -> bool:
    return bool(forms.packages(order, ShipmentStatus.LOST, own))


def _coming_back(order: Order, own: frozenset[str]) -> bool:
    return bool(coming_back(order, own))


def _any_undelivered(order: Order, facts: Facts, role: str) -> Refused | None:
    return None if coming_back(order, None) else NotAllowedNow("No package is on its way or lost.")


def _any_shipped(order: Order, facts: Facts, role: str) -> Refused | None:
    return GUARDS["deliver"](facts)


def _any_lost(order: Order, facts: Facts, role: str) -> Refused | None:
    return None if forms.packages(order, ShipmentStatus.LOST, None) else NotAllowedNow("No package is lost.")


def _any_to_return(order: Order, facts: Facts, role: str) -> Refused | None:
    """The form lets staff open it against the rules."""
    return nothing_to_return(facts)


def _always(order: Order, facts: Facts, role: str) -> None:
    """Nothing speaks against it."""


ORDER_VERBS = (
    _verb("release_hold", "Release hold", "front_hand", forms.ReleaseHoldForm, "The hold is released.",
          rehearsed=False, check=_releasable, urgency=10),
    _verb("approve_return", "Approve return", "assignment_turned_in", forms.ApproveReturnForm,
          "The return is approved.", rehearsed=False, urgency=30, many=APPROVE),
    _verb("receive_return", "Receive return", "assignment_return", forms.ReceiveReturnForm,
          "The return is received.", urgency=40),
    _verb("pack", "Pack", "inventory_2", forms.PackForm, "Packed.", lies_in=_unpacked, urgency=50,
          many=PACK),
    _verb("ship", "Ship", "local_shipping", forms.ShipForm, "Handed to the carrier.", lies_in=_packed,
          urgency=60, many=SHIP),
    _verb("deliver", "Mark delivered", "where_to_vote", forms.DeliverForm, "Delivered.", lies_in=_on_its_way,
          urgency=70, many=DELIVER),
    _verb("lose_shipment", "Mark as lost", "help", LoseForm, "The package is lost.", check=_any_shipped,
          lies_in=_on_its_way, dangerous=True),
    _verb("return_to_sender", "Came back", "undo", CameBackForm, "A return awaits it at the returns desk.",
          check=_any_undelivered, lies_in=_coming_back),
    Verb("deliver_lost", "Delivered after all", "where_to_vote", "orders.deliver", DeliverLostForm, "Delivered.",
         check=_any_lost, lies_in=_lost),
    _verb("cancel_shipment", "Unpack", "unarchive", forms.UnpackForm, "Unpacked.", lies_in=_packed),
    _verb("hold", "Put on hold", "pan_tool", forms.HoldForm, "The order is on hold.", rehearsed=False,
          many=HOLD),
    _verb("change_address", "Change address", "edit_location_alt", forms.ChangeAddressForm,
          "The address is changed.", rehearsed=False),
    _verb("edit", "Edit lines", "edit_note", EditForm, "The order is changed."),
    _verb("request_return", "Register return", "keyboard_return", RequestReturnForm,
          "The return is registered.", rehearsed=False, check=_any_to_return),
    _verb("reject_return", "Reject return", "assignment_late", forms.RejectReturnForm, "The return is rejected.",
          rehearsed=False, dangerous=True),
    _verb("cancel_lines", "Cancel units", "playlist_remove", forms.CancelLinesForm, "The units are cancelled.",
          dangerous=True),
    _verb("cancel", "Cancel order", "cancel", forms.CancelForm, "The order is cancelled.", dangerous=True,
          many=CANCEL),
    Verb("note", "Add note", "sticky_note_2", "orders.add_ordernote", forms.NoteForm, "The note is kept.",
         rehearsed=False, check=_always),
)  # fmt: skip


@cache
def verbs() -> dict[str, Verb]:
    """Those of orders and those that apps above contribute (`ORDER_VERBS`: dotted paths of tuples of verbs)."""
    contributed = [verb for path in settings.ORDER_VERBS for verb in import_string(path)]
    return {verb.action: verb for verb in [*contributed, *ORDER_VERBS]}


def buttons_for(user: Any, order: Order) -> dict[str, Button]:
    """What this person may ever do with an order, each possible now or refused with its sentence."""
    facts = facts_of(order)
    return {
        verb.action: Button(verb, refusal.text if (refusal := verb.refusal(order, facts, user)) else "")
        for verb in verbs().values()
        if user.has_perm(verb.permission)
    }


def next_of(buttons: dict[str, Button]) -> Button | None:
    """The one big button: the most urgent of what is possible now."""
    possible = [button for button in buttons.values() if not button.why_not and button.verb.urgency is not None]
    return min(possible, key=lambda button: button.verb.urgency or 0, default=None)


def menu_of(buttons: dict[str, Button], big: Button | None) -> Sequence[Button]:
    """All others: what is possible first, then what is greyed."""
    return sorted((found for found in buttons.values() if found is not big), key=lambda found: bool(found.why_not))
