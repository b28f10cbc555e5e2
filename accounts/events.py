"""What happened to people, their sessions and partners. Ids only."""

from dataclasses import dataclass
from typing import ClassVar

from audit.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class UserEvent(Event):
    aggregate = "user"
    key = "user_id"

    user_id: int


class UserRegistered(UserEvent):
    """A new account, its e-mail not yet verified."""


class RegistrationRepeated(UserEvent):
    """Someone registered with the e-mail of an account that exists, verified or not. Nothing was changed."""


class EmailVerified(UserEvent):
    """The person proved to read this mailbox."""


class PasswordResetRequested(UserEvent):
    """Someone asked for a way back into this account."""


class UserDeactivated(UserEvent):
    """The account was closed to its owner; every session has ended."""


class UserReactivated(UserEvent):
    """The account was opened again."""


class RoleChanged(UserEvent):
    """The person may do other things now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityEvent(UserEvent):
    """How the person comes in has changed: they are told, since it may not have been them.

    `what` is the code of it in the mail, `session_id` the session it was done in or has begun, where there is one.
    """

    what: ClassVar[str]

    session_id: int | None = None


class PasswordChanged(SecurityEvent):
    """By the person, by a reset or by staff; every session has ended."""

    what = "password_changed"


class SecondFactorAdded(SecurityEvent):
    """Who signs in as this person has to show it from now on."""

    what = "second_factor_added"


class SecondFactorRemoved(SecurityEvent):
    """One of them, or all: then the password alone is enough again."""

    what = "second_factor_removed"


class RecoveryCodesRenewed(SecurityEvent):
    """Codes that were shown before open nothing any more."""

    what = "recovery_codes_renewed"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityLinked(SecurityEvent):
    """The person can sign in by an account of another issuer; a newcomer has come by it."""

    what: ClassVar[str] = "identity_linked"

    issuer: str = ""
    newcomer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityUnlinked(SecurityEvent):
    """No longer."""

    what: ClassVar[str] = "identity_unlinked"

    issuer: str = ""


class ErasureAsked(UserEvent):
    """The account is closed, and the person erased in some days."""


class ErasureWithdrawn(UserEvent):
    """The account is as it was."""


class UserErased(UserEvent):
    """Nothing is left by which the person is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataExportReady(UserEvent):
    """The person's copy of their data can be fetched."""

    export_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshTokenReused(Event):
    """A spent refresh token was used again: a copy is in other hands, and the session has ended."""

    aggregate = "session"
    key = "session_id"

    session_id: int
    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerEvent(Event):
    aggregate = "partner"
    key = "partner_id"

    partner_id: int


class PartnerOpened(PartnerEvent):
    """A company began to work with us."""


class PartnerClosed(PartnerEvent):
    """The work together ended; every token is revoked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerTokenIssued(PartnerEvent):
    token_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerTokenRevoked(PartnerEvent):
    token_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerTokenRotated(PartnerEvent):
    """A new token took the place of `token_id`, which opens things for a while yet."""

    token_id: int
    new_token_id: int
