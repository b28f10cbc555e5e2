"""Passwords: how strong, how changed, how found again."""

import secrets

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.errors import KeyNotValid
from accounts.events import PasswordChanged, PasswordResetRequested
from accounts.models import RefreshFamily, User
from accounts.services.sessions import TokenPair, end_all, open_session
from accounts.services.verification import mark_verified
from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from kernel.errors import FieldProblem, Invalid

reset_tokens = PasswordResetTokenGenerator()


def check_strength(password: str, *, user: User, field: str = "password") -> None:
    """Raises `Invalid` naming the field, with each reason why the password is too weak."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        reasons = [FieldProblem(field, str(weak.code), " ".join(weak.messages)) for weak in error.error_list]
        raise Invalid(f"{field}: {reasons[0].detail}", problems=reasons) from error


@verb
def request_password_reset(*, email: str, by: Actor) -> None:
    """Have a mail with a key sent to the person, if there is one. Returns nothing, so that nobody learns which.

    For a stranger the same is written and undone, so that the time it takes tells nothing either.
    """
    user = User.objects.by_email(email)
    known = user is not None and user.is_active
    with transaction.atomic():
        publish(PasswordResetRequested(user_id=user.pk if user and known else nobody()), by=by)
        transaction.set_rollback(not known)


def nobody() -> int:
    """A number that is no person's, each time another, so that strangers do not wait for one row."""
    return -secrets.randbelow(2**31) - 1


def password_reset_key(user_id: int) -> str:
    """The key for a reset mail: signed, never stored, dead with the next change of the password."""
    return f"{user_id}.{reset_tokens.make_token(User.objects.get(pk=user_id))}"


def reset_password(*, key: str, password: str) -> None:
    """Set a new password by a mailed key, and believe the mailbox. Ends every session.

    Raises `KeyNotValid`, and `Invalid` for a weak password, which leaves the key good for another try.
    """
    head, _, token = key.partition(".")
    user_id = int(head) if head.isascii() and head.isdigit() and len(head) < 19 else 0
    user = User.objects.filter(pk=user_id).first()
    if user is None or not _opens(token, user):
        raise KeyNotValid()
    check_strength(password, user=user)
    _reset(user_id=user_id, token=token, hashed=make_password(password), by=user.as_actor())


def _opens(token: str, user: User) -> bool:
    return user.is_active and reset_tokens.check_token(user, token)


@verb
def _reset(*, user_id: int, token: str, hashed: str, by: Actor) -> None:
    user = User.objects.lock(user_id)
    if not _opens(token, user):  # again, under the lock: of two at once, one finds the password changed
        raise KeyNotValid()
    _store(user, hashed)
    publish(PasswordChanged(user_id=user_id), by=by)
    mark_verified(user, by=by)


def change_password(*, user_id: int, current: str, new: str, device: str = "", by: Actor) -> TokenPair:
    """Replace the password, end every session, and open a new one for the caller. Raises `Invalid`."""
    user = User.objects.get(pk=user_id)
    if not user.check_password(current):
        raise _wrong_current()
    check_strength(new, user=user, field="new_password")
    return _change(user_id=user_id, seen_password=user.password, hashed=make_password(new), device=device, by=by)


@verb
def _change(*, user_id: int, seen_password: str, hashed: str, device: str, by: Actor) -> TokenPair:
    user = User.objects.lock_open(user_id)
    if user.password != seen_password:
        raise _wrong_current()
    _store(user, hashed)
    tokens = open_session(user, device)
    publish(PasswordChanged(user_id=user.pk, session_id=tokens.session_id), by=by)
    return tokens


def _wrong_current() -> Invalid:
    return Invalid("This is not your present password.", field="current_password")


@verb
def note_password_changed(*, user_id: int, by: Actor) -> None:
    """End every session after staff stored a new password through Django's own form."""
    end_all(User.objects.lock(user_id), RefreshFamily.Reason.PASSWORD_CHANGED)
    publish(PasswordChanged(user_id=user_id), by=by)


@verb
def set_password(*, user_id: int, hashed: str, by: Actor) -> None:
    """Store the hash of a password that an operator chose, and end every session."""
    _store(User.objects.lock(user_id), hashed)
    publish(PasswordChanged(user_id=user_id), by=by)


def _store(user: User, hashed: str) -> None:
    """The new password stands, and every session has ended."""
    user.password = hashed
    user.save(update_fields=["password"])
    end_all(user, RefreshFamily.Reason.PASSWORD_CHANGED)
