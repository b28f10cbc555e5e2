"""What about money waits for somebody: counted in the sidebar, and a card on the first page."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from orders.back_office.panels import Panel
from payments.advice import advice_on
from payments.models import Difference, MoneyCase, WebhookEvent
from payments.states import DifferenceState, InboxState

SHOWN = 6


def open_cases() -> QuerySet[MoneyCase]:
    return MoneyCase.objects.filter(resolved_at=None)


def open_differences() -> QuerySet[Difference]:
    return Difference.objects.filter(state=DifferenceState.OPEN)


def parked_webhooks() -> QuerySet[WebhookEvent]:
    return WebhookEvent.objects.filter(state=InboxState.PARKED)


def cases_card(request: HttpRequest) -> Panel | None:
    """The oldest open cases, each with what to do. Not for those who may not see them."""
    user: Any = request.user
    if not user.has_perm("payments.view_moneycase"):
        return None
    found = open_cases().select_related("order").order_by("id")[:SHOWN]
    rows = [(case, advice_on(case.kind)) for case in found]
    return Panel("Money cases", "gavel", "admin/payments/cases_card.html", {"cases": rows})
