"""People, where they live, how they stay logged in, and partners with their tokens."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import Group
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import OpClass
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Upper
from django.utils import timezone
from django_countries import countries

from accounts import roles
from accounts.emails import normalise
from accounts.querysets import (
    AddressQuerySet,
    PartnerQuerySet,
    PartnerTokenQuerySet,
    People,
    RefreshFamilyQuerySet,
    RefreshTokenQuerySet,
)
from api.actors import Actor
from audit.history import HistoryTrigger, Tracked

DEVICE_LENGTH = 200
DIGEST_LENGTH = 64
DIGEST = r"^[0-9a-f]{64}$"  # SHA-256 in hexadecimal


def country_choices() -> list[tuple[str, str]]:
    """ISO 3166-1 alpha-2 codes with their names."""
    return [(country.code, country.name) for country in countries]


class User(Tracked, AbstractBaseUser):
    """A customer or a member of staff, known by e-mail."""

    class Role(models.TextChoices):
        ADMIN = roles.ADMIN
        CUSTOMER_SERVICE = roles.CUSTOMER_SERVICE
        WAREHOUSE = roles.WAREHOUSE
        CUSTOMER = roles.CUSTOMER

    email = models.EmailField(unique=True)  # in the spelling of `accounts.emails`
    first_name = models.CharField(max_length=100, blank=True)
    last_name = models.CharField(max_length=100, blank=True)
    role = models.CharField(max_length=20, choices=Role, default=Role.CUSTOMER)
    is_active = models.BooleanField("active", default=True, help_text="A person who is not active cannot log in.")
    email_verified_at = models.DateTimeField(null=True, blank=True)
    customer_groups = ArrayField(
        models.CharField(max_length=50), default=list, db_default=[], blank=True, help_text="Codes of the groups."
    )
    warehouses = ArrayField(
        models.CharField(max_length=50),
        default=list,
        db_default=[],
        blank=True,
        help_text="Codes of the warehouses that warehouse staff work in. None: all of them.",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    erase_at = models.DateTimeField(null=True, blank=True, help_text="When the person asked to be erased, and is.")
    erased_at = models.DateTimeField(null=True, blank=True)

    USERNAME_FIELD = "email"
    objects = People()

    class Meta(Tracked.Meta):
        ordering = ("-id",)
        verbose_name = "person"
        verbose_name_plural = "people"
        triggers = (HistoryTrigger(exclude=("password", "last_login")),)
        constraints = (
            models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_is_lower_case"),
            models.CheckConstraint(condition=Q(role__in=[*roles.PERMISSIONS]), name="user_role_known"),
            models.CheckConstraint(
                condition=Q(erased_at=None) | Q(is_active=False, first_name="", last_name="", password=""),
                name="user_erased_is_nobody",
            ),
        )
        # What the back office searches by: how an e-mail or a name begins.
        indexes = (
            models.Index(OpClass(Upper("email"), name="text_pattern_ops"), name="user_by_email_start"),
            models.Index(OpClass(Upper("last_name"), name="text_pattern_ops"), name="user_by_last_name_start"),
            models.Index(fields=("erase_at",), condition=Q(erased_at=None), name="user_to_be_erased"),
        )

    def __str__(self) -> str:
        return self.email

    def clean(self) -> None:
        super().clean()
        try:
            self.email = normalise(self.email)
        except ValueError as error:
            raise ValidationError({"email": "Enter a valid email address."}) from error

    @property
    def is_staff(self) -> bool:
        """Whether the back office opens for this person."""
        return self.role in roles.STAFF

    @property
    def is_superuser(self) -> bool:
        return self.is_active and self.role == roles.ADMIN

    @property
    def email_verified(self) -> bool:
        return self.email_verified_at is not None

    @property
    def scopes(self) -> tuple[str, ...]:
        return roles.ROLE_SCOPES[self.role]

    @property
    def own_warehouses(self) -> frozenset[str] | None:
        """The codes of the warehouses whose goods this person sees and moves; None: all."""
        limited = self.role == roles.WAREHOUSE and self.warehouses
        return frozenset(self.warehouses) if limited else None

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self) -> str:
        return self.first_name

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return self.is_active and roles.may(self.role, perm)

    def has_perms(self, perm_list: Any, obj: object = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and roles.may_enter(self.role, app_label)

    def as_actor(self) -> Actor:
        return Actor.user(self.pk)


class Role(Group):
    """A role as a group with permissions, made from `accounts.roles`; a person has the one that their row names."""

    class Meta:
        proxy = True

    def __str__(self) -> str:
        return dict(User.Role.choices).get(self.name, self.name)


class CustomerGroup(Tracked):
    """Customers that discounts can be for, such as the trade. People name it by its code, which never changes."""

    code = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=100)

    class Meta(Tracked.Meta):
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class AddressFields(models.Model):
    """The fields of a postal address, for every table that holds one."""

    first_name = models.CharField(max_length=100, blank=True)
    last_name = models.CharField(max_length=100)
    company = models.CharField(max_length=100, blank=True)
    line1 = models.CharField("address", max_length=200)
    line2 = models.CharField("address, second line", max_length=200, blank=True)
    city = models.CharField(max_length=100)
    region = models.CharField(max_length=100, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2, choices=country_choices, help_text="ISO 3166-1 alpha-2.")
    phone = models.CharField(max_length=32, blank=True)

    class Meta:
        abstract = True


class Address(Tracked, AddressFields):
    """An entry of a customer's address book."""

    user = models.ForeignKey(User, models.CASCADE, related_name="addresses")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = AddressQuerySet.as_manager()

    class Meta(Tracked.Meta):
        verbose_name_plural = "addresses"
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(condition=Q(country__regex=r"^[A-Z]{2}$"), name="address_country_is_alpha2"),
        )

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}, {self.line1}, {self.city}, {self.country}".strip()


