import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts import services
from accounts.models import RefreshFamily, User
from accounts.tests.factories import PASSWORD, UserFactory, client_for
from audit.models import LogEntry

pytestmark = pytest.mark.django_db(transaction=True)
MINE = "/api/v1/me/sessions"


def signed_in(user: User, device: str) -> APIClient:
    body = {"email": user.email, "password": PASSWORD}
    pair = APIClient().post("/api/v1/auth/token", body, HTTP_USER_AGENT=device).data
    return APIClient(HTTP_AUTHORIZATION=f"Bearer {pair['access']}")


def test_one_sees_where_one_is_signed_in():
    user = UserFactory()
    signed_in(UserFactory(), "Another person's")
    phone, tablet = signed_in(user, "Phone"), signed_in(user, "Tab\tlet")
    rows = {row["device"]: row for row in tablet.get(MINE).data["results"]}
    assert {name: row["current"] for name, row in rows.items()} == {"Phone": False, "Tab let": True}
    assert phone.delete(f"{MINE}/{rows['Tab let']['id']}").status_code == 204
    assert (tablet.get(MINE).status_code, phone.get(MINE).status_code) == (401, 200)


def test_anothers_session_is_not_there():
    theirs = RefreshFamily.objects.create(user=UserFactory())
    assert client_for(UserFactory()).delete(f"{MINE}/{theirs.pk}").status_code == 404
    theirs.refresh_from_db()
    assert theirs.revoked_at is None


def test_everywhere_else_is_signed_out_at_once():
    user = UserFactory()
    phone, tablet = signed_in(user, "Phone"), signed_in(user, "Tablet")
    assert phone.delete(MINE).status_code == 204
    assert (phone.get(MINE).status_code, tablet.get(MINE).status_code) == (200, 401)


def test_another_role_ends_every_session():
    user, admin = UserFactory(), UserFactory(admin=True)
    refresh = services.log_in(email=user.email, password=PASSWORD).refresh
    services.change_role(user_id=user.pk, role=User.Role.WAREHOUSE, by=admin.as_actor())
    assert APIClient().post("/api/v1/auth/token/refresh", {"refresh": refresh}).status_code == 401
    assert RefreshFamily.objects.get().reason == "role_changed"


def test_right_passwords_are_never_too_many():
    user = UserFactory()
    body = {"email": user.email, "password": PASSWORD}
    assert {APIClient().post("/api/v1/auth/token", body).status_code for _ in range(12)} == {200}


def test_mails_to_one_address_are_sent_five_times_known_or_not():
    for email in (UserFactory().email, "nobody@example.com"):
        answers = [APIClient().post("/api/v1/auth/password/reset", {"email": email}).status_code for _ in range(6)]
        assert answers == [202] * 5 + [429]


def test_a_reset_costs_the_same_for_strangers():
    by = UserFactory().as_actor()

    def work(email: str) -> list[str]:
        with CaptureQueriesContext(connection) as queries:
            services.request_password_reset(email=email, by=by)
        return [query["sql"][:25] for query in queries if "SAVEPOINT" not in query["sql"]]

    assert work("nobody@example.com") == work(UserFactory().email)
    assert LogEntry.objects.filter(name="PasswordResetRequested").count() == 1
