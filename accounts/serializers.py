"""What comes in and goes out. Inputs name their fields; nothing here knows a rule."""

from typing import Any

from django_countries import countries
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts import roles
from accounts.emails import normalise
from accounts.models import Partner, PartnerToken, User
from api.fields import StrictBooleanField, TextField

EMAIL_LENGTH = 254  # RFC 5321, 4.5.3.1.3, less the angle brackets
PASSWORD_LENGTH = 256
MOST_CODES = 10_000  # of what one partner was given


class EmailAddressField(serializers.EmailField):
    """An e-mail address, in the spelling in which accounts keep it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=EMAIL_LENGTH, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        # Measured before the domain is converted, whose cost grows faster than its length.
        if not isinstance(data, str) or len(data) > EMAIL_LENGTH:
            self.fail("invalid")
        try:
            return normalise(data)
        except ValueError:
            self.fail("invalid")


class LineField(TextField):
    """One line of text: names go into the headers of mails, addresses onto labels."""

    default_error_messages = {"line": "Line breaks are not allowed."}

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if len(text.splitlines()) > 1:
            self.fail("line")
        return text


class PasswordField(TextField):
    """A password as typed, blanks included."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs |= {"max_length": PASSWORD_LENGTH, "is_identifier": True, "trim_whitespace": False}
        super().__init__(write_only=True, style={"input_type": "password"}, **kwargs)


@extend_schema_field({"type": "string", "pattern": "^[A-Z]{2}$", "example": "DE"})
class CountryField(serializers.CharField):
    """An ISO 3166-1 alpha-2 code in upper case."""

    default_error_messages = {"unknown": "An ISO 3166-1 alpha-2 country code, such as DE."}

    def to_internal_value(self, data: Any) -> str:
        code = str(super().to_internal_value(data))
        if code not in countries.countries:
            self.fail("unknown")
        return code


def optional_line(max_length: int) -> LineField:
    """One line that may be left out or empty; null is refused."""
    return LineField(max_length=max_length, required=False, allow_blank=True, default="")


class AddressSerializer(serializers.Serializer[Any]):
    """A postal address."""

    # In and out, for the address book, carts and orders: the fields of `accounts.models.AddressFields`.

    first_name = optional_line(100)
    last_name = LineField(max_length=100)
    company = optional_line(100)
    line1 = LineField(max_length=200)
    line2 = optional_line(200)
    city = LineField(max_length=100)
    region = optional_line(100)
    postal_code = optional_line(20)
    country = CountryField()
    phone = optional_line(32)


class AddressEntrySerializer(AddressSerializer):
    """An entry of the address book going out."""

    id = serializers.IntegerField(read_only=True)


class RegistrationSerializer(serializers.Serializer[Any]):
    email = EmailAddressField()
    password = PasswordField()
    first_name = optional_line(100)
    last_name = optional_line(100)


class EmailSerializer(serializers.Serializer[Any]):
    email = EmailAddressField()


class VerificationSerializer(serializers.Serializer[Any]):
    key = TextField(max_length=1000, is_identifier=True)


class CredentialsSerializer(serializers.Serializer[Any]):
    email = EmailAddressField()
    password = PasswordField()


class RefreshSerializer(serializers.Serializer[Any]):
    refresh = TextField(max_length=2000, is_identifier=True)


class TokenPairSerializer(serializers.Serializer[Any]):
    access = serializers.CharField(read_only=True)
    refresh = serializers.CharField(read_only=True)


class PasswordResetSerializer(serializers.Serializer[Any]):
    key = TextField(max_length=1000, is_identifier=True)
    password = PasswordField()


class PasswordChangeSerializer(serializers.Serializer[Any]):
    current_password = PasswordField()
    new_password = PasswordField()


class NoticeSerializer(serializers.Serializer[Any]):
    """A sentence for people where there is nothing else to say."""

    detail = serializers.CharField(read_only=True)


class ProfileSerializer(serializers.Serializer[Any]):
    """What people may change about themselves."""

    first_name = LineField(max_length=100, allow_blank=True, required=False)
    last_name = LineField(max_length=100, allow_blank=True, required=False)


class MeSerializer(serializers.ModelSerializer[User]):
    scopes = serializers.ListField(child=serializers.CharField(), read_only=True)
    email_verified = serializers.BooleanField(read_only=True)

    class Meta:
        model = User
        fields = ("id", "email", "first_name", "last_name", "role", "scopes", "email_verified", "created_at")
        read_only_fields = fields


def codes(help_text: str) -> serializers.ListField:
    """Codes of what a partner was given; null is everything."""
    child = TextField(max_length=100, is_identifier=True)
    return serializers.ListField(
        child=child, max_length=MOST_CODES, required=False, allow_null=True, help_text=help_text
    )


class GivenSerializer(serializers.Serializer[Any]):
    """What a partner was given. Of the lists null is everything, an empty one nothing."""

    categories = codes("Slugs of the categories it sees, with all below them.")
    skus = codes("Products it sees beside those of its categories.")
    warehouses = codes("Codes of the warehouses whose stock it sees and orders.")
    requests_per_minute = serializers.IntegerField(min_value=1, max_value=1_000_000, required=False, allow_null=True)


class PartnerInputSerializer(GivenSerializer):
    name = LineField(max_length=200)


class PartnerChangesSerializer(GivenSerializer):
    name = LineField(max_length=200, required=False)
    active = StrictBooleanField(required=False)


class RotationSerializer(serializers.Serializer[Any]):
    overlap_hours = serializers.IntegerField(
        min_value=0, max_value=24 * 90, required=False, default=24, help_text="How long the old one still works."
    )


class PartnerTokenInputSerializer(serializers.Serializer[Any]):
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=list(roles.PARTNER_SCOPES.items())),
        allow_empty=False,
        max_length=len(roles.PARTNER_SCOPES),
    )
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    networks = serializers.ListField(
        child=TextField(max_length=43, is_identifier=True),
        max_length=100,
        required=False,
        default=list,
        help_text="Networks it may be used from, such as 192.0.2.0/24. None: from anywhere.",
    )
    sandbox = StrictBooleanField(required=False, default=False)


class PartnerTokenSerializer(serializers.ModelSerializer[PartnerToken]):
    scopes = serializers.ListField(child=serializers.CharField(), read_only=True)
    networks = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = PartnerToken
        fields = (
            *("id", "prefix", "scopes", "networks", "sandbox"),
            *("created_at", "expires_at", "last_used_at", "revoked_at"),
        )
        read_only_fields = fields


class NewPartnerTokenSerializer(PartnerTokenSerializer):
    """A token with its plain text, which no later answer repeats."""

    token = serializers.CharField(read_only=True)

    class Meta:
        model = PartnerToken
        fields = ("token", *PartnerTokenSerializer.Meta.fields)
        read_only_fields = fields


def given_codes() -> serializers.ListField:
    return serializers.ListField(child=serializers.CharField(), read_only=True, allow_null=True)


class PartnerSerializer(serializers.ModelSerializer[Partner]):
    tokens = PartnerTokenSerializer(many=True, read_only=True)
    categories = given_codes()
    skus = given_codes()
    warehouses = given_codes()

    class Meta:
        model = Partner
        fields = (
            *("id", "name", "active", "categories", "skus", "warehouses", "requests_per_minute"),
            *("created_at", "tokens"),
        )
        read_only_fields = fields
