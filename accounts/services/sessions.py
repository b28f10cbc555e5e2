"""Logging in, staying logged in, logging out."""

import hmac
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import authenticate
from django.db.models import QuerySet
from django.utils import timezone
from rest_framework_simplejwt.exceptions import TokenError

from accounts.errors import (
    ChallengeNotValid,
    CodeNotValid,
    InvalidCredentials,
    NotAuthenticated,
    RefreshNotValid,
    RefreshReused,
    SecondFactorAsked,
    SecondFactorMissing,
)
from accounts.events import RefreshTokenReused
from accounts.models import DEVICE_LENGTH, RefreshFamily, RefreshToken, User
from accounts.second_factor import has_second_factor, use_code
from accounts.tokens import (
    SESSION,
    STAMP,
    SUBJECT,
    Challenge,
    Refresh,
    access_for,
    challenge_for,
    password_stamp,
    refresh_for,
)
from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a client keeps: `access` for calls, `refresh` for the next pair. And of which session they are."""

    access: str
    refresh: str
    session_id: int


def log_in(*, email: str, password: str, device: str = "") -> TokenPair:
    """Open a session for who knows the password. Raises `InvalidCredentials`, the same for every reason.

    Raises `SecondFactorAsked` with a challenge for those who have a second factor, and `SecondFactorMissing`.
    """
    user = authenticate(username=email, password=password)
    if user is None:
        raise InvalidCredentials()
    return _open_for(user_id=user.pk, seen_password=user.password, device=device, by=user.as_actor())


@verb
def _open_for(*, user_id: int, seen_password: str, device: str, by: Actor) -> TokenPair:
    # Hashing took its time outside the transaction: what it proved may have changed since.
    user = User.objects.lock(user_id)
    if not user.is_active or user.password != seen_password:
        raise InvalidCredentials()
    return admit(user, device)


def admit(user: User, device: str) -> TokenPair:
    """A session for a person who is known, unless a second factor stands between.

    In the transaction of a verb that holds the person's lock. Raises `SecondFactorAsked`, `SecondFactorMissing`.
    """
    if has_second_factor(user.pk):
        raise SecondFactorAsked(mfa_token=str(challenge_for(user)))
    if user.role in settings.SECOND_FACTOR_ROLES:
        raise SecondFactorMissing()
    return open_session(user, device)


def log_in_by_code(*, mfa_token: str, code: str, device: str = "") -> TokenPair:
    """Open a session for who showed a second factor too. Raises `ChallengeNotValid`, `CodeNotValid`."""
    token = read_challenge(mfa_token)
    user_id = int(token[SUBJECT])
    return _open_by_code(user_id=user_id, stamp=token[STAMP], code=code, device=device, by=Actor.user(user_id))


def read_challenge(mfa_token: str) -> Challenge:
    """Raises `ChallengeNotValid`."""
    try:
        token = Challenge(mfa_token)  # type: ignore[arg-type]  # simplejwt means the encoded form
        int(token[SUBJECT]), token[STAMP]
    except (TokenError, KeyError, TypeError, ValueError) as error:
        raise ChallengeNotValid() from error
    return token


@verb
def _open_by_code(*, user_id: int, stamp: str, code: str, device: str, by: Actor) -> TokenPair:
    user = User.objects.select_for_update(no_key=True).filter(pk=user_id, is_active=True).first()
    if user is None or not hmac.compare_digest(password_stamp(user), stamp):
        raise ChallengeNotValid()
    if not use_code(user_id, code):
        raise CodeNotValid()
    return open_session(user, device)


def open_session(user: User, device: str = "") -> TokenPair:
    """A new session with its first pair, in the transaction of a verb that holds the person's lock."""
    session = RefreshFamily.objects.create(user=user, device=device[:DEVICE_LENGTH], last_used_at=timezone.now())
    return _next_pair(user, session)


def _next_pair(user: User, session: RefreshFamily) -> TokenPair:
    refresh = refresh_for(user, session.pk)
    RefreshToken.objects.create(family=session, digest=refresh.digest, expires_at=refresh.expires_at)
    return TokenPair(access=str(access_for(user, session.pk)), refresh=str(refresh), session_id=session.pk)


