"""Becoming a customer."""

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from accounts.events import RegistrationRepeated, UserRegistered
from accounts.models import User
from accounts.services.passwords import check_strength
from api.actors import Actor
from audit.log import publish
from audit.verbs import verb


def register(*, email: str, password: str, first_name: str, last_name: str, by: Actor) -> None:
    """Make an account whose e-mail is yet to be verified; the person can log in at once.

    Returns nothing: whether the e-mail was known is told to its mailbox alone. Raises `Invalid` for a weak password.
    """
    newcomer = User(email=email, first_name=first_name, last_name=last_name)
    check_strength(password, user=newcomer)
    newcomer.password = make_password(password)
    _admit(newcomer=newcomer, by=by)


@verb
def _admit(*, newcomer: User, by: Actor) -> None:
    known = User.objects.by_email(newcomer.email) or _insert(newcomer)
    if known is None:
        publish(UserRegistered(user_id=newcomer.pk), by=by)
        return
    publish(RegistrationRepeated(user_id=known.pk), by=by)


def _insert(newcomer: User) -> User | None:
    """Insert the account; returns the one that won when two register the same e-mail at once."""
    try:
        with transaction.atomic():
            newcomer.save(force_insert=True)
    except IntegrityError:
        return User.objects.get(email=newcomer.email)
    return None
