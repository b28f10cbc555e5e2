"""Signing in by an account of another issuer, and linking such accounts.

Links are django-allauth's rows. An account that exists is never taken over through an e-mail: it is linked only when
the e-mail is proven at the issuer and here, or by its owner who is logged in.
"""

import hashlib
from datetime import timedelta

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from accounts.emails import normalise
from accounts.errors import EmailUnproven, IdentityNotValid, IdentityTaken, LastWayIn
from accounts.events import IdentityLinked, IdentityUnlinked, UserRegistered
from accounts.models import User
from accounts.oidc import Identity
from accounts.services.sessions import TokenPair, admit
from accounts.services.verification import mark_verified
from api import limits
from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from kernel.errors import NotFound

# As long as an issuer's token may live; afterwards it has expired.
TOKEN_LIVES = timedelta(days=1)


def spend_id_token(id_token: str) -> None:
    """Take an issuer's token for this one time. Raises `IdentityNotValid` for one that was taken before.

    The signature is left out of what is remembered: with some algorithms it can be made again.
    """
    said = hashlib.sha256(id_token.rpartition(".")[0].encode()).hexdigest()
    try:
        limits.count("id_token", said, limit=1, window=TOKEN_LIVES)
    except limits.RateLimited as error:
        raise IdentityNotValid() from error


@verb
def log_in_by_identity(*, identity: Identity, device: str = "", by: Actor) -> TokenPair:
    """Open a session for who an issuer vouches for, with a new account for a newcomer.

    Raises `EmailUnproven`, `IdentityNotValid` for the deactivated, and what `admit` raises.
    """
    known = _linked(identity)
    if known is not None:
        return admit(known, device)
    proven = _proven(identity)
    person = proven or _newcomer(identity, by=by)
    _link(person, identity)
    tokens = admit(person, device)
    linked = IdentityLinked(
        user_id=person.pk, session_id=tokens.session_id, issuer=identity.issuer, newcomer=proven is None
    )
    publish(linked, by=by)
    return tokens


@verb
def known_person_of(*, identity: Identity, by: Actor) -> User:
    """The person of this identity: linked before, or now by a proven e-mail. Raises as `log_in_by_identity`."""
    user = _linked(identity)
    if user is not None:
        return user
    user = _proven(identity)
    if user is None:
        raise IdentityNotValid("Nobody here is known by this account.")
    _link(user, identity)
    publish(IdentityLinked(user_id=user.pk, issuer=identity.issuer), by=by)
    return user


def _linked(identity: Identity) -> User | None:
    """The person this identity was linked to before, locked."""
    link = SocialAccount.objects.filter(provider=identity.issuer, uid=identity.subject).first()
    if link is None:
        return None
    user = User.objects.lock(link.user_id)
    if not user.is_active:
        raise IdentityNotValid()
    return user


def _proven(identity: Identity) -> User | None:
    """The person of its e-mail, locked, where that is proven on both sides; None for somebody new."""
    known = User.objects.select_for_update(no_key=True).filter(email=_email(identity)).first()
    if known is not None and not (identity.email_verified and known.email_verified and known.is_active):
        raise EmailUnproven()
    return known


def _email(identity: Identity) -> str:
    try:
        email = normalise(identity.email)
        validate_email(email)
    except (ValueError, ValidationError) as error:
        raise IdentityNotValid("The issuer names no e-mail that we could write to.") from error
    return email


def _newcomer(identity: Identity, *, by: Actor) -> User:
    user = User(email=_email(identity), first_name=identity.first_name, last_name=identity.last_name)
    user.password = make_password(None)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:  # registered this very moment, by whoever it may be
        raise EmailUnproven() from error
    publish(UserRegistered(user_id=user.pk), by=by)
    if identity.email_verified:
        mark_verified(user, by=by)
    return user


@verb
def link_identity(*, user_id: int, identity: Identity, session_id: int | None = None, by: Actor) -> None:
    """Let a person who is logged in sign in by this identity too. A second time changes nothing.

    Raises `IdentityTaken`.
    """
    user = User.objects.lock_open(user_id)
    found = SocialAccount.objects.filter(provider=identity.issuer, uid=identity.subject).first()
    if found is None:
        _link(user, identity)
        publish(IdentityLinked(user_id=user_id, session_id=session_id, issuer=identity.issuer), by=by)
    elif found.user_id != user_id:
        raise IdentityTaken()


@verb
def note_identity_linked(*, user_id: int, issuer: str, by: Actor) -> None:
    """Say that somebody in the back office has linked an account of an issuer, which allauth has just written."""
    publish(IdentityLinked(user_id=user_id, issuer=issuer), by=by)


@verb
def unlink_identity(*, user_id: int, issuer: str, session_id: int | None = None, by: Actor) -> None:
    """Take the link to an issuer away. Raises `NotFound`, and `LastWayIn` where nothing else opens the account."""
    user = User.objects.lock(user_id)
    links = SocialAccount.objects.filter(user_id=user_id)
    if not links.filter(provider=issuer).exists():
        raise NotFound("There is no such link.")
    others = links.exclude(provider=issuer).filter(provider__in=settings.OIDC_ISSUERS)
    if not user.has_usable_password() and not others.exists():
        raise LastWayIn()
    links.filter(provider=issuer).delete()
    publish(IdentityUnlinked(user_id=user_id, session_id=session_id, issuer=issuer), by=by)


def _link(user: User, identity: Identity) -> None:
    if SocialAccount.objects.filter(user_id=user.pk, provider=identity.issuer).exists():
        raise IdentityTaken()
    try:
        with transaction.atomic():
            SocialAccount.objects.create(user_id=user.pk, provider=identity.issuer, uid=identity.subject, extra_data={})
    except IntegrityError as error:
        raise IdentityTaken() from error
