"""Who holds something about a person, by `PERSONAL_DATA`: accounts know none of the apps above them."""

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from typing import Any, Protocol, cast

from django.conf import settings

from accounts.models import User

ERASED_DOMAIN = "@erased.invalid"


class Holder(Protocol):
    """What such a module has."""

    def export(self, user: User) -> dict[str, Any]:
        """What it holds, by name: what can be written as JSON, or an open file under its own name."""

    def unfinished(self, user: User) -> Iterable[str]:
        """Why the person cannot be erased yet, a sentence each; locks what the answer depends on."""

    def erase(self, user: User, pseudonym: str) -> None:
        """Leave nothing by which the person is known, in the caller's transaction, within `audit.erasing`."""


@cache
def holders() -> tuple[Holder, ...]:
    """In the order of their locks: from the top of the import order to its bottom."""
    return tuple(cast(Holder, import_module(path)) for path in settings.PERSONAL_DATA)


def proven_email(user: User) -> str:
    """The e-mail of a person who has shown to read it, else nothing.

    What a guest did under an address is theirs only then: anybody can register with anybody's.
    """
    return user.email if user.email_verified_at else ""


def is_pseudonym(email: str) -> bool:
    """Whether this was left in place of the address of somebody who is erased."""
    return email.endswith(ERASED_DOMAIN)
