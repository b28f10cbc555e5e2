"""Adding and removing what somebody has beside a password, through the API. The back office has allauth's pages."""

from dataclasses import dataclass

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, validate_totp_code
from allauth.mfa.utils import decrypt, encrypt
from django.conf import settings
from django.core import signing

from accounts.errors import SecondFactorNeeded, SecondFactorThere, WrongCode
from accounts.events import RecoveryCodesRenewed, SecondFactorAdded, SecondFactorRemoved
from accounts.models import RefreshFamily, User
from accounts.second_factor import Kind, has_second_factor, use_code
from accounts.services.sessions import end_all
from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from kernel.errors import Invalid

ENROLMENT_SALT = "accounts.second_factor"
ENROLMENT_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an app needs to make codes (Base32, and the same as an otpauth address), and what to confirm it with."""

    secret: str
    uri: str
    enrolment: str


def begin_app(*, user_id: int, password: str | None) -> Enrolment:
    """A secret for an app that makes codes; nothing is kept until `confirm_app`. Raises `Invalid` for the password."""
    user = User.objects.get(pk=user_id)
    _check_password(user, password)
    secret = generate_totp_secret()
    enrolment = signing.dumps([user_id, encrypt(secret)], salt=ENROLMENT_SALT)
    return Enrolment(secret=secret, uri=get_adapter().build_totp_url(user, secret), enrolment=enrolment)


@verb
def confirm_app(*, user_id: int, enrolment: str, code: str, session_id: int | None = None, by: Actor) -> list[str]:
    """From now on the app's codes are asked for. Returns the recovery codes, shown this once.

    Raises `Invalid`, `WrongCode`, `SecondFactorThere`.
    """
    user = User.objects.lock_open(user_id)
    secret = _read(enrolment, user_id)
    if Authenticator.objects.filter(user_id=user_id, type=Kind.TOTP).exists():
        raise SecondFactorThere()
    if not validate_totp_code(secret, code.replace(" ", "")):
        raise WrongCode()
    TOTP.activate(user, secret)
    publish(SecondFactorAdded(user_id=user_id, session_id=session_id), by=by)
    return _new_recovery_codes(user)


@verb
def renew_recovery_codes(*, user_id: int, code: str, session_id: int | None = None, by: Actor) -> list[str]:
    """New recovery codes, shown this once; the old ones open nothing any more. Raises `WrongCode`."""
    user = User.objects.lock_open(user_id)
    if not use_code(user_id, code):
        raise WrongCode()
    publish(RecoveryCodesRenewed(user_id=user_id, session_id=session_id), by=by)
    return _new_recovery_codes(user)


@verb
def remove_own_second_factor(*, user_id: int, code: str, session_id: int | None = None, by: Actor) -> None:
    """The password alone is enough again. Raises `WrongCode`, `SecondFactorNeeded` where the role asks for one."""
    user = User.objects.lock(user_id)
    if user.role in settings.SECOND_FACTOR_ROLES:
        raise SecondFactorNeeded()
    if not use_code(user_id, code):
        raise WrongCode()
    _remove(user, session_id=session_id, by=by)


@verb
def remove_second_factor(*, user_id: int, by: Actor) -> None:
    """Take away what a person has lost; they are signed out everywhere. Without one nothing happens."""
    user = User.objects.lock(user_id)
    if has_second_factor(user_id):
        end_all(user, RefreshFamily.Reason.ENDED_BY_STAFF)
        _remove(user, by=by)


def _remove(user: User, *, session_id: int | None = None, by: Actor) -> None:
    Authenticator.objects.filter(user_id=user.pk).delete()
    publish(SecondFactorRemoved(user_id=user.pk, session_id=session_id), by=by)


def _new_recovery_codes(user: User) -> list[str]:
    Authenticator.objects.filter(user_id=user.pk, type=Kind.RECOVERY_CODES).delete()
    codes: list[str] = RecoveryCodes.activate(user).generate_codes()
    return codes


def _check_password(user: User, password: str | None) -> None:
    # A stolen access token must not lock the owner out. Whoever has no password has proven themselves elsewhere.
    if user.has_usable_password() and not user.check_password(password or ""):
        raise Invalid("This is not your present password.", field="password")


def _read(enrolment: str, user_id: int) -> str:
    try:
        owner, secret = signing.loads(enrolment, salt=ENROLMENT_SALT, max_age=ENROLMENT_SECONDS)
    except signing.BadSignature as error:
        raise Invalid("Begin again: this is not valid, or no longer.", field="enrolment") from error
    if owner != user_id:
        raise Invalid("Begin again: this is not valid, or no longer.", field="enrolment")
    return str(decrypt(secret))
