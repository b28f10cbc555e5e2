"""One verb on many orders: first what it would do to each, then doing it, each order by itself with its result."""

from dataclasses import dataclass
from typing import Any

import structlog
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from kernel.errors import Refused
from kernel.ids import row_id
from orders.back_office.many import Answers, Many, ManyForm
from orders.back_office.queues import BY_KEY
from orders.back_office.rehearsal import Rehearsal, rehearse
from orders.back_office.verbs import Verb, verbs
from orders.models import Order, Shipment

AT_ONCE = 100
MOVED_ON = "It has changed since you looked, so nothing was done. Look again."
BROKE = "Something unexpected went wrong. Nothing was done to this order."
logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What would become, or became, of one order. `state` is ready, done, refused or failed."""

    order: Order
    state: str
    says: str = ""
    rehearsal: Rehearsal | None = None

    @property
    def key(self) -> str:
        """Order and version, as they were looked at."""
        return f"{self.order.pk}:{self.order.version}"


@dataclass(frozen=True, slots=True)
class Batch:
    """A verb, the orders chosen, and by whom."""

    request: HttpRequest
    verb: Verb
    many: Many
    orders: list[Order]

    @property
    def user(self) -> Any:
        return self.request.user

    def rehearse(self, answers: Answers) -> list[Outcome]:
        return [self._rehearse_one(order, answers) for order in self.orders]

    def _rehearse_one(self, order: Order, answers: Answers) -> Outcome:
        found = rehearse(order.pk, lambda: self.many.act(order, answers, self.user.as_actor()), caller=self.user)
        if found.refusal:
            return Outcome(order, "refused", found.refusal.text)
        return Outcome(order, "ready", found.summary, found)

    def perform(self, answers: Answers) -> list[Outcome]:
        """Only orders that were shown as ready, and have not changed since."""
        keys = [key.partition(":") for key in self.request.POST.getlist("ready")]
        looked_at = {pk: version for pk, _, version in keys}
        return [self._perform_if(order, answers, looked_at.get(str(order.pk))) for order in self.orders]

    def _perform_if(self, order: Order, answers: Answers, version: str | None) -> Outcome:
        if version is None:
            found = self._rehearse_one(order, answers)
            return found if found.state == "refused" else Outcome(order, "refused", MOVED_ON)
        if version != str(order.version):
            return Outcome(order, "refused", MOVED_ON)
        return self._perform_one(order, answers)

    def _perform_one(self, order: Order, answers: Answers) -> Outcome:
        try:
            self.many.act(order, answers, self.user.as_actor())
        except Refused as refusal:
            return Outcome(order, "refused", refusal.text)
        except Exception:
            # The others are done or still to come: this row says what went wrong, the log why.
            logger.exception("bulk_verb_failed", verb=self.verb.action, order=order.pk)
            return Outcome(order, "failed", BROKE)
        order.refresh_from_db(fields=("status",))
        return Outcome(order, "done", self.verb.done)


def bulk(request: HttpRequest, action: str) -> HttpResponse:
    """GET and POST `intent=look` show what would happen to each order, POST `intent=do` does it."""
    batch = _batch(request, action)
    if not batch.orders:
        raise Http404
    if request.method != "POST":
        first = batch.many.form()
        filled = batch.many.form({name: field.initial or "" for name, field in first.fields.items()})
        return _look(batch, filled)
    form = batch.many.form(request.POST)
    if not form.is_valid() or request.POST.get("intent") != "do":
        return _look(batch, form)
    return _show(batch, form, batch.perform(form.answers()), finished=True)


def _look(batch: Batch, form: ManyForm) -> HttpResponse:
    outcomes = batch.rehearse(form.answers()) if form.is_valid() else []
    return _show(batch, form, outcomes, finished=False)


def _batch(request: HttpRequest, action: str) -> Batch:
    verb = verbs().get(action)
    if verb is None or verb.many is None:
        raise Http404
    user: Any = request.user
    if not user.has_perm(verb.permission):
        raise PermissionDenied
    chosen = (request.POST if request.method == "POST" else request.GET).getlist("id")
    ids = [found for text in chosen if (found := row_id(text)) is not None][:AT_ONCE]
    orders = Order.objects.filter(pk__in=ids).order_by("ship_by", "pk").prefetch_related("addresses")
    return Batch(request, verb, verb.many, list(orders))


def _show(batch: Batch, form: ManyForm, outcomes: list[Outcome], *, finished: bool) -> HttpResponse:
    ready = [outcome for outcome in outcomes if outcome.state in {"ready", "done"}]
    context = admin.site.each_context(batch.request) | {
        "title": f"{batch.verb.title}: {len(batch.orders)} {'order' if len(batch.orders) == 1 else 'orders'}",
        "verb": batch.verb,
        "form": form,
        "orders": batch.orders,
        "outcomes": outcomes,
        "ready": ready,
        "held_back": len(outcomes) - len(ready),
        "strangers": _strangers(batch, form),
        "finished": finished,
        "back": _back(batch.request),
        "queue": batch.request.GET.get("queue", ""),
    }
    return TemplateResponse(batch.request, "admin/orders/order/bulk.html", context)


def _back(request: HttpRequest) -> str:
    queue = request.GET.get("queue", "")
    return reverse("admin:orders_order_changelist") + (f"?queue={queue}" if queue in BY_KEY else "")


def _strangers(batch: Batch, form: ManyForm) -> list[str]:
    """Numbers with a tracking number that belong to none of the orders chosen."""
    if not form.is_valid():
        return []
    packages = Shipment.objects.filter(order__in=batch.orders).values_list("number", flat=True)
    known = {order.number for order in batch.orders}.union(packages)
    return [number for number in form.answers().tracking if number not in known]
