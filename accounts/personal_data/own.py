"""What accounts hold about a person."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db.models import Model, QuerySet
from django.utils import timezone

from accounts.models import Address, AddressFields, RefreshToken, User
from accounts.personal_data.services.files import discard
from audit.erasing import overwrite_past
from audit.history import Tracked
from audit.models import Delivery, Outbox

ADDRESS = tuple(field.name for field in AddressFields._meta.local_fields)
PROFILE = (
    *("id", "email", "first_name", "last_name", "role", "customer_groups"),
    *("email_verified_at", "created_at", "last_login", "erase_at"),
)
SESSION = ("device", "created_at", "last_used_at", "revoked_at", "reason")
CHANGE = ("history_date", "history_type", "changed", "actor")
# Tables of allauth, where it is installed: what they hold of a person besides secrets.
IDENTITIES = {
    "account.EmailAddress": ("email", "verified", "primary"),
    "socialaccount.SocialAccount": ("provider", "uid", "date_joined", "last_login", "extra_data"),
    "mfa.Authenticator": ("type", "created_at", "last_used_at"),
}
# What providers put beside a name and a picture, and what opens something.
SECRET = ("token", "secret", "code", "hash")


def export(user: User) -> dict[str, Any]:
    """The profile, the address book, sessions, ways to sign in, and the history of these."""
    return {
        "profile": User.objects.values(*PROFILE).get(pk=user.pk),
        "addresses": list(user.addresses.values("id", *ADDRESS, "created_at")),
        "sessions": list(user.sessions.values(*SESSION)),
        "sign-in": {
            label: [_without_secrets(row) for row in rows.values(*IDENTITIES[label])]
            for label, rows in _identities(user)
        },
        "history": {
            "profile": _past(User, user, id=user.pk),
            "addresses": _past(Address, user, user_id=user.pk),
        },
    }


def unfinished(user: User) -> Iterator[str]:
    """What was said about them is not yet heard everywhere, a worker writes the copy of their data just now, or staff
    opened the account again.
    """
    if user.is_active:
        yield "The account was opened again."
    # Locked, so that no worker begins one meanwhile: its file would come to lie there after all others are deleted.
    if any(export.is_being_made for export in user.exports.select_for_update().order_by("pk")):
        yield "A copy of their data is being made."
    about = {"entry__aggregate": "user", "entry__aggregate_id": str(user.pk)}
    pending = Delivery.objects.filter(state=Delivery.State.PENDING, **about)
    if Outbox.objects.filter(**about).exists() or pending.exists():
        yield "Facts about the person are still on their way."


def erase(user: User, pseudonym: str) -> None:
    """Leave a number, a role and two dates."""
    _erase_addresses(user)
    RefreshToken.objects.filter(family__user=user).delete()
    user.sessions.all().delete()
    for _, rows in _identities(user):
        rows.delete()
    discard(user.exports.exclude(path="").values_list("path", flat=True))
    user.exports.all().delete()
    nobody = {"email": pseudonym, "first_name": "", "last_name": "", "customer_groups": [], "warehouses": []}
    marks = {"password": "", "last_login": None, "email_verified_at": None, "erased_at": timezone.now()}
    User.objects.filter(pk=user.pk).update(**nobody, **marks)
    overwrite_past(User, [user.pk], **nobody)


def _erase_addresses(user: User) -> None:
    history: Any = Address.history
    keys = set(history.filter(user_id=user.pk).values_list("id", flat=True))
    user.addresses.all().delete()
    overwrite_past(Address, keys, **dict.fromkeys(ADDRESS, ""))


def _identities(user: User) -> Iterator[tuple[str, "QuerySet[Any]"]]:
    for label in IDENTITIES:
        try:
            model: type[Model] = apps.get_model(label)
        except LookupError:
            continue
        yield label, model._default_manager.filter(user=user)


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {name: part for name, part in value.items() if not any(word in str(name).lower() for word in SECRET)}
        return {name: _without_secrets(part) for name, part in kept.items()}
    return [_without_secrets(part) for part in value] if isinstance(value, list) else value


def _past(model: type[Tracked], user: User, **about: Any) -> list[dict[str, Any]]:
    history: Any = model.history
    fields = ADDRESS if model is Address else ("email", "first_name", "last_name", "role", "customer_groups")
    rows = history.filter(**about).order_by("history_id").values("id", *fields, *CHANGE)
    return [{**row, "actor": _whom(row["actor"], user)} for row in rows]


def _whom(actor: str, user: User) -> str:
    """Who changed it: other people are not named."""
    if actor == str(user.as_actor()):
        return "you"
    return "staff" if actor.startswith("user:") else "the system"
