"""What somebody has beside a password: codes of an app (RFC 6238), recovery codes, keys (WebAuthn).

The rows are django-allauth's; their secrets are encrypted, see `accounts.office.adapters`. Each code opens once.
"""

from datetime import timedelta

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import validate_totp_code
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from api import limits

Kind = Authenticator.Type
# As long as a code may be valid in any clock we accept.
CODE_LIVES = timedelta(minutes=3)


def second_factors(user_id: int) -> "QuerySet[Authenticator]":
    """What the person can show beside a password; recovery codes alone are none."""
    found: QuerySet[Authenticator] = Authenticator.objects.filter(user_id=user_id, type__in=(Kind.TOTP, Kind.WEBAUTHN))
    return found


def has_second_factor(user_id: int) -> bool:
    """Whether the person has to show one."""
    return second_factors(user_id).exists()


def factor_stays(user: User) -> bool:
    """Whether the one factor of this person has to stay, since their role needs one."""
    return user.role in settings.SECOND_FACTOR_ROLES and second_factors(user.pk).count() < 2


def use_code(user_id: int, code: str) -> bool:
    """Whether this code of an app, or recovery code, is right; if so it is used up. To be called in a transaction.

    Locks the person's row of the kind that fits, so that of any number of uses at once one succeeds.
    """
    return use_app_code(user_id, code) is not None or use_recovery_code(user_id, code) is not None


def use_app_code(user_id: int, code: str) -> Authenticator | None:
    row = _locked(user_id, Kind.TOTP)
    plain = code.replace(" ", "")
    if row is None or not validate_totp_code(decrypt(row.data["secret"]), plain):
        return None
    try:
        limits.count("second_factor_code", f"{user_id}:{plain}", limit=1, window=CODE_LIVES)
    except limits.RateLimited:
        return None
    return _used(row)


def use_recovery_code(user_id: int, code: str) -> Authenticator | None:
    row = _locked(user_id, Kind.RECOVERY_CODES)
    if row is None or not has_second_factor(user_id) or not RecoveryCodes(row).validate_code(code):
        return None
    row.refresh_from_db()
    return _used(row)


def _locked(user_id: int, kind: Authenticator.Type) -> Authenticator | None:
    return Authenticator.objects.select_for_update().filter(user_id=user_id, type=kind).first()


def _used(row: Authenticator) -> Authenticator:
    row.last_used_at = timezone.now()
    row.save(update_fields=["last_used_at"])
    return row
