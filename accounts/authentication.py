"""Who calls the API: people by access token, partners by theirs. One statement each."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework_simplejwt.exceptions import TokenError

from accounts import roles
from accounts.errors import NetworkNotAllowed
from accounts.models import Partner, PartnerToken, User
from accounts.tokens import SESSION, SUBJECT, Access, digest
from api.actors import Actor
from api.limits import RateLimited
from api.network import client_address, is_within
from api.rates import count_request

USE_NOTED_EVERY = timedelta(minutes=1)
NO_LONGER_VALID = "This token is not valid, or no longer."


@dataclass(frozen=True, slots=True)
class PartnerCaller:
    """A partner behind a token: what `request.user` is for them."""

    partner: Partner
    scopes: frozenset[str]
    token_id: int
    sandbox: bool = False

    role = roles.PARTNER
    is_authenticated = True
    is_active = True
    is_staff = False
    is_anonymous = False

    @property
    def pk(self) -> int:
        return self.partner.pk

    @property
    def own_warehouses(self) -> frozenset[str] | None:
        """The codes of the warehouses it was given; None: all."""
        return self.partner.own_warehouses

    def may(self, scope: str) -> bool:
        return scope in self.scopes

    def as_actor(self) -> Actor:
        return self.partner.as_actor()


def user_for(access: str | bytes) -> User:
    """The person an access token speaks for, also for sockets. Raises `AuthenticationFailed`.

    Refused besides forged and expired ones: those of a session that has ended (logged out, password changed,
    deactivated, a refresh token reused) and those that claim a role the person no longer has.
    """
    try:
        token = Access(access)  # type: ignore[arg-type]  # simplejwt means the encoded form
        user = User.objects.in_session(user_id=int(token[SUBJECT]), family_id=int(token[SESSION]))
    except (TokenError, KeyError, TypeError, ValueError) as error:
        raise AuthenticationFailed(NO_LONGER_VALID) from error
    if user is None or user.role != token.get("role"):
        raise AuthenticationFailed(NO_LONGER_VALID)
    return user


def partner_for(token: str, *, address: str) -> PartnerCaller:
    """The partner a token speaks for, used from this address. Notes the use, at most once a minute.

    Raises `AuthenticationFailed`, and `NetworkNotAllowed` for a token that is used from elsewhere.
    """
    now = timezone.now()
    row = PartnerToken.objects.find(digest(token), now)
    if row is None:
        raise AuthenticationFailed(NO_LONGER_VALID)
    if not is_within(address, row.networks):
        raise NetworkNotAllowed()
    if row.last_used_at is None or row.last_used_at < now - USE_NOTED_EVERY:
        PartnerToken.objects.touch(row.pk, at=now, unless_since=now - USE_NOTED_EVERY)
    return PartnerCaller(partner=row.partner, scopes=frozenset(row.scopes), token_id=row.pk, sandbox=row.sandbox)


def person(request: Request) -> User:
    """The person who calls, where the view's permissions admit nobody else."""
    assert isinstance(request.user, User)
    return request.user


def credentials(request: Request, scheme: str) -> str | None:
    """What follows the scheme in `Authorization`, or None when it names another. Raises on a malformed header."""
    header = request.headers.get("Authorization", "")
    name, _, value = header.strip().partition(" ")
    if name.lower() != scheme.lower():
        return None
    value = value.strip()
    if not value or " " in value or not value.isascii():
        raise AuthenticationFailed(f"Send: Authorization: {scheme} <token>.")
    return value


class JWTAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token>`."""

    def authenticate(self, request: Request) -> tuple[User, str] | None:
        token = credentials(request, "Bearer")
        return None if token is None else (user_for(token), token)

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="waybill"'


class PartnerTokenAuthentication(BaseAuthentication):
    """`Authorization: Token <partner token>`."""

    def authenticate(self, request: Request) -> tuple[PartnerCaller, str] | None:
        token = credentials(request, "Token")
        if token is None:
            return None
        caller = partner_for(token, address=client_address(request))
        limit = caller.partner.requests_per_minute or settings.PARTNER_REQUESTS_PER_MINUTE
        rate = count_request(str(caller.as_actor()), limit=limit)
        request._request.rate = rate  # type: ignore[attr-defined]  # for the headers of the answer, see `api.views`
        if rate.is_spent:
            raise RateLimited(retry_after=rate.reset_seconds)
        return caller, token

    def authenticate_header(self, request: Request) -> str:
        return 'Token realm="waybill"'