class RefreshFamily(models.Model):
    """A session: one login on one device, and every refresh token that followed from it."""

    class Reason(models.TextChoices):
        LOGGED_OUT = "logged_out"
        REUSED = "reused", "A spent refresh token was used again"
        PASSWORD_CHANGED = "password_changed"  # noqa: S105
        DEACTIVATED = "deactivated"
        ROLE_CHANGED = "role_changed"
        ENDED_BY_STAFF = "ended_by_staff"
        ENDED_ELSEWHERE = "ended_elsewhere", "Signed out from another device"
        ERASED = "erased"

    user = models.ForeignKey(User, models.CASCADE, related_name="sessions")
    device = models.CharField(
        max_length=DEVICE_LENGTH, blank=True, db_default="", help_text="What the app calls itself: its User-Agent."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="When it last had a new pair.")
    revoked_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=20, choices=Reason, blank=True)

    objects = RefreshFamilyQuerySet.as_manager()

    class Meta:
        verbose_name = "session"
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(revoked_at=None, reason="") | Q(revoked_at__isnull=False) & ~Q(reason=""),
                name="session_ends_for_a_reason",
            ),
        )
        indexes = (models.Index(fields=("user",), condition=Q(revoked_at=None), name="session_open_by_user"),)

    def __str__(self) -> str:
        return f"session {self.pk}"


class RefreshToken(models.Model):
    """One refresh token, good for one use. Only the digest of its id is kept."""

    family = models.ForeignKey(RefreshFamily, models.CASCADE, related_name="tokens")
    digest = models.CharField(max_length=DIGEST_LENGTH, unique=True, help_text="SHA-256 of the token's `jti`.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(db_index=True)
    consumed_at = models.DateTimeField(null=True, blank=True)

    objects = RefreshTokenQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(digest__regex=DIGEST), name="refresh_token_is_hashed"),
            models.UniqueConstraint(
                fields=("family",), condition=Q(consumed_at=None), name="refresh_token_one_unspent_per_session"
            ),
        )

    def __str__(self) -> str:
        return f"refresh token {self.pk}"


def _codes(help_text: str) -> Any:
    return ArrayField(models.CharField(max_length=100), null=True, blank=True, help_text=help_text)


class Partner(Tracked):
    """A company that sells or ships with us through the API."""

    name = models.CharField(max_length=200)
    active = models.BooleanField(default=True, help_text="While not active, none of its tokens opens anything.")
    # What the partner was given, by code. Null: all of it; a list names each, an empty one gives nothing.
    categories = _codes("Slugs of the categories it sees, with all below them.")
    skus = _codes("Products it sees beside those of its categories.")
    warehouses = _codes("Codes of the warehouses whose stock it sees.")
    requests_per_minute = models.PositiveIntegerField(
        null=True, blank=True, help_text="How often all its tokens together may ask. Empty: as the shop sets it."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, help_text="When the work together ended, for good.")

    objects = PartnerQuerySet.as_manager()

    class Meta(Tracked.Meta):
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(Lower("name"), condition=Q(closed_at=None), name="partner_name_is_unique"),
            models.CheckConstraint(condition=Q(closed_at=None) | Q(active=False), name="partner_closed_is_inactive"),
            models.CheckConstraint(
                condition=Q(requests_per_minute=None) | Q(requests_per_minute__gt=0), name="partner_may_ask"
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def own_warehouses(self) -> frozenset[str] | None:
        """The codes of the warehouses it was given; None: all."""
        return None if self.warehouses is None else frozenset(self.warehouses)

    def as_actor(self) -> Actor:
        return Actor.partner(self.pk)


class PartnerToken(Tracked):
    """A partner's key to the API. Only its digest is kept; `prefix` lets people tell tokens apart."""

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="tokens")
    digest = models.CharField(max_length=DIGEST_LENGTH, unique=True, editable=False, help_text="SHA-256.")
    prefix = models.CharField(max_length=12, editable=False)
    scopes = ArrayField(models.CharField(max_length=40, choices=roles.scope_choices))
    networks = ArrayField(
        models.CharField(max_length=43),
        default=list,
        db_default=[],
        blank=True,
        help_text="Networks it may be used from, such as 192.0.2.0/24. None: from anywhere.",
    )
    sandbox = models.BooleanField(
        default=False, db_default=False, help_text="For tests: its orders take no stock and no money, and never ship."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="To within a minute.")
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = PartnerTokenQuerySet.as_manager()

    class Meta(Tracked.Meta):
        ordering = ("-id",)
        triggers = (HistoryTrigger(exclude=("digest", "last_used_at")),)
        constraints = (
            models.CheckConstraint(condition=Q(digest__regex=DIGEST), name="partner_token_is_hashed"),
            models.CheckConstraint(condition=Q(scopes__len__gt=0), name="partner_token_has_scopes"),
            models.CheckConstraint(
                condition=Q(expires_at=None) | Q(expires_at__gt=F("created_at")), name="partner_token_expires_later"
            ),
        )

    def __str__(self) -> str:
        return f"{self.prefix}…"


# Django finds the models of an app here.
from accounts.personal_data.models import DataExport, DiscardedFile, Erasure  # noqa: E402, F401
