"""What no rule may decide about money: opened by whoever finds it, resolved by a person."""

from uuid import UUID

from django.utils import timezone

from api.actors import Actor
from audit.verbs import verb
from kernel.errors import Invalid, NotAllowedNow, NotFound
from payments.models import MoneyCase
from payments.states import CaseKind

ABOUT_LENGTH = 255
DETAIL_LENGTH = 500


def open_case(
    *, kind: CaseKind, about: str, detail: str, order_id: int | None = None, payment_id: UUID | None = None
) -> MoneyCase:
    """Ask a person to look, within the caller's transaction; the one that is open already when there is one.

    `about` names what it is about, so that the same thing found again opens nothing new. Too long a detail is cut:
    what a provider says must never keep the facts from being written.
    """
    about, detail = about[:ABOUT_LENGTH], detail[:DETAIL_LENGTH]
    case = MoneyCase(kind=kind, about=about, detail=detail, order_id=order_id, payment_id=payment_id)
    while True:
        MoneyCase.objects.bulk_create([case], ignore_conflicts=True)
        known = MoneyCase.objects.filter(kind=kind, about=about, resolved_at=None).first()
        # None: the one that stood in the way was resolved in between.
        if known is not None:
            return known


@verb
def resolve_case(*, case_id: int, resolution: str, by: Actor) -> MoneyCase:
    """Close a case with what was done about it. Raises `NotFound`, `NotAllowedNow` when somebody has, `Invalid`."""
    case = MoneyCase.objects.select_for_update().filter(pk=case_id).first()
    if case is None:
        raise NotFound("There is no such case.")
    if case.resolved_at is not None:
        raise NotAllowedNow("This case is resolved already.")
    if not resolution.strip():
        raise Invalid("Say what was done about it.", field="resolution")
    case.resolved_at, case.resolved_by, case.resolution = timezone.now(), str(by), resolution.strip()
    case.save(update_fields=["resolved_at", "resolved_by", "resolution"])
    return case
