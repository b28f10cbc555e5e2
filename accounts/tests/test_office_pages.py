"""What staff see and press on the pages of people, partners and roles, and of their own ways in."""

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core.management.sql import emit_post_migrate_signal
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import roles
from accounts.authentication import partner_for
from accounts.models import PartnerToken, Role, User
from accounts.personal_data.models import DataExport, Erasure
from accounts.tests.factories import PASSWORD, PartnerFactory, PartnerTokenFactory, SessionFactory, UserFactory
from accounts.tokens import new_partner_token

pytestmark = pytest.mark.django_db
SUBMIT = {"_form_submitted": "True"}
ANYWHERE = "192.0.2.1"


def url(name: str, *args: Any) -> str:
    return reverse(f"admin:accounts_{name}", args=args)


def text_of(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


@pytest.fixture
def admin() -> User:
    return UserFactory(admin=True)


@pytest.fixture
def client(admin: User) -> Client:
    client = Client()
    client.force_login(admin)
    return client


def just_proven(user: User) -> Client:
    """In, and asked for the password a moment ago, as pages that change how one comes in demand."""
    client = Client()
    client.post(reverse("admin:login"), {"username": user.email, "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.session[AUTHENTICATION_METHODS_SESSION_KEY][-1]["reauthenticated"] is True
    return client


def a_key(user: User, name: str = "Blue key") -> Authenticator:
    return Authenticator.objects.create(user=user, type="webauthn", data={"name": name, "credential": {}})


def test_a_token_is_rotated_and_the_old_one_works_as_long_as_was_said(client: Client) -> None:
    plain = new_partner_token()
    old = PartnerTokenFactory(plain=plain)
    page = client.post(url("partnertoken_rotate", old.pk), SUBMIT | {"overlap_hours": "2"})
    new = re.findall(r"wbp_[\w-]+", page.content.decode())[0]
    assert partner_for(new, address=ANYWHERE).partner == partner_for(plain, address=ANYWHERE).partner == old.partner
    old.refresh_from_db()
    assert timedelta(hours=1, minutes=59) < old.expires_at - timezone.now() < timedelta(hours=2)
    assert new not in client.get(url("partnertoken_change", PartnerToken.objects.latest("id").pk)).content.decode()


@pytest.mark.parametrize("hours", ["-1", "", "9999"])
def test_a_token_is_not_rotated_for_no_time_at_all(client: Client, hours: str) -> None:
    old = PartnerTokenFactory()
    page = client.post(url("partnertoken_rotate", old.pk), SUBMIT | {"overlap_hours": hours})
    assert (page.status_code, "wbp_" in page.content.decode()) == (200, False)
    assert PartnerToken.objects.count() == 1


def test_a_revoked_token_is_neither_rotated_nor_revoked_again(client: Client) -> None:
    token = PartnerTokenFactory(revoked_at=timezone.now())
    for verb in ("rotate", "revoke"):
        assert client.post(url(f"partnertoken_{verb}", token.pk), SUBMIT | {"overlap_hours": "1"}).status_code == 403
    assert PartnerToken.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({}, "Live"),
        ({"sandbox": True}, "Sandbox"),
        ({"revoked_at": timezone.now()}, "Revoked"),
        ({"created_at": timezone.now() - timedelta(days=2), "expires_at": timezone.now() - timedelta(days=1)}, "Expired"),
    ],
)  # fmt: skip
def test_a_token_says_in_a_word_what_it_is_good_for(client: Client, fields: dict[str, Any], word: str) -> None:
    token = PartnerTokenFactory(**fields)
    for page in (
        url("partnertoken_changelist"),
        url("partnertoken_change", token.pk),
        url("partner_change", token.partner_id),
    ):
        assert f" {word} " in text_of(client.get(page))


def test_a_person_is_erased_and_kept_by_buttons(client: Client) -> None:
    user = SessionFactory().user
    assert client.post(url("user_keep", user.pk), SUBMIT).status_code == 403
    assert client.post(url("user_erase", user.pk), SUBMIT)["HX-Redirect"] == url("user_change", user.pk)
    user.refresh_from_db()
    assert (user.is_active, user.erase_at is not None, Erasure.objects.count()) == (False, True, 1)
    assert "by staff" in text_of(client.get(url("user_change", user.pk)))
    assert client.post(url("user_erase", user.pk), SUBMIT).status_code == 403
    client.post(url("user_keep", user.pk), SUBMIT)
    user.refresh_from_db()
    assert (user.is_active, user.erase_at) == (True, None)


def test_staff_are_not_erased(client: Client, admin: User) -> None:
    colleague = UserFactory(warehouse=True)
    for person in (admin, colleague):
        assert client.post(url("user_erase", person.pk), SUBMIT).status_code == 403
    assert not Erasure.objects.exists()


def test_a_copy_of_a_persons_data_is_asked_for_by_a_button(client: Client) -> None:
    user = UserFactory()
    client.post(url("user_export_data", user.pk), SUBMIT)
    assert [export.user_id for export in DataExport.objects.all()] == [user.pk]
    assert "A copy was asked for" in text_of(client.get(url("user_change", user.pk)))


def test_customer_service_has_none_of_these_buttons() -> None:
    client, user = Client(), UserFactory()
    client.force_login(UserFactory(customer_service=True))
    for verb in ("deactivate", "log_out_everywhere", "remove_second_factor", "set_password", "erase", "export_data"):
        assert client.post(url(f"user_{verb}", user.pk), SUBMIT).status_code == 403
    user.refresh_from_db()
    assert (user.is_active, Erasure.objects.exists(), DataExport.objects.exists()) == (True, False, False)


def test_a_persons_page_says_what_there_is_not_and_never_how_the_password_is_hashed(client: Client) -> None:
    user = UserFactory()
    page = text_of(client.get(url("user_change", user.pk)))
    for sentence in ("No address is kept.", "No app has logged in.", "the password alone lets this person in"):
        assert sentence in page
    assert "iterations" not in page
    assert "hash" not in page
    form = client.get(url("user_set_password", user.pk))
    assert form["Location"] == reverse("admin:auth_user_password_change", args=(user.pk,))


def test_a_persons_page_names_what_lets_them_in(client: Client) -> None:
    user = UserFactory()
    a_key(user)
    said = {"id_token": {"email": "ada@there.example"}}
    SocialAccount.objects.create(user=user, provider="gone", uid="s-1", extra_data=said)
    page = text_of(client.get(url("user_change", user.pk)))
    assert "Security key" in page
    assert "Gone ada@there.example" in page


def test_a_partner_without_a_token_is_told_what_to_do(client: Client) -> None:
    assert "No token yet" in text_of(client.get(url("partner_change", PartnerFactory().pk)))


def test_every_migration_brings_the_roles_with_their_rights(client: Client) -> None:
    Role.objects.all().delete()
    emit_post_migrate_signal(verbosity=0, interactive=False, db="default", plan=[])
    assert set(Role.objects.values_list("name", flat=True)) == set(roles.PERMISSIONS)
    page = text_of(client.get(url("role_changelist")))
    assert "Customer Service" in page
    assert "Warehouse" in page
    role = Role.objects.get(name=roles.WAREHOUSE)
    assert "pack" in text_of(client.get(url("role_change", role.pk)))


def test_the_last_factor_that_a_role_needs_stays(admin: User, settings: Any) -> None:
    settings.SECOND_FACTOR_ROLES = frozenset({"admin"})
    client, key = just_proven(admin), a_key(admin)
    remove = reverse("mfa_remove_webauthn", args=(key.pk,))
    assert client.post(remove)["Location"] == reverse("mfa_list_webauthn")
    page = client.get(reverse("mfa_list_webauthn"))
    assert "add another before you remove this one" in text_of(page)
    assert remove not in page.content.decode()
    assert Authenticator.objects.get() == key

    a_key(admin, "Red key")
    assert remove in client.get(reverse("mfa_list_webauthn")).content.decode()
    client.post(remove)
    assert [str(left) for left in Authenticator.objects.all()] == ["Red key"]


def test_linked_accounts_are_listed_also_of_an_issuer_that_is_no_longer_known(admin: User, client: Client) -> None:
    SocialAccount.objects.create(user=admin, provider="gone", uid="s-1", extra_data={"id_token": {"email": "a@b.c"}})
    page = client.get(reverse("socialaccount_connections"))
    assert "Gone a@b.c, linked on" in text_of(page)


def test_without_an_issuer_the_page_of_linked_accounts_says_so(client: Client, settings: Any) -> None:
    settings.OIDC_ISSUERS = {}
    assert "knows no other issuers" in text_of(client.get(reverse("socialaccount_connections")))
