import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import RefreshFamily, User
from accounts.tests.factories import PASSWORD, UserFactory, access_token, client_for

pytestmark = pytest.mark.django_db(transaction=True)
MINE = "/api/v1/me/second-factor"
TOKEN = "/api/v1/auth/token"


def code_of(secret: str, *, steps: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def enrol(user: User, **body) -> tuple[str, list[str]]:
    """The secret and the recovery codes of a person who has just added an app."""
    client = client_for(user)
    begun = client.post(f"{MINE}/app", {"password": PASSWORD} | body)
    assert begun.status_code == 200
    # The code of the half minute before, so that the present one is left to a test.
    values = {"enrolment": begun.data["enrolment"], "code": code_of(begun.data["secret"], steps=-1)}
    added = client.post(f"{MINE}/app/confirm", values)
    assert added.status_code == 201
    return begun.data["secret"], added.data["recovery_codes"]


def challenge(user: User) -> str:
    answer = APIClient().post(TOKEN, {"email": user.email, "password": PASSWORD})
    assert (answer.status_code, answer.data["code"]) == (401, "mfa_required")
    return answer.data["mfa_token"]


def show(mfa_token: str, code: str):
    return APIClient().post(f"{TOKEN}/mfa", {"mfa_token": mfa_token, "code": code})


def test_a_password_alone_opens_nothing_any_more():
    user = UserFactory()
    secret, _ = enrol(user)
    before = RefreshFamily.objects.count()
    mfa_token = challenge(user)
    assert RefreshFamily.objects.count() == before
    answer = show(mfa_token, code_of(secret))
    assert answer.status_code == 200
    assert APIClient(HTTP_AUTHORIZATION=f"Bearer {answer.data['access']}").get(MINE).data["enrolled"] is True


def test_a_code_opens_once():
    user = UserFactory()
    secret, _ = enrol(user)
    code = code_of(secret)
    assert [show(challenge(user), code).status_code for _ in range(2)] == [200, 401]


def test_a_recovery_code_opens_once_and_is_counted():
    user = UserFactory()
    _, codes = enrol(user)
    assert [show(challenge(user), codes[0]).status_code for _ in range(2)] == [200, 401]
    assert client_for(user).get(MINE).data["recovery_codes_left"] == len(codes) - 1


def test_a_challenge_is_no_access_token_and_ends_with_the_password():
    user = UserFactory()
    secret, _ = enrol(user)
    mfa_token = challenge(user)
    assert APIClient(HTTP_AUTHORIZATION=f"Bearer {mfa_token}").get("/api/v1/me").status_code == 401
    assert show(access_token(user), code_of(secret)).data["code"] == "token_not_valid"
    user.set_password("another-long-one")
    user.save()
    assert show(mfa_token, code_of(secret)).data["code"] == "token_not_valid"


def test_codes_are_guessed_ten_times():
    user = UserFactory()
    secret, _ = enrol(user)
    mfa_token = challenge(user)
    assert [show(mfa_token, "abcdef").status_code for _ in range(11)] == [401] * 10 + [429]
    assert show(mfa_token, code_of(secret)).status_code == 429


def test_adding_one_needs_the_password_and_a_code_of_it():
    user = UserFactory()
    client = client_for(user)
    refused = client.post(f"{MINE}/app", {"password": "wrong"})
    assert (refused.status_code, refused.data["errors"][0]["field"]) == (400, "password")
    begun = client.post(f"{MINE}/app", {"password": PASSWORD}).data
    wrong = client.post(f"{MINE}/app/confirm", {"enrolment": begun["enrolment"], "code": "abc"})
    assert (wrong.status_code, wrong.data["errors"][0]["field"]) == (400, "code")
    forged = client.post(f"{MINE}/app/confirm", {"enrolment": "x", "code": code_of(begun["secret"])})
    assert (forged.status_code, forged.data["errors"][0]["field"]) == (400, "enrolment")
    other = client_for(UserFactory()).post(
        f"{MINE}/app/confirm", {"enrolment": begun["enrolment"], "code": code_of(begun["secret"])}
    )
    assert other.status_code == 400
    assert not Authenticator.objects.exists()


def test_secrets_are_encrypted_where_they_lie():
    secret, codes = enrol(UserFactory())
    stored = str(list(Authenticator.objects.values()))
    assert secret not in stored
    assert not any(code in stored for code in codes)


def test_new_recovery_codes_end_the_old():
    user = UserFactory()
    secret, old = enrol(user)
    renewed = client_for(user).post(f"{MINE}/recovery-codes", {"code": code_of(secret)})
    assert renewed.status_code == 200
    assert show(challenge(user), old[0]).status_code == 401
    assert show(challenge(user), renewed.data["recovery_codes"][0]).status_code == 200


def test_it_is_removed_by_a_code_unless_the_role_needs_it(settings):
    user = UserFactory(warehouse=True)
    secret, codes = enrol(user)
    settings.SECOND_FACTOR_ROLES = frozenset({"warehouse"})
    assert client_for(user).post(f"{MINE}/remove", {"code": codes[0]}).status_code == 409
    settings.SECOND_FACTOR_ROLES = frozenset()
    assert client_for(user).post(f"{MINE}/remove", {"code": "abc"}).status_code == 400
    assert client_for(user).post(f"{MINE}/remove", {"code": code_of(secret)}).status_code == 204
    assert APIClient().post(TOKEN, {"email": user.email, "password": PASSWORD}).status_code == 200


def test_a_role_that_needs_one_has_no_session_without(settings):
    settings.SECOND_FACTOR_ROLES = frozenset({"warehouse"})
    user = UserFactory(warehouse=True)
    answer = APIClient().post(TOKEN, {"email": user.email, "password": PASSWORD})
    assert (answer.status_code, answer.data["code"]) == (403, "mfa_enrolment_required")
    assert not RefreshFamily.objects.exists()


def at_the_door(user: User) -> Client:
    client = Client()
    client.post(reverse("admin:login"), {"username": user.email, "password": PASSWORD, "next": "/admin/"})
    return client


def test_the_back_office_asks_for_it():
    user = UserFactory(admin=True)
    secret, _ = enrol(user)
    client = at_the_door(user)
    assert client.get("/admin/").status_code == 302
    assert client.post(reverse("mfa_authenticate"), {"code": "abc"}).status_code == 200
    assert client.get("/admin/").status_code == 302
    assert client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_the_back_office_has_one_set_up_where_the_role_needs_it(settings):
    settings.SECOND_FACTOR_ROLES = frozenset({"admin"})
    client = at_the_door(UserFactory(admin=True))
    assert client.get("/admin/")["Location"] == reverse("mfa_index")
    assert client.get(reverse("mfa_index")).status_code == 200
    settings.SECOND_FACTOR_ROLES = frozenset({"warehouse"})
    assert client.get("/admin/").status_code == 200


def test_the_door_stops_after_ten_wrong_passwords():
    user, client = UserFactory(admin=True), Client()
    for _ in range(10):
        client.post(reverse("admin:login"), {"username": user.email, "password": "wrong"})
    page = client.post(reverse("admin:login"), {"username": user.email, "password": PASSWORD})
    assert (page.status_code, "Too many attempts" in page.content.decode()) == (200, True)


def test_staff_remove_what_somebody_lost():
    user, admin = UserFactory(), UserFactory(admin=True)
    enrol(user)
    client = Client()
    client.force_login(admin)
    page = reverse("admin:accounts_user_remove_second_factor", args=(user.pk,))
    client.post(page, {"_form_submitted": "True"})
    assert not Authenticator.objects.exists()
    assert not RefreshFamily.objects.filter(user=user, revoked_at=None).exists()
