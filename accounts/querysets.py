"""Reusable reads of people and partners."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth.base_user import BaseUserManager
from django.db import connection, models
from django.db.models import Q
from django.utils import timezone

from accounts import roles
from accounts.emails import normalise
from accounts.errors import AccountClosed
from kernel.errors import NotFound

if TYPE_CHECKING:
    from accounts.models import (  # noqa: F401  for the annotations of mypy alone
        Address,
        Partner,
        PartnerToken,
        RefreshFamily,
        RefreshToken,
        User,
    )


KEEP_OPEN = "SELECT 1 FROM accounts_user WHERE id = %s AND is_active FOR SHARE"


class UserQuerySet(models.QuerySet["User"]):
    def lock(self, user_id: int) -> "User":
        """The row, locked until the transaction ends. Raises `NotFound`."""
        # Without the key: orders that name the person need not wait.
        user = self.select_for_update(no_key=True).filter(pk=user_id).first()
        if user is None:
            raise NotFound("There is no such person.")
        return user

    def lock_open(self, user_id: int) -> "User":
        """The same of somebody whose account is open. Raises `NotFound`, `AccountClosed`.

        For what only they themselves do: who asked may have been put out while the request waited.
        """
        user = self.lock(user_id)
        if not user.is_active:
            raise AccountClosed()
        return user

    def keep_open(self, user_id: int) -> None:
        """Let nobody close the account, or erase the person, until the transaction ends. Raises `AccountClosed`.

        Holds up nobody else who does the same. To be called before any other lock: erasing begins with the person.
        """
        with connection.cursor() as cursor:
            cursor.execute(KEEP_OPEN, [user_id])
            if cursor.fetchone() is None:
                raise AccountClosed()

    def by_email(self, email: str) -> "User | None":
        """The person with this address, however it is spelt."""
        try:
            address = normalise(email)
        except ValueError:
            return None
        return self.filter(email=address).first()

    def in_session(self, *, user_id: int, family_id: int) -> "User | None":
        """The active person whose session is still open: one statement."""
        open_session = {"sessions": family_id, "sessions__revoked_at": None}
        return next(iter(self.filter(pk=user_id, is_active=True, **open_session)), None)


class People(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Makes accounts for Django's own commands and for tests; people register through the service."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user: User = self.model(email=normalise(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, role=roles.ADMIN, email_verified_at=timezone.now(), **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        user: User = self.get(email=normalise(username or ""))
        return user


class AddressQuerySet(models.QuerySet["Address"]):
    def visible_to(self, user: "User") -> Self:
        """A person's own addresses; nobody else's, staff or not."""
        return self.filter(user_id=user.pk)

    def lock(self, address_id: int, *, user_id: int) -> "Address":
        """A person's address, locked until the transaction ends. Raises `NotFound`, also for somebody else's."""
        address = self.select_for_update().filter(pk=address_id, user_id=user_id).first()
        if address is None:
            raise NotFound("There is no such address.")
        return address


class PartnerQuerySet(models.QuerySet["Partner"]):
    def open(self) -> Self:
        """Partners we still work with."""
        return self.filter(closed_at=None)

    def lock(self, partner_id: int) -> "Partner":
        """The row of an open partner, locked until the transaction ends. Raises `NotFound`."""
        partner = self.open().select_for_update(no_key=True).filter(pk=partner_id).first()
        if partner is None:
            raise NotFound("There is no such partner.")
        return partner


class PartnerTokenQuerySet(models.QuerySet["PartnerToken"]):
    def usable(self, at: datetime) -> Self:
        """Tokens that open something at this instant."""
        unexpired = Q(expires_at=None) | Q(expires_at__gt=at)
        return self.filter(unexpired, revoked_at=None, partner__active=True, partner__closed_at=None)

    def find(self, digest: str, at: datetime) -> "PartnerToken | None":
        """The usable token with this digest, with its partner: one statement."""
        return next(iter(self.usable(at).select_related("partner").filter(digest=digest)), None)

    def touch(self, token_id: int, *, at: datetime, unless_since: datetime) -> None:
        """Note the use, but only when the last noted one is older than `unless_since`."""
        stale = Q(last_used_at=None) | Q(last_used_at__lt=unless_since)
        self.filter(stale, pk=token_id).update(last_used_at=at)


class RefreshFamilyQuerySet(models.QuerySet["RefreshFamily"]):
    def visible_to(self, user: "User") -> Self:
        """A person's own sessions, those that are open."""
        return self.filter(user_id=user.pk, revoked_at=None)


class RefreshTokenQuerySet(models.QuerySet["RefreshToken"]):
    def consume(self, digest: str, at: datetime) -> bool:
        """Spend the token: true for exactly one of any number of callers at once.

        The condition stands on the row itself and not behind a join: PostgreSQL looks again at the row it
        waited for, but not at the other tables of the statement.
        """
        return self.filter(digest=digest, consumed_at=None, expires_at__gt=at).update(consumed_at=at) == 1

    def find(self, digest: str) -> "RefreshToken | None":
        """The token, spent or not, with its session and its person."""
        return self.select_related("family__user").filter(digest=digest).first()
