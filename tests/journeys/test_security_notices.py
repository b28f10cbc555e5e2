"""Whoever changes how somebody signs in, the person reads of it: what, when, from where, and what to do."""

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User
from accounts.services import password_reset_key
from accounts.tests.factories import PASSWORD, UserFactory, client_for
from api.actors import Actor
from audit.models import LogEntry
from notifications.models import Notification
from notifications.services import send_again, send_due
from tests.journeys.personal_data import deliver_all
from tests.sign_in.issuer import ScriptedIssuer, configured, scripted_issuer

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = "Example Shop 3.1 (iPhone; iOS 26.1)"
NEW = "another-long-and-unusual-one"
FACTOR = "/api/v1/me/second-factor"
SAYS = {
    "PasswordChanged": "the password of your account was changed",
    "SecondFactorAdded": "a second factor was added to your account",
    "SecondFactorRemoved": "a second factor was removed from your account",
    "RecoveryCodesRenewed": "new recovery codes were made for your account",
    "IdentityLinked": "an account of Example ID was linked",
    "IdentityUnlinked": "your account of Example ID was unlinked",
}


@pytest.fixture
def person() -> User:
    return UserFactory(first_name="Ada")


@pytest.fixture
def issuer(settings: Any) -> Iterator[ScriptedIssuer]:
    cache.clear()
    with scripted_issuer() as found:
        settings.OIDC_ISSUERS = {"test": configured(found.address) | {"title": "Example ID"}}
        app = {"provider_id": "test", "name": "Example ID", "client_id": "waybill-app", "settings": {}}
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
        yield found


def on_a_phone(user: User) -> APIClient:
    client = APIClient(HTTP_USER_AGENT=PHONE)
    pair = ok(client.post("/api/v1/auth/token", {"email": user.email, "password": PASSWORD}))
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {pair['access']}")
    return client


def ok(answer: Any) -> Any:
    assert answer.status_code < 300, answer.content
    return answer.json() if answer.content else None


def read(box: list[Any], user: User, fact: str) -> str:
    """The one mail that has come of this fact, in both its forms."""
    deliver_all()
    send_due()
    entry = LogEntry.objects.get(name=fact, aggregate_id=str(user.pk))
    (mail,) = [mail for mail in box if SAYS[fact] in mail.body]
    assert (mail.to, mail.subject) == ([user.email], "How you sign in at Waybill has changed")
    when = Notification.objects.get(fact=entry).fact.created_at
    assert re.search(rf"When: \d+ \w+ {when.year}, \d\d:\d\d \w+", mail.body)
    assert "It was not you? Choose a new password at once" in mail.body
    assert re.search(r"https?://\S+login", mail.body)
    html = re.sub(r"</?strong>", "", mail.alternatives[0].content)
    assert SAYS[fact] in html
    return str(mail.body) + html


