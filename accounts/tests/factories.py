"""People and partners for tests, each in one call."""

from functools import cache
from typing import Any

import factory
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import roles
from accounts.models import Address, Partner, PartnerToken, RefreshFamily, User
from accounts.tokens import PREFIX_LENGTH, access_for, digest, new_partner_token

PASSWORD = "waybill-demo"


@cache
def hashed(password: str) -> str:
    """Hashing is slow on purpose: once a process is enough for tests."""
    return make_password(password)


class UserFactory(factory.django.DjangoModelFactory[User]):
    """A customer with a verified e-mail; traits `admin`, `customer_service`, `warehouse`, `unverified`."""

    class Meta:
        model = User

    class Params:
        admin = factory.Trait(role=roles.ADMIN)
        customer_service = factory.Trait(role=roles.CUSTOMER_SERVICE)
        warehouse = factory.Trait(role=roles.WAREHOUSE)
        unverified = factory.Trait(email_verified_at=None)

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    first_name = "Ada"
    last_name = "Example"
    role = roles.CUSTOMER
    email_verified_at = factory.LazyFunction(timezone.now)
    password = factory.LazyFunction(lambda: hashed(PASSWORD))


class AddressFactory(factory.django.DjangoModelFactory[Address]):
    class Meta:
        model = Address

    user = factory.SubFactory(UserFactory)
    first_name = "Ada"
    last_name = "Example"
    line1 = "1 High Street"
    city = "Berlin"
    postal_code = "10115"
    country = "DE"


class SessionFactory(factory.django.DjangoModelFactory[RefreshFamily]):
    class Meta:
        model = RefreshFamily

    user = factory.SubFactory(UserFactory)


class PartnerFactory(factory.django.DjangoModelFactory[Partner]):
    class Meta:
        model = Partner

    name = factory.Sequence(lambda n: f"Partner {n}")


class PartnerTokenFactory(factory.django.DjangoModelFactory[PartnerToken]):
    """A token with every scope. Give `plain` to know its text."""

    class Meta:
        model = PartnerToken
        exclude = ("plain",)

    partner = factory.SubFactory(PartnerFactory)
    plain = factory.LazyFunction(new_partner_token)
    digest = factory.LazyAttribute(lambda row: digest(row.plain))
    prefix = factory.LazyAttribute(lambda row: row.plain[:PREFIX_LENGTH])
    scopes = factory.LazyFunction(lambda: list(roles.PARTNER_SCOPES))


def access_token(user: User) -> str:
    """An access token of a new session."""
    return str(access_for(user, SessionFactory(user=user).pk))


def partner_token(partner: Partner | None = None, **fields: Any) -> str:
    """The plain text of a new token, of a new partner unless one is given."""
    plain = new_partner_token()
    PartnerTokenFactory(plain=plain, partner=partner or PartnerFactory(), **fields)
    return plain


def client_for(user: User | None = None) -> APIClient:
    """A client that calls as this person, or as a guest."""
    client = APIClient()
    if user is not None:
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {access_token(user)}")
    return client


def partner_client(partner: Partner | None = None, **fields: Any) -> APIClient:
    """A client that calls as a partner, with every scope unless `scopes` are given."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {partner_token(partner, **fields)}")
    return client
