"""Taking, assigning, putting off and resolving exceptions, one or many, each with its result."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from api.fields import no_card_number
from audit.exceptions.models import ExceptionCase
from audit.exceptions.services import assign_case, resolve_case, snooze_case
from kernel.errors import Refused
from kernel.ids import row_id

AT_ONCE = 100
MORNING = time(8)
STAFF = ("admin", "customer_service", "warehouse")


class NoForm(forms.Form):
    """Asks nothing."""


class AssignForm(forms.Form):
    owner = forms.ModelChoiceField(
        User.objects.none(), label="Whose it is", required=False, empty_label="Nobody's", widget=forms.Select
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people: Any = self.fields["owner"]
        people.queryset = User.objects.filter(role__in=STAFF, is_active=True).order_by("email")


class SnoozeForm(forms.Form):
    until = forms.ChoiceField(
        label="Until", choices=[("hour", "in an hour"), ("tomorrow", "tomorrow morning"), ("date", "the date below")]
    )
    date = forms.DateField(label="Date", required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("until") == "date" and not given.get("date"):
            self.add_error("date", "Which day?")
        return given


class ResolveForm(forms.Form):
    note = forms.CharField(
        label="What was done about it",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[no_card_number],
    )


@dataclass(frozen=True, slots=True)
class CaseVerb:
    """What can be done with exceptions: what it asks, and the service for each."""

    key: str
    title: str
    icon: str
    done: str
    act: Callable[[ExceptionCase, dict[str, Any], User], object]
    form: type[forms.Form] = NoForm


def _take(case: ExceptionCase, given: dict[str, Any], user: User) -> object:
    return assign_case(case_id=case.pk, owner=user.pk, by=user.as_actor())


def _assign(case: ExceptionCase, given: dict[str, Any], user: User) -> object:
    owner = given["owner"]
    return assign_case(case_id=case.pk, owner=owner.pk if owner else None, by=user.as_actor())


def _snooze(case: ExceptionCase, given: dict[str, Any], user: User) -> object:
    return snooze_case(case_id=case.pk, until=snoozed_until(given["until"], given.get("date")), by=user.as_actor())


def _resolve(case: ExceptionCase, given: dict[str, Any], user: User) -> object:
    return resolve_case(case_id=case.pk, note=given["note"], by=user.as_actor())


def snoozed_until(choice: str, date: Any = None) -> datetime:
    """An hour from now, or the morning of tomorrow or of a date in the shop's zone."""
    zone = ZoneInfo(settings.SHOP_TIME_ZONE)
    if choice == "hour":
        return timezone.now() + timedelta(hours=1)
    day = date if choice == "date" else timezone.localdate(timezone=zone) + timedelta(days=1)
    return datetime.combine(day, MORNING, zone)


VERBS = {
    verb.key: verb
    for verb in (
        CaseVerb("take", "Take", "front_hand", "It is yours.", _take),
        CaseVerb("assign", "Assign", "person_add", "Assigned.", _assign, AssignForm),
        CaseVerb("snooze", "Snooze", "snooze", "Put off.", _snooze, SnoozeForm),
        CaseVerb("resolve", "Resolve", "task_alt", "Resolved.", _resolve, ResolveForm),
    )
}


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one: done, refused, or still to be done."""

    case: ExceptionCase
    state: str = "ready"
    says: str = ""


def do(request: HttpRequest, key: str) -> HttpResponse:
    """GET asks; POST does it to each by itself and shows what became of it."""
    verb = VERBS.get(key)
    user: Any = request.user
    if verb is None:
        raise Http404
    if not user.has_perm("audit.change_exceptioncase"):
        raise PermissionDenied
    chosen = (request.POST if request.method == "POST" else request.GET).getlist("id")
    ids = [found for text in chosen if (found := row_id(text)) is not None][:AT_ONCE]
    cases = list(ExceptionCase.objects.visible_to(user).filter(pk__in=ids))
    if not cases:
        raise Http404
    form = verb.form(request.POST if request.method == "POST" else None)
    for field in form.fields.values():
        field.widget.attrs |= {"class": "wb-input", "autocomplete": "off"}
    finished = request.method == "POST" and form.is_valid()
    results = [_result(verb, case, form.cleaned_data, user) if finished else Result(case) for case in cases]
    title = f"{verb.title}: {len(cases)} {'exception' if len(cases) == 1 else 'exceptions'}"
    context = admin.site.each_context(request) | {
        "title": title,
        "verb": verb,
        "form": form,
        "results": results,
        "finished": finished,
        "done": sum(result.state == "done" for result in results),
        "back": reverse("admin:audit_exceptioncase_changelist"),
    }
    return TemplateResponse(request, "admin/audit/exceptioncase/do.html", context)


def _result(verb: CaseVerb, case: ExceptionCase, given: dict[str, Any], user: User) -> Result:
    try:
        with transaction.atomic():
            verb.act(case, given, user)
    except Refused as refusal:
        return Result(case, "refused", refusal.text)
    return Result(case, "done", verb.done)