def app_code(secret: str, *, steps: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def with_an_app(client: APIClient) -> tuple[str, list[str]]:
    begun = ok(client.post(f"{FACTOR}/app", {"password": PASSWORD}))
    code = app_code(begun["secret"], steps=-1)
    added = ok(client.post(f"{FACTOR}/app/confirm", {"enrolment": begun["enrolment"], "code": code}))
    return begun["secret"], added["recovery_codes"]


def test_a_changed_password(person: User, mailoutbox: list[Any]) -> None:
    body = {"current_password": PASSWORD, "new_password": NEW}
    ok(on_a_phone(person).post("/api/v1/auth/password/change", body))
    mail = read(mailoutbox, person, "PasswordChanged")
    assert mail.count(f"Device, as it calls itself: {PHONE}") == 2
    assert "done by us" not in mail
    assert len(mailoutbox) == 1


def test_a_password_set_by_the_key_of_a_mail(person: User, mailoutbox: list[Any]) -> None:
    key = password_reset_key(person.pk)
    ok(APIClient().post("/api/v1/auth/password/reset/confirm", {"key": key, "password": NEW}))
    assert "Device" not in read(mailoutbox, person, "PasswordChanged")


def test_a_password_that_staff_set(person: User, mailoutbox: list[Any]) -> None:
    client = Client()
    client.force_login(UserFactory(admin=True))
    page = reverse("admin:auth_user_password_change", args=(person.pk,))
    assert client.post(page, {"password1": NEW, "password2": NEW, "usable_password": "true"}).status_code == 302
    assert read(mailoutbox, person, "PasswordChanged").count("It was done by us.") == 2


def test_a_second_factor_from_its_first_code_to_its_removal(person: User, mailoutbox: list[Any]) -> None:
    client = on_a_phone(person)
    secret, codes = with_an_app(client)
    assert PHONE in read(mailoutbox, person, "SecondFactorAdded")
    assert len(mailoutbox) == 1  # the recovery codes that come with it are no news of their own
    ok(client.post(f"{FACTOR}/recovery-codes", {"code": codes[0]}))
    assert PHONE in read(mailoutbox, person, "RecoveryCodesRenewed")
    ok(client.post(f"{FACTOR}/remove", {"code": app_code(secret)}))
    assert PHONE in read(mailoutbox, person, "SecondFactorRemoved")
    assert len(mailoutbox) == 3


def test_a_second_factor_that_staff_remove(person: User, mailoutbox: list[Any]) -> None:
    with_an_app(client_for(person))
    client = Client()
    client.force_login(UserFactory(admin=True))
    client.post(reverse("admin:accounts_user_remove_second_factor", args=(person.pk,)), {"_form_submitted": "True"})
    assert "It was done by us." in read(mailoutbox, person, "SecondFactorRemoved")


def test_an_account_of_an_issuer_linked_and_unlinked(
    person: User, issuer: ScriptedIssuer, mailoutbox: list[Any]
) -> None:
    client = on_a_phone(person)
    ok(client.post("/api/v1/me/identities/test", {"id_token": issuer.sign(), "nonce": "n-1"}))
    assert PHONE in read(mailoutbox, person, "IdentityLinked")
    ok(client.delete("/api/v1/me/identities/test"))
    assert PHONE in read(mailoutbox, person, "IdentityUnlinked")


def test_an_account_that_is_linked_by_its_proven_e_mail(issuer: ScriptedIssuer, mailoutbox: list[Any]) -> None:
    person = UserFactory(email="ada@example.com")
    body = {"id_token": issuer.sign(), "nonce": "n-1"}
    ok(APIClient(HTTP_USER_AGENT=PHONE).post("/api/v1/auth/social/test", body))
    assert PHONE in read(mailoutbox, person, "IdentityLinked")
    ok(APIClient().post("/api/v1/auth/social/test", {"id_token": issuer.sign(jti="2"), "nonce": "n-1"}))
    deliver_all()
    assert (send_due(), len(mailoutbox)) == (0, 1)  # to sign in by it is no news


def test_a_newcomer_knows_by_what_they_came(issuer: ScriptedIssuer, mailoutbox: list[Any]) -> None:
    ok(APIClient().post("/api/v1/auth/social/test", {"id_token": issuer.sign(), "nonce": "n-1"}))
    deliver_all()
    send_due()
    assert LogEntry.objects.get(name="IdentityLinked").payload["newcomer"] is True
    assert mailoutbox == []


def in_the_back_office(user: User) -> Client:
    """In by the password, and again a moment ago, as pages that change how one signs in ask for it."""
    client = Client()
    client.post(reverse("admin:login"), {"username": user.email, "password": PASSWORD, "next": "/admin/"})
    assert client.post(reverse("account_reauthenticate"), {"password": PASSWORD}).status_code == 302
    return client


def test_an_app_added_renewed_and_removed_in_the_back_office(mailoutbox: list[Any]) -> None:
    admin = UserFactory(admin=True)
    client = in_the_back_office(admin)
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    wrong = client.post(reverse("mfa_activate_totp"), {"code": "abc"})
    assert (wrong.status_code, LogEntry.objects.filter(aggregate="user").count()) == (200, 0)
    assert client.post(reverse("mfa_activate_totp"), {"code": app_code(secret)}).status_code == 302
    assert "done by us" not in read(mailoutbox, admin, "SecondFactorAdded")
    assert client.post(reverse("mfa_generate_recovery_codes")).status_code == 302
    read(mailoutbox, admin, "RecoveryCodesRenewed")
    assert client.post(reverse("mfa_deactivate_totp")).status_code == 302
    read(mailoutbox, admin, "SecondFactorRemoved")
    assert not Authenticator.objects.exists()
    assert len(mailoutbox) == 3


def test_a_security_key_removed_in_the_back_office(mailoutbox: list[Any]) -> None:
    admin = UserFactory(admin=True)
    client = in_the_back_office(admin)
    key = Authenticator.objects.create(user=admin, type="webauthn", data={"name": "Key", "credential": {}})
    assert client.post(reverse("mfa_remove_webauthn", args=(key.pk,))).status_code == 302
    read(mailoutbox, admin, "SecondFactorRemoved")


def test_an_account_unlinked_in_the_back_office(issuer: ScriptedIssuer, mailoutbox: list[Any]) -> None:
    admin = UserFactory(admin=True)
    client = in_the_back_office(admin)
    link = SocialAccount.objects.create(user=admin, provider="test", uid="s-1")
    assert client.post(reverse("socialaccount_connections"), {"account": link.pk}).status_code == 302
    read(mailoutbox, admin, "IdentityUnlinked")


def test_two_changes_at_once_are_two_mails_and_one_told_twice_is_one(person: User, mailoutbox: list[Any]) -> None:
    client = on_a_phone(person)
    secret, codes = with_an_app(client)
    ok(client.post(f"{FACTOR}/recovery-codes", {"code": codes[0]}))
    ok(client.post(f"{FACTOR}/recovery-codes", {"code": app_code(secret)}))
    deliver_all()
    assert (send_due(), send_due(), len(mailoutbox)) == (3, 0, 3)


def test_neither_the_log_nor_the_row_of_the_mail_holds_a_word_of_the_device(person: User) -> None:
    with_an_app(on_a_phone(person))
    deliver_all()
    assert "iPhone" not in repr(list(LogEntry.objects.values())) + repr(list(Notification.objects.values()))


def test_it_is_sent_again_as_it_was(person: User, mailoutbox: list[Any]) -> None:
    with_an_app(on_a_phone(person))
    deliver_all()
    send_due()
    send_again(notification_id=Notification.objects.get().pk, by=Actor.system("tests"))
    send_due()
    first, second = mailoutbox
    assert first.body == second.body
