"""Proving that a person reads their mailbox."""

from django.conf import settings
from django.core import signing
from django.utils import timezone

from accounts.errors import KeyNotValid
from accounts.events import EmailVerified
from accounts.models import User
from api.actors import Actor
from audit.log import publish
from audit.verbs import verb

SALT = "accounts.verification"
# A setting of the project; three days where it names none.
MAX_AGE_SECONDS: int = getattr(settings, "EMAIL_VERIFICATION_SECONDS", 3 * 24 * 3600)


def verification_key(user_id: int) -> str:
    """The key for a verification mail: signed, bound to the address it goes to, never stored."""
    user = User.objects.get(pk=user_id)
    return signing.dumps([user.pk, user.email], salt=SALT)


def verify_email(*, key: str) -> None:
    """Believe that the person reads this mailbox. A second time changes nothing. Raises `KeyNotValid`."""
    try:
        user_id, email = signing.loads(key, salt=SALT, max_age=MAX_AGE_SECONDS)
    except signing.BadSignature as error:
        raise KeyNotValid() from error
    _believe(user_id=user_id, email=email, by=Actor.user(user_id))


@verb
def _believe(*, user_id: int, email: str, by: Actor) -> None:
    user = User.objects.select_for_update(no_key=True).filter(pk=user_id, email=email, is_active=True).first()
    if user is None:
        raise KeyNotValid()
    mark_verified(user, by=by)


def mark_verified(user: User, *, by: Actor) -> None:
    """Note that the e-mail is proven, once, in the transaction of a verb that holds the person's lock."""
    if user.email_verified_at is None:
        user.email_verified_at = timezone.now()
        user.save(update_fields=["email_verified_at"])
        publish(EmailVerified(user_id=user.pk), by=by)
