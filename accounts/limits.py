"""Guessing is slow: who is counted when somebody tries to come in, or types a code that others hold.

Everything here is called before the request's transaction, in `initial`, so that an attempt counts also when all
else of the request is undone.
"""

from collections.abc import Iterator

from rest_framework.request import Request

from accounts.authentication import PartnerCaller
from accounts.models import User
from accounts.roles import STAFF
from api import limits


def begin_login(email: str, network: str) -> None:
    """Count a password that is about to be checked, for its account and for the network. Raises `RateLimited`.

    Counted before it is checked: of any number at once no more are checked than may be wrong.
    """
    limits.spend("login_account", email)
    limits.spend("login_network", network)


def end_login(email: str, network: str) -> None:
    """The password was right: the account starts afresh, and the network has its attempt back."""
    limits.forgive("login_account", email)
    limits.give_back("login_network", network)


def begin_code(user_id: str, network: str) -> None:
    """Count a code of a second factor that is about to be checked. Raises `RateLimited`."""
    limits.spend("second_factor", user_id)
    limits.spend("login_network", network)


def end_code(user_id: str, network: str) -> None:
    """The code was right."""
    limits.forgive("second_factor", user_id)
    limits.give_back("login_network", network)


def count_mail(email: str, network: str) -> None:
    """Count a mail that somebody asks to be sent, whether or not anybody has this address. Raises `RateLimited`."""
    limits.spend("mail_account", email)
    limits.spend("mail_network", network)


def guessers(request: Request, network: str) -> Iterator[str]:
    """Who is counted for a code that was typed.

    Staff and partners, who ask for many people from one address, by who they are alone; a guest by where they are
    alone, since a token is had for the asking; a customer by both.
    """
    user = request.user
    if isinstance(user, User | PartnerCaller):
        yield str(user.as_actor())
    if not (isinstance(user, PartnerCaller) or (isinstance(user, User) and user.role in STAFF)):
        yield network
