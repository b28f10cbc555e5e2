"""Which word of an issuer is believed."""

import base64
import hmac
import json
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from django.core.cache import cache
from rest_framework.test import APIClient

from accounts.models import RefreshFamily, User
from tests.sign_in.issuer import ScriptedIssuer, configured, key_pair, scripted_issuer

pytestmark = pytest.mark.django_db(transaction=True)
STRANGER = key_pair()


@pytest.fixture
def issuer(settings: Any) -> Iterator[ScriptedIssuer]:
    cache.clear()
    with scripted_issuer() as found:
        settings.OIDC_ISSUERS = {"test": configured(found.address)}
        yield found


def post(id_token: str, *, issuer: str = "test", **body: Any) -> Any:
    return APIClient().post(f"/api/v1/auth/social/{issuer}", {"id_token": id_token, "nonce": "n-1"} | body)


def refused(answer: Any) -> None:
    assert (answer.status_code, answer.data["code"]) == (401, "identity_not_valid")
    assert not User.objects.exists()
    assert not RefreshFamily.objects.exists()


def test_a_good_one_opens_a_session_of_a_new_person(issuer: ScriptedIssuer) -> None:
    answer = post(issuer.sign(given_name="Ada", family_name="Example"))
    assert answer.status_code == 200
    person = User.objects.get()
    assert (person.email, person.first_name, person.last_name) == ("ada@example.com", "Ada", "Example")
    assert (person.email_verified, person.has_usable_password()) == (True, False)
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {answer.data['access']}")
    assert client.get("/api/v1/me").data["email"] == "ada@example.com"


def test_a_token_for_the_app_of_a_phone_is_for_us_too(issuer: ScriptedIssuer) -> None:
    assert post(issuer.sign(aud="the-iphone-app")).status_code == 200


FLAWS: dict[str, dict[str, Any]] = {
    "audience": {"aud": "somebody-else"},
    "no audience": {"aud": None},
    "several audiences, made out for another": {"aud": ["waybill-app", "other"], "azp": "other"},
    "several audiences, made out for nobody": {"aud": ["waybill-app", "other"]},
    "issuer": {"iss": "https://accounts.example.com"},
    "no issuer": {"iss": None},
    "expired": {"exp": 1_700_000_000},
    "no end": {"exp": None},
    "from the future": {"iat": 4_000_000_000},
    "nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "no subject": {"sub": None},
    "empty subject": {"sub": ""},
}


@pytest.mark.parametrize("flaw", FLAWS.values(), ids=FLAWS)
def test_a_wrong_claim_is_refused(issuer: ScriptedIssuer, flaw: dict[str, Any]) -> None:
    refused(post(issuer.sign(**flaw)))


def test_a_nonce_that_is_not_shown_is_refused(issuer: ScriptedIssuer) -> None:
    refused(APIClient().post("/api/v1/auth/social/test", {"id_token": issuer.sign()}))


def test_another_key_under_a_known_name_is_refused(issuer: ScriptedIssuer) -> None:
    refused(post(issuer.sign(key=STRANGER)))


def test_no_signature_is_refused(issuer: ScriptedIssuer) -> None:
    refused(post(jwt.encode(issuer.claims(), None, algorithm="none", headers={"kid": "k1"})))


@pytest.mark.parametrize("secret", ["the client's", "the public key"])
def test_a_shared_secret_is_no_signature(issuer: ScriptedIssuer, secret: str) -> None:
    public = issuer.keys["k1"].public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    key = b"shared-with-the-issuer" if secret == "the client's" else pem
    head = encoded({"alg": "HS256", "typ": "JWT", "kid": "k1"})
    said = f"{head}.{encoded(issuer.claims())}"
    signature = base64.urlsafe_b64encode(hmac.digest(key, said.encode(), "sha256")).rstrip(b"=").decode()
    refused(post(f"{said}.{signature}"))


def encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def test_a_code_is_redeemed_with_all_that_belongs_to_it(issuer: ScriptedIssuer) -> None:
    grant = {"code": "c-1", "code_verifier": "v" * 43, "redirect_uri": "app://back"}
    assert APIClient().post("/api/v1/auth/social/test", grant | {"nonce": "n-1"}).status_code == 200
    assert issuer.forms == [
        grant
        | {"grant_type": "authorization_code", "client_id": "waybill-app", "client_secret": "shared-with-the-issuer"}
    ]


def test_a_changed_token_is_refused(issuer: ScriptedIssuer) -> None:
    head, _, signature = issuer.sign().split(".")
    other = issuer.sign(sub="s-2").split(".")[1]
    refused(post(f"{head}.{other}.{signature}"))


@pytest.mark.parametrize("text", ["x", "a.b.c", "e30.e30.", "é", " "])
def test_what_is_no_token_is_refused(issuer: ScriptedIssuer, text: str) -> None:
    assert post(text).status_code in {400, 401}
    assert not User.objects.exists()


def test_a_token_is_taken_once(issuer: ScriptedIssuer) -> None:
    token = issuer.sign()
    assert post(token).status_code == 200
    again = post(token)
    assert (again.status_code, again.data["code"]) == (401, "identity_not_valid")
    assert RefreshFamily.objects.count() == 1


def test_a_key_that_is_new_is_asked_for_once_in_a_minute(issuer: ScriptedIssuer) -> None:
    assert post(issuer.sign()).status_code == 200
    issuer.keys["k2"] = key_pair()
    assert post(issuer.sign(kid="k2")).status_code == 200
    issuer.keys["k3"] = key_pair()
    before = len(issuer.asked)
    assert post(issuer.sign(kid="k3")).status_code == 401
    assert len(issuer.asked) == before


def test_a_document_of_another_issuer_is_not_believed(issuer: ScriptedIssuer) -> None:
    issuer.metadata = {"issuer": "https://accounts.example.com"}
    answer = post(issuer.sign(iss="https://accounts.example.com"))
    assert (answer.status_code, answer.data["code"]) == (503, "unavailable")


def test_an_issuer_of_many_tenants_is_believed_about_the_one_that_is_named(issuer: ScriptedIssuer) -> None:
    issuer.metadata = {"issuer": issuer.address + "/{tenantid}/v2.0"}
    refused(post(issuer.sign(iss=f"{issuer.address}/t-1/v2.0", tid="t-2")))
    assert post(issuer.sign(iss=f"{issuer.address}/t-1/v2.0", tid="t-1")).status_code == 200


def test_an_issuer_that_is_away_is_said_to_be(issuer: ScriptedIssuer, settings: Any) -> None:
    settings.OIDC_ISSUERS = {"test": configured("http://127.0.0.1:1")}
    answer = post(issuer.sign())
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")


def test_refused_tokens_are_counted_and_good_ones_are_not(issuer: ScriptedIssuer, settings: Any) -> None:
    settings.LIMITS = settings.LIMITS | {"social_network": (2, 60)}
    for number in range(4):
        assert post(issuer.sign(jti=str(number))).status_code == 200
    assert [post("x.y.z").status_code for _ in range(3)] == [401, 401, 429]
    assert post(issuer.sign(jti="5")).status_code == 429


def test_an_answer_that_was_lost_is_given_again(issuer: ScriptedIssuer) -> None:
    client, body = APIClient(HTTP_IDEMPOTENCY_KEY="a-key-of-sixteen"), {"id_token": issuer.sign(), "nonce": "n-1"}
    first, second = (client.post("/api/v1/auth/social/test", body) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    assert (second["Idempotent-Replayed"], first.data) == ("true", second.data)
    assert RefreshFamily.objects.count() == 1
