"""What is done with exceptions: raised by whoever finds one, taken, put off and resolved by people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from api.actors import Actor
from audit.events import Event
from audit.exceptions.kinds import due_after, kinds_of
from audit.exceptions.models import ExceptionCase
from audit.log import publish
from audit.verbs import verb
from kernel.errors import Invalid, NotAllowedNow, NotFound

LABEL_LENGTH = 200
DETAIL_LENGTH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionResolved(Event):
    """A person has dealt with it."""

    aggregate = "exception"
    key = "exception_id"

    exception_id: int


@dataclass(frozen=True, slots=True)
class Subject:
    """What an exception is about: a model (`orders.order`), its id and what people call it."""

    type: str
    id: str
    label: str
    warehouses: Sequence[str] = ()


@verb
def raise_case(
    *, kind: str, subject: Subject, detail: str = "", since: datetime | None = None, by: Actor
) -> ExceptionCase:
    """Ask a person to look; the row there is already, when there is one whose cause lasts.

    `since`: when the cause came up. One that a person has resolved before that is over: this is another cause.
    """
    about = {"kind": kind, "subject_type": subject.type, "subject_id": subject.id}
    if since is not None:
        ExceptionCase.objects.filter(**about, over_at=None, resolved_at__lt=since).update(over_at=timezone.now())
    case = ExceptionCase(
        **about,
        label=subject.label[:LABEL_LENGTH],
        detail=detail[:DETAIL_LENGTH],
        warehouses=list(subject.warehouses),
        due_at=timezone.now() + due_after(kind),
    )
    while True:
        ExceptionCase.objects.bulk_create([case], ignore_conflicts=True)
        known = ExceptionCase.objects.filter(**about, over_at=None).first()
        # None: the one that stood in the way was over in between.
        if known is not None:
            return known


@verb
def assign_case(*, case_id: int, owner: int | None, by: Actor) -> ExceptionCase:
    """Give it to somebody (None: to nobody). Raises `NotFound`, `NotAllowedNow` (resolved), `Invalid` for one who may
    not see it.
    """
    case = _lock_open(case_id)
    if owner is not None:
        _check_owner(case, owner)
    case.owner_id = owner
    case.save(update_fields=["owner_id"])
    return case


@verb
def snooze_case(*, case_id: int, until: datetime, by: Actor) -> ExceptionCase:
    """Put it off: it leaves the queue until then. Raises `NotFound`, `NotAllowedNow`, `Invalid` for a past instant."""
    case = _lock_open(case_id)
    if until <= timezone.now():
        raise Invalid("This has passed.", field="until")
    case.snoozed_until = until
    case.save(update_fields=["snoozed_until"])
    return case


@verb
def resolve_case(*, case_id: int, note: str, by: Actor) -> ExceptionCase:
    """Say what was done about it. Raises `NotFound`, `NotAllowedNow` when somebody has, `Invalid` without a note."""
    case = _lock_open(case_id)
    if not note.strip():
        raise Invalid("Say what was done about it.", field="note")
    case.resolved_at, case.resolved_by, case.resolution = timezone.now(), str(by), note.strip()[:DETAIL_LENGTH]
    case.save(update_fields=["resolved_at", "resolved_by", "resolution"])
    publish(ExceptionResolved(exception_id=case.pk), by=by)
    return case


def _lock_open(case_id: int) -> ExceptionCase:
    case = ExceptionCase.objects.select_for_update().filter(pk=case_id).first()
    if case is None:
        raise NotFound("There is no such exception.")
    if case.resolved_at is not None:
        raise NotAllowedNow("This exception is resolved already.")
    return case


def possible_owners(kind: str) -> Any:
    """The people who may own one of this kind."""
    people: Any = get_user_model()._default_manager.filter(is_active=True)
    roles = [role for role in ("admin", "customer_service", "warehouse") if kind in kinds_of(role)]
    return people.filter(role__in=roles)


def _check_owner(case: ExceptionCase, owner: int) -> None:
    found = possible_owners(case.kind).filter(pk=owner).first()
    if found is None or not ExceptionCase.objects.visible_to(found).filter(pk=case.pk).exists():
        raise Invalid("Nobody of this id could see it.", field="owner")
