"""What mails add to the page of an order: their panel, sending one again, and their place in the timeline."""

from collections.abc import Iterator

from django.http import HttpRequest

from kernel.errors import NotAllowedNow, Refused
from notifications.models import Notification
from notifications.services import send_again
from notifications.states import Kind
from orders.actions import Facts
from orders.back_office.forms import Caller, VerbForm, choice
from orders.back_office.panels import Panel
from orders.back_office.verbs import Verb
from orders.models import Order
from orders.timeline import Change, TimelineEntry


class SendAgainForm(VerbForm):
    def build(self) -> None:
        mails = Notification.objects.filter(order=self.order).order_by("-id")
        names = [(mail.pk, f"{Kind(mail.kind).label}, {mail.status}") for mail in mails]
        self.fields["mail"] = choice("E-mail", names)

    def perform(self, caller: Caller) -> object:
        return send_again(notification_id=int(self.cleaned_data["mail"]), by=caller.actor)


def _has_mail(order: Order, facts: Facts, role: str) -> Refused | None:
    found = Notification.objects.filter(order=order).exists()
    return None if found else NotAllowedNow("No e-mail has been sent about this order.")


VERBS = (
    Verb("send_again", "Send e-mail again", "forward_to_inbox", "notifications.send_again", SendAgainForm,
         "The e-mail is on its way again.", rehearsed=False, check=_has_mail),
)  # fmt: skip


def mails_panel(request: HttpRequest, order: Order) -> Panel | None:
    """The e-mails about an order, newest first."""
    if not request.user.has_perm("notifications.view_notification"):
        return None
    mails = list(Notification.objects.filter(order=order).order_by("-id"))
    return Panel("E-mails", "mail", "admin/notifications/order_panel.html", {"mails": mails})


def mails_of(order: Order) -> Iterator[TimelineEntry]:
    """Each e-mail at the moment it was decided on, with what became of it."""
    for mail in Notification.objects.filter(order=order):
        changes = [Change("sent_at", None, mail.sent_at)] if mail.sent_at else []
        yield TimelineEntry(
            at=mail.created_at,
            kind="message",
            title=f"e-mail {mail.kind}",
            actor=mail.requested_by or "system:notifications",
            detail=mail.error,
            changes=changes,
            states={"e-mail": mail.status},
        )
