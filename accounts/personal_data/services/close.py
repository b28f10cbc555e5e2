"""Closing one's account, and thinking again."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.errors import KeyNotValid
from accounts.events import ErasureAsked, ErasureWithdrawn
from accounts.models import RefreshFamily, User
from accounts.personal_data.errors import AlreadyErased, NothingToWithdraw, StaffAccount
from accounts.personal_data.keys import keep_key, read_keep_key
from accounts.personal_data.models import Erasure
from accounts.services.sessions import end_all
from api.actors import Actor
from audit.hints import hint
from audit.log import publish
from audit.verbs import verb


@verb
def ask_erasure(*, user_id: int, by: Actor) -> User:
    """Close a customer's account at once, and have them erased in `ERASURE_DAYS`. Again changes nothing.

    Raises `StaffAccount` and `AlreadyErased`.
    """
    user = User.objects.lock(user_id)
    if user.is_staff:
        raise StaffAccount()
    if user.erased_at is not None:
        raise AlreadyErased()
    if user.erase_at is None:
        now = timezone.now()
        user.erase_at = now + timedelta(days=settings.ERASURE_DAYS)
        Erasure.objects.create(
            user=user, was_active=user.is_active, requested_by=str(by), requested_at=now, look_at=user.erase_at
        )
        user.is_active = False
        user.save(update_fields=["is_active", "erase_at"])
        end_all(user, RefreshFamily.Reason.ERASED)
        publish(ErasureAsked(user_id=user.pk), by=by)
        if not settings.ERASURE_DAYS:
            transaction.on_commit(nudge, robust=True)
    return user


def nudge() -> None:
    """Wake a worker. Only a hint: the sweep finds the row without it."""
    hint("accounts.tasks.erase_due_people", queue="reports")


def keep_account_key(user_id: int) -> str | None:
    """The key for the mail, which takes the open wish of this person back; None when there is none."""
    erasure_id = Erasure.objects.filter(user=user_id, ended_at=None).values_list("pk", flat=True).first()
    return None if erasure_id is None else keep_key(erasure_id)


def keep_account(*, key: str) -> None:
    """Take the wish to be erased back by a mailed key, while there is time. Raises `KeyNotValid`."""
    erasure = Erasure.objects.filter(pk=read_keep_key(key)).first()
    if erasure is None:
        raise KeyNotValid()
    _keep(user_id=erasure.user_id, erasure_id=erasure.pk, by=Actor.user(erasure.user_id))


@verb
def _keep(*, user_id: int, erasure_id: int, by: Actor) -> None:
    user = User.objects.lock(user_id)
    erasure = Erasure.objects.filter(pk=erasure_id, user=user, ended_at=None).first()
    if erasure is None or user.erase_at is None or user.erase_at <= timezone.now():
        raise KeyNotValid()
    _withdraw(user, erasure, by)


@verb
def withdraw_erasure(*, user_id: int, by: Actor) -> User:
    """Open the account again as it was, also past the period while the person is not erased yet.

    Raises `AlreadyErased` and `NothingToWithdraw`.
    """
    user = User.objects.lock(user_id)
    if user.erased_at is not None:
        raise AlreadyErased()
    erasure = Erasure.objects.filter(user=user, ended_at=None).first()
    if erasure is None:
        raise NothingToWithdraw()
    _withdraw(user, erasure, by)
    return user


def _withdraw(user: User, erasure: Erasure, by: Actor) -> None:
    user.erase_at = None
    user.is_active = user.is_active or erasure.was_active
    user.save(update_fields=["is_active", "erase_at"])
    erasure.outcome, erasure.ended_at, erasure.waits_for = Erasure.Outcome.WITHDRAWN, timezone.now(), ""
    erasure.save(update_fields=["outcome", "ended_at", "waits_for"])
    publish(ErasureWithdrawn(user_id=user.pk), by=by)