def refresh_pair(*, refresh: str) -> TokenPair:
    """Spend a refresh token for a new pair: of any number of calls at once, exactly one succeeds.

    Raises `RefreshNotValid`, and `RefreshReused` for a spent one. The caller then ends that session by
    `end_reused_session` once the refused call's transaction is over, since a refusal undoes what it wrote.
    """
    token = _read(refresh)
    return _rotate(token=token, by=Actor.user(int(token[SUBJECT])))


@verb
def _rotate(*, token: Refresh, by: Actor) -> TokenPair:
    spent_now = RefreshToken.objects.consume(token.digest, timezone.now())
    row = RefreshToken.objects.find(token.digest)
    if not spent_now or row is None:
        raise _refusal(row)
    if not RefreshFamily.objects.filter(pk=row.family_id, revoked_at=None).update(last_used_at=timezone.now()):
        raise RefreshNotValid()
    if not row.family.user.is_active:
        raise RefreshNotValid()
    return _next_pair(row.family.user, row.family)


def _refusal(row: RefreshToken | None) -> NotAuthenticated:
    if row is not None and row.consumed_at is not None and row.family.revoked_at is None:
        return RefreshReused(row.family_id)
    return RefreshNotValid()


def _read(refresh: str) -> Refresh:
    try:
        return Refresh(refresh)  # type: ignore[arg-type]  # simplejwt means the encoded form
    except TokenError as error:
        raise RefreshNotValid() from error


@verb
def end_reused_session(*, session_id: int, by: Actor) -> None:
    """End the session of a spent refresh token that was used again, for its thief and its owner alike."""
    if end_open(RefreshFamily.objects.filter(pk=session_id), RefreshFamily.Reason.REUSED):
        user_id = RefreshFamily.objects.values_list("user_id", flat=True).get(pk=session_id)
        publish(RefreshTokenReused(session_id=session_id, user_id=user_id), by=by)


def end_open(sessions: QuerySet[RefreshFamily], reason: RefreshFamily.Reason) -> int:
    """End those of the sessions that are open, in the caller's transaction; returns how many."""
    return sessions.filter(revoked_at=None).update(revoked_at=timezone.now(), reason=reason)


def log_out(*, refresh: str) -> None:
    """End the session of this refresh token, spent or not. A token that means nothing is no error (RFC 7009, 2.2)."""
    try:
        token = _read(refresh)
    except RefreshNotValid:
        return
    end_session(session_id=token[SESSION], reason=RefreshFamily.Reason.LOGGED_OUT, by=Actor.user(int(token[SUBJECT])))


@verb
def end_session(*, session_id: int, reason: RefreshFamily.Reason, by: Actor) -> None:
    """End one session: its access and refresh tokens open nothing from now on."""
    end_open(RefreshFamily.objects.filter(pk=session_id), reason)


@verb
def end_own_session(*, user_id: int, session_id: int, by: Actor) -> None:
    """Sign a person out on one of their devices. Raises `NotFound`, also for another's session."""
    own = RefreshFamily.objects.filter(pk=session_id, user_id=user_id)
    if not end_open(own, RefreshFamily.Reason.ENDED_ELSEWHERE):
        raise NotFound("There is no such session.")


@verb
def end_other_sessions(*, user_id: int, keep: int, by: Actor) -> None:
    """Sign a person out everywhere but in one session."""
    others = User.objects.lock(user_id).sessions.exclude(pk=keep)
    end_open(others, RefreshFamily.Reason.ENDED_ELSEWHERE)


def end_all(user: User, reason: RefreshFamily.Reason) -> int:
    """End every session of a person, in the transaction of a verb that holds the person's lock."""
    return end_open(user.sessions.all(), reason)


def forget_old_sessions() -> int:
    """Delete the sessions whose last refresh token has expired; returns how many."""
    alive = RefreshToken.objects.filter(expires_at__gt=timezone.now()).values("family_id")
    old = RefreshFamily.objects.exclude(pk__in=alive)
    RefreshToken.objects.filter(family__in=old).delete()
    deleted, _ = old.filter(tokens=None).delete()
    return deleted
