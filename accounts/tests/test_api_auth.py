import pytest
from rest_framework.test import APIClient

from accounts import services
from accounts.models import RefreshFamily, RefreshToken, User
from accounts.tests.factories import PASSWORD, UserFactory, client_for, partner_client

pytestmark = pytest.mark.django_db
AUTH = "/api/v1/auth/"
STRONG = "a-long-and-unusual-one"
NEWCOMER = {"email": "Ada@Example.com", "password": STRONG, "first_name": "Ada", "last_name": "Example"}


def post(path: str, body, client: APIClient | None = None, **headers):
    return (client or APIClient()).post(AUTH + path, body, headers=headers)


def fields(response) -> list[tuple[str, str]]:
    return [(problem["field"], problem["code"]) for problem in response.data["errors"]]


def test_registering_verifying_and_logging_in():
    answer = post("register", NEWCOMER)
    assert (answer.status_code, answer.data) == (
        202,
        {"detail": "We have sent a mail to this address. Please follow the link in it."},
    )
    user = User.objects.get(email="ada@example.com")
    assert post("verify-email", {"key": services.verification_key(user.pk)}).status_code == 204
    pair = post("token", {"email": "ada@example.com", "password": STRONG}).data
    me = APIClient().get("/api/v1/me", headers={"Authorization": f"Bearer {pair['access']}"}).data
    assert (me["email"], me["email_verified"], me["role"]) == ("ada@example.com", True, "customer")


def test_a_known_e_mail_gets_the_very_same_answer():
    first, second = post("register", NEWCOMER), post("register", NEWCOMER | {"password": "a-different-long-one"})
    assert (first.status_code, first.data) == (second.status_code, second.data)
    assert User.objects.get().check_password(STRONG)


def test_registering_makes_customers_only():
    post("register", NEWCOMER | {"role": "admin", "is_active": False, "email_verified_at": "2020-01-01T00:00:00Z"})
    user = User.objects.get()
    assert (user.role, user.is_active, user.email_verified_at) == ("customer", True, None)


@pytest.mark.parametrize(
    ("flaw", "problem"),
    [
        ({"email": "nonsense"}, ("email", "invalid")),
        ({"email": "a" * 250 + "@example.com"}, ("email", "invalid")),
        ({"email": "ädä@example.com"}, ("email", "invalid")),
        ({"email": "a\x00@example.com"}, ("email", "invalid")),
        ({"email": 12}, ("email", "invalid")),
        ({"email": None}, ("email", "null")),
        ({"password": "short"}, ("password", "password_too_short")),
        ({"password": "x" * 257}, ("password", "max_length")),
        ({"password": STRONG + "\x00"}, ("password", "control")),
        ({"first_name": "x" * 101}, ("first_name", "max_length")),
        ({"last_name": "Ada\nBcc: all@example.com"}, ("last_name", "line")),
    ],
)
def test_bad_input_is_refused_by_field_and_makes_no_account(flaw, problem):
    answer = post("register", NEWCOMER | flaw)
    assert (answer.status_code, answer.data["code"]) == (400, "invalid")
    assert problem in fields(answer)
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("path", "needed"),
    [
        ("register", ["email", "password"]),
        ("verify-email", ["key"]),
        ("token", ["email", "password"]),
        ("token/refresh", ["refresh"]),
        ("token/revoke", ["refresh"]),
        ("password/reset", ["email"]),
        ("password/reset/confirm", ["key", "password"]),
    ],
)
def test_what_is_missing_is_named(path, needed):
    answer = post(path, {})
    assert (answer.status_code, answer.data["code"]) == (400, "required")
    assert fields(answer) == [(name, "required") for name in needed]
    assert post(path, ["a", "list"]).status_code == 400
    assert post(path, {name: {"an": "object"} for name in needed}).status_code == 400


def test_a_wrong_password_is_401_with_a_challenge():
    UserFactory(email="ada@example.com")
    answer = post("token", {"email": "ada@example.com", "password": "wrong"})
    assert (answer.status_code, answer.data["code"]) == (401, "invalid_credentials")
    assert answer["WWW-Authenticate"] == 'Bearer realm="waybill"'
    assert answer["Content-Type"] == "application/problem+json"


