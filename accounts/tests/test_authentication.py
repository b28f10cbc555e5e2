from datetime import timedelta

import jwt
import pytest
import time_machine
from django.conf import settings
from django.utils import timezone
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

from accounts.models import PartnerToken, RefreshFamily, User
from accounts.permissions import IsPerson, roles, scope
from accounts.tests.factories import PartnerFactory, SessionFactory, UserFactory, access_token, partner_token
from accounts.tokens import access_for, refresh_for

pytestmark = pytest.mark.django_db
KEY = settings.SIMPLE_JWT["SIGNING_KEY"]


def call(authorization: str = "", *permissions) -> Response:
    @api_view(["GET"])
    @permission_classes(list(permissions) or [AllowAny])
    def whoami(request: Request) -> Response:
        return Response({"actor": str(request.user.as_actor()), "role": request.user.role})

    headers = {"Authorization": authorization} if authorization else {}
    return whoami(APIRequestFactory().get("/", headers=headers))


def forged(user: User, *, key: str = KEY, algorithm: str = "HS256", **changes) -> str:
    payload = access_for(user, SessionFactory(user=user).pk).payload | {"aud": "waybill", "iss": "waybill"} | changes
    return jwt.encode(payload, key, algorithm=algorithm)


def test_a_person_is_known_by_one_statement(django_assert_num_queries):
    user = UserFactory(warehouse=True)
    token = access_token(user)
    with django_assert_num_queries(1):
        response = call(f"Bearer {token}")
    assert response.data == {"actor": f"user:{user.pk}", "role": "warehouse"}


def test_a_partner_is_known_by_one_statement_once_its_use_is_noted(django_assert_num_queries):
    partner = PartnerFactory()
    token = partner_token(partner)
    call(f"Token {token}")
    with django_assert_num_queries(1):
        response = call(f"Token {token}")
    assert response.data == {"actor": f"partner:{partner.pk}", "role": "partner"}


def test_the_access_token_carries_its_claims():
    user = UserFactory(warehouse=True)
    session = SessionFactory(user=user)
    payload = jwt.decode(str(access_for(user, session.pk)), options={"verify_signature": False})
    assert {"exp", "iat", "jti"} < set(payload)
    assert payload["sub"] == str(user.pk)
    assert payload["role"] == "warehouse"
    assert payload["scopes"] == ["orders:read", "stock:read", "fulfilment:write"]
    assert payload["fam"] == session.pk
    assert payload["aud"] == payload["iss"] == "waybill"


def test_a_well_made_token_of_the_right_key_is_taken():
    assert call(f"Bearer {forged(UserFactory())}").status_code == 200


@pytest.mark.parametrize(
    "flaw",
    [
        {"key": "another-key-of-at-least-32-characters!"},
        {"key": "", "algorithm": "none"},
        {"algorithm": "HS512"},
        {"aud": "another"},
        {"iss": "another"},
        {"exp": 1},
        {"role": "admin"},
        {"fam": 0},
    ],
    ids=lambda flaw: next(iter(flaw)),
)
def test_a_token_with_a_flaw_is_refused(flaw):
    assert call(f"Bearer {forged(UserFactory(), **flaw)}").status_code == 401


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer a b", "Bearer x", "Bearer é", "Token", "Token nonsense", "Token a b"]
)
def test_a_malformed_header_is_refused(header):
    response = call(header)
    assert response.status_code == 401
    assert response.data["code"] == "not_authenticated"
    assert response["WWW-Authenticate"] == 'Bearer realm="waybill"'


def test_a_refresh_token_opens_nothing():
    user = UserFactory()
    assert call(f"Bearer {refresh_for(user, SessionFactory(user=user).pk)}").status_code == 401


def test_an_access_token_ends_after_its_time():
    token = access_token(UserFactory())
    with time_machine.travel(timezone.now() + timedelta(seconds=301)):
        assert call(f"Bearer {token}").status_code == 401


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": "admin"}, {"role": "warehouse"}])
def test_deactivation_and_a_change_of_role_end_access_at_once(change):
    user = UserFactory()
    token = access_token(user)
    User.objects.filter(pk=user.pk).update(**change)
    assert call(f"Bearer {token}").status_code == 401


def test_the_end_of_a_session_ends_its_access_tokens_and_no_others():
    user = UserFactory()
    session, other = SessionFactory(user=user), SessionFactory(user=user)
    RefreshFamily.objects.filter(pk=session.pk).update(revoked_at=timezone.now(), reason="logged_out")
    assert call(f"Bearer {access_for(user, session.pk)}").status_code == 401
    assert call(f"Bearer {access_for(user, other.pk)}").status_code == 200


@pytest.mark.parametrize(
    "flaw",
    [
        {"revoked_at": timezone.now()},
        {"expires_at": timezone.now() - timedelta(seconds=1), "created_at": timezone.now() - timedelta(days=1)},
        {"partner__active": False},
        {"partner__active": False, "partner__closed_at": timezone.now()},
    ],
    ids=["revoked", "expired", "paused", "closed"],
)
def test_a_partner_token_that_has_ended_is_refused(flaw):
    partner = PartnerFactory(**{name[9:]: value for name, value in flaw.items() if name.startswith("partner__")})
    own = {name: value for name, value in flaw.items() if not name.startswith("partner__")}
    assert call(f"Token {partner_token(partner, **own)}").status_code == 401
    assert PartnerToken.objects.get().last_used_at is None


def test_the_use_of_a_partner_token_is_noted_once_a_minute(django_assert_num_queries):
    token = partner_token()
    start = timezone.now()
    with time_machine.travel(start, tick=False), django_assert_num_queries(2):
        call(f"Token {token}")
    with time_machine.travel(start + timedelta(seconds=60), tick=False), django_assert_num_queries(1):
        call(f"Token {token}")
    assert PartnerToken.objects.get().last_used_at == start
    with time_machine.travel(start + timedelta(seconds=61), tick=False), django_assert_num_queries(2):
        call(f"Token {token}")
    assert PartnerToken.objects.get().last_used_at == start + timedelta(seconds=61)
    assert PartnerToken.history.count() == 1


def test_roles_and_scopes_decide_who_may_try():
    either = roles("admin") | scope("catalog:write")
    assert call(f"Bearer {access_token(UserFactory(admin=True))}", either).status_code == 200
    assert call(f"Bearer {access_token(UserFactory(warehouse=True))}", either).status_code == 403
    assert call(f"Token {partner_token(scopes=['catalog:write'])}", either).status_code == 200
    assert call(f"Token {partner_token(scopes=['orders:read'])}", either).status_code == 403
    assert call("", either).status_code == 401


def test_a_person_never_passes_for_a_partner_nor_a_partner_for_a_person():
    assert call(f"Bearer {access_token(UserFactory(admin=True))}", scope("catalog:write")).status_code == 403
    assert call(f"Token {partner_token()}", IsPerson).status_code == 403


def test_a_misspelt_role_or_scope_is_a_bug_found_at_once():
    with pytest.raises(ValueError, match="Unknown roles"):
        roles("admn")
    with pytest.raises(ValueError, match="Unknown scope"):
        scope("catalogue:write")
