"""Erasing people whose time has come, one transaction each."""

import secrets
from datetime import timedelta

import structlog
from django.utils import timezone

from accounts.events import UserErased
from accounts.models import User
from accounts.personal_data.models import Erasure
from accounts.personal_data.registry import ERASED_DOMAIN, holders
from api.actors import Actor
from audit.erasing import erasing
from audit.log import publish
from audit.verbs import verb

BATCH = 50
REASON_LENGTH = 300
# Somebody who waits is looked at again soon, then ever more seldom.
SHORTEST_WAIT, LONGEST_WAIT = timedelta(seconds=10), timedelta(hours=1)
logger = structlog.get_logger(__name__)


def erase_due() -> int:
    """Erase everybody who is due and has nothing under way. Returns how many; the others keep the reason why not."""
    by = Actor.system("erase_people")
    due = Erasure.objects.filter(ended_at=None, look_at__lte=timezone.now()).order_by("look_at")
    erased = 0
    for user_id in list(due.values_list("user_id", flat=True)[:BATCH]):
        try:
            erased += erase_person(user_id=user_id, by=by)
        except Exception as error:
            # One person's trouble holds up nobody else; the doctor shows who waits for long.
            logger.error("erasure_failed", user=user_id, exc_info=error)
            _postpone(user_id=user_id, reason=f"It failed: {type(error).__name__}.", by=by)
    return erased


@verb
def erase_person(*, user_id: int, by: Actor) -> bool:
    """Leave nothing by which the person is known, in any table; the books stay as they are.

    Nothing happens to somebody who is not due, or whom another worker erases just now. Who has something under way
    waits, and the reason is kept.
    """
    due = User.objects.select_for_update(no_key=True, skip_locked=True).filter(
        pk=user_id, erase_at__lte=timezone.now(), erased_at=None
    )
    user = due.first()
    erasure = Erasure.objects.filter(user=user_id, ended_at=None).first() if user else None
    if user is None or erasure is None:
        return False
    reasons = [reason for holder in holders() for reason in holder.unfinished(user)]
    if reasons:
        _wait(erasure, " ".join(reasons))
        return False
    pseudonym = f"erased-{secrets.token_hex(16)}{ERASED_DOMAIN}"
    with erasing():
        for holder in holders():
            holder.erase(user, pseudonym)
    erasure.outcome, erasure.ended_at, erasure.waits_for = Erasure.Outcome.ERASED, timezone.now(), ""
    erasure.save(update_fields=["outcome", "ended_at", "waits_for"])
    publish(UserErased(user_id=user.pk), by=by)
    return True


@verb
def _postpone(*, user_id: int, reason: str, by: Actor) -> None:
    user = User.objects.lock(user_id)
    erasure = Erasure.objects.filter(user=user, ended_at=None).first()
    if erasure is not None:
        _wait(erasure, reason)


def _wait(erasure: Erasure, reason: str) -> None:
    now = timezone.now()
    overdue = now - (erasure.user.erase_at or now)
    erasure.look_at = now + min(max(overdue / 4, SHORTEST_WAIT), LONGEST_WAIT)
    erasure.waits_for = reason[:REASON_LENGTH]
    erasure.save(update_fields=["look_at", "waits_for"])