def test_logging_in_does_not_mind_an_expired_access_token():
    user = UserFactory()
    answer = post("token", {"email": user.email, "password": PASSWORD}, Authorization="Bearer expired")
    assert set(answer.data) == {"access", "refresh"}


@pytest.mark.django_db(transaction=True)  # a refusal spoils a transaction that surrounds the test
def test_a_spent_refresh_token_ends_the_session_though_it_is_refused():
    old = services.log_in(email=UserFactory().email, password=PASSWORD).refresh
    new = post("token/refresh", {"refresh": old}).data
    answer = post("token/refresh", {"refresh": old})
    assert (answer.status_code, answer.data["code"], answer.data["errors"]) == (401, "token_reused", [])
    assert RefreshFamily.objects.get().reason == "reused"
    assert post("token/refresh", {"refresh": new["refresh"]}).data["code"] == "token_not_valid"
    assert APIClient().get("/api/v1/me", headers={"Authorization": f"Bearer {new['access']}"}).status_code == 401


def test_an_idempotency_key_hides_no_reuse():
    old = services.log_in(email=UserFactory().email, password=PASSWORD).refresh
    post("token/refresh", {"refresh": old})
    answer = post("token/refresh", {"refresh": old}, **{"Idempotency-Key": "another-key-of-one-client"})
    assert answer.data["code"] == "token_reused"
    assert RefreshFamily.objects.get().reason == "reused"


def test_a_lost_answer_is_had_again_by_its_idempotency_key():
    old = services.log_in(email=UserFactory().email, password=PASSWORD).refresh
    first, second = (
        post("token/refresh", {"refresh": old}, **{"Idempotency-Key": "the-one-key-of-one-client"}) for _ in range(2)
    )
    assert first.data == second.data
    assert second["Idempotent-Replayed"] == "true"
    assert RefreshFamily.objects.get().revoked_at is None
    assert RefreshToken.objects.count() == 2


def test_logging_out_answers_204_whatever_the_token():
    pair = services.log_in(email=UserFactory().email, password=PASSWORD)
    assert post("token/revoke", {"refresh": pair.refresh}).status_code == 204
    assert post("token/revoke", {"refresh": "nonsense"}).status_code == 204
    assert post("token/refresh", {"refresh": pair.refresh}).status_code == 401


def test_a_password_is_found_again():
    user = UserFactory()
    known, unknown = (post("password/reset", {"email": email}) for email in (user.email, "stranger@example.com"))
    assert (known.status_code, known.data) == (unknown.status_code, unknown.data) == (202, known.data)
    key = services.password_reset_key(user.pk)
    assert post("password/reset/confirm", {"key": key, "password": STRONG}).status_code == 204
    again = post("password/reset/confirm", {"key": key, "password": STRONG})
    assert (again.status_code, fields(again)) == (400, [("key", "invalid")])
    assert post("token", {"email": user.email, "password": STRONG}).status_code == 200


def test_a_password_is_changed_by_who_is_in():
    user = UserFactory()
    client = client_for(user)
    wrong = post("password/change", {"current_password": "wrong", "new_password": STRONG}, client)
    assert (wrong.status_code, fields(wrong)) == (400, [("current_password", "invalid")])
    answer = post("password/change", {"current_password": PASSWORD, "new_password": STRONG}, client)
    assert set(answer.data) == {"access", "refresh"}
    assert client.get("/api/v1/me").status_code == 401
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.data['access']}")
    assert client.get("/api/v1/me").status_code == 200


def test_strangers_and_partners_have_no_password_to_change():
    body = {"current_password": PASSWORD, "new_password": STRONG}
    assert post("password/change", body).status_code == 401
    assert post("password/change", body, partner_client()).status_code == 403


def test_a_body_that_is_no_json_and_a_get_are_refused():
    client = APIClient()
    assert client.post(AUTH + "token", "{", content_type="application/json").status_code == 400
    assert client.post(AUTH + "token", "a=b", content_type="application/x-www-form-urlencoded").status_code == 415
    assert client.get(AUTH + "token").status_code == 405
    assert client.post(AUTH + "token?next=/", {}).data["errors"][0]["field"] == "next"
