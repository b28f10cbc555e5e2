"""A token that is nearly right opens nothing: over HTTP, at `me`."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from django.conf import settings
from rest_framework.test import APIClient

from accounts.models import User
from accounts.services import log_in
from accounts.tests.factories import PASSWORD, UserFactory, access_token, client_for, partner_token
from orders.tests.http import get, post

pytestmark = pytest.mark.django_db
KEY = str(settings.SIMPLE_JWT["SIGNING_KEY"])
DAY = 24 * 3600
Forge = Callable[[dict[str, Any]], str]


def coded(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def by_hand(header: dict[str, Any], claims: dict[str, Any], *, key: str = KEY) -> str:
    """Signed with SHA-256 whatever the header says."""
    text = f"{coded(header)}.{coded(claims)}"
    digest = hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()
    return f"{text}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def signed(claims: dict[str, Any], **changes: Any) -> str:
    """By our own key; a claim that is None is left out."""
    return jwt.encode({k: v for k, v in (claims | changes).items() if v is not None}, KEY, algorithm="HS256")


def changed(**changes: Any) -> Forge:
    return lambda claims: signed(
        claims, **{name: value(claims) if callable(value) else value for name, value in changes.items()}
    )


HS256 = {"alg": "HS256", "typ": "JWT"}
FORGED: dict[str, Forge] = {
    "no algorithm": lambda claims: f"{coded({'alg': 'none', 'typ': 'JWT'})}.{coded(claims)}.",
    "no algorithm, spelt otherwise": lambda claims: f"{coded({'alg': 'nOnE'})}.{coded(claims)}.",
    "no algorithm and a signature": lambda claims: by_hand({"alg": "none"}, claims),
    "no signature": lambda claims: signed(claims).rpartition(".")[0] + ".",
    "another key": lambda claims: jwt.encode(claims, "k" * 64, algorithm="HS256"),
    "an empty key": lambda claims: by_hand(HS256, claims, key=""),
    "the key of the rest": lambda claims: by_hand(HS256, claims, key=settings.SECRET_KEY),
    "a header that says RS256": lambda claims: by_hand({"alg": "RS256", "typ": "JWT"}, claims),
    "a header that says HS512": lambda claims: by_hand({"alg": "HS512", "typ": "JWT"}, claims),
    "signed as HS512": lambda claims: jwt.encode(claims, KEY, algorithm="HS512"),
    "signed as HS384": lambda claims: jwt.encode(claims, KEY, algorithm="HS384"),
    "a key of its own in the header": lambda claims: by_hand(
        HS256 | {"jwk": {"kty": "oct", "k": "a2s"}}, claims, key="kk"
    ),
    "changed after it was signed": lambda claims: _swapped(signed(claims), coded(claims | {"role": "admin"})),
    "expired": changed(exp=lambda claims: int(time.time()) - 1),
    "long expired": changed(exp=1),
    "not yet valid": changed(nbf=lambda claims: int(time.time()) + DAY),
    "another audience": changed(aud="another"),
    "no audience": changed(aud=None),
    "another issuer": changed(iss="another"),
    "no issuer": changed(iss=None),
    "no person": changed(sub=None),
    "an empty person": changed(sub=""),
    "a person who is no number": changed(sub="1 OR 1=1"),
    "nobody": changed(sub="987654321"),
    "no session": changed(fam=None),
    "no such session": changed(fam=987654321),
    "a session that is no number": changed(fam="first"),
    "no end": changed(exp=None),
    "an end that is no number": changed(exp="tomorrow"),
    "no type": changed(type=None),
    "of another type": changed(type="refresh"),
    "a type nobody knows": changed(type="Access"),
    "no identity": changed(jti=None),
    "another role": changed(role="admin"),
    "no role": changed(role=None),
    "garbage": lambda claims: "garbage",
    "garbage in three parts": lambda claims: "a.b.c",
    "an object of nothing": lambda claims: by_hand(HS256, {}),
    "cut short": lambda claims: signed(claims)[:-4],
    "twice": lambda claims: f"{signed(claims)}.{signed(claims)}",
}


def _swapped(token: str, claims: str) -> str:
    header, _, signature = token.split(".")
    return f"{header}.{claims}.{signature}"


def claims_of(user: User) -> dict[str, Any]:
    return dict(jwt.decode(access_token(user), options={"verify_signature": False}))


def me(authorization: str) -> Any:
    return get(APIClient(), "me", authorization=authorization)


def is_refused(answer: Any, code: str = "not_authenticated") -> bool:
    """401, with a problem document and a challenge, and nothing of the person."""
    body = answer.json()
    assert answer.status_code == 401, (answer.status_code, answer.content)
    assert answer["Content-Type"] == "application/problem+json"
    assert {"type", "title", "status", "code", "detail", "errors"} <= body.keys()
    assert (body["status"], body["code"]) == (401, code)
    return "WWW-Authenticate" in answer.headers and b"@example.com" not in answer.content


def test_the_real_one_and_one_made_alike_open() -> None:
    """The control: what the others do to it is all that is wrong with them."""
    user = UserFactory.create()
    claims = claims_of(user)
    for token in (access_token(user), signed(claims), by_hand(HS256, claims)):
        answer = me(f"Bearer {token}")
        assert (answer.status_code, answer.json()["email"]) == (200, user.email)


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_a_token_opens_nothing_with(forge: Forge) -> None:
    assert is_refused(me(f"Bearer {forge(claims_of(UserFactory.create()))}"))


def test_the_session_must_be_the_persons_own() -> None:
    mine, anothers = claims_of(UserFactory.create()), claims_of(UserFactory.create())
    assert is_refused(me(f"Bearer {signed(mine, fam=anothers['fam'])}"))
    assert is_refused(me(f"Bearer {signed(mine, sub=anothers['sub'])}"))


def test_each_token_is_good_for_its_own_use_only() -> None:
    user = UserFactory.create(email="ada@example.com")
    pair: Any = log_in(email=user.email, password=PASSWORD)
    assert me(f"Bearer {pair.access}").status_code == 200
    assert is_refused(me(f"Bearer {pair.refresh}"))
    assert is_refused(post(APIClient(), "auth/token/refresh", {"refresh": pair.access}), "token_not_valid")
    assert me(f"Bearer {pair.access}").status_code == 200
    assert post(APIClient(), "auth/token/refresh", {"refresh": pair.refresh}).status_code == 200


SCHEMES = {
    "no scheme": "{access}",
    "another scheme": "Token {access}",
    "a partner's token as a person's": "Bearer {partner}",
    "an unknown scheme": "JWT {access}",
    "basic": "Basic {access}",
    "nothing after the scheme": "Bearer",
    "blanks after the scheme": "Bearer   ",
    "two tokens": "Bearer {access} {access}",
    "two schemes, glued": "Bearer {access}, Token {partner}",
    "two schemes, the other way": "Token {partner}, Bearer {access}",
    "two schemes, without a comma": "Token {partner} Bearer {access}",
    "a scheme twice": "Bearer Bearer {access}",
    "quoted": 'Bearer "{access}"',
    "glued to the scheme": "Bearer{access}",
    "with a tab": "Bearer\t{access}",
    "a letter that is no ASCII": "Bearer {access}é",
}


@pytest.mark.parametrize("text", SCHEMES.values(), ids=SCHEMES)
def test_the_header_opens_nothing_with(text: str) -> None:
    header = text.format(access=access_token(UserFactory.create()), partner=partner_token())
    assert is_refused(me(header))


def test_a_token_elsewhere_than_in_the_header_opens_nothing() -> None:
    token = access_token(UserFactory.create())
    client = APIClient()
    client.cookies["access"] = token
    client.cookies["Authorization"] = f"Bearer {token}"
    assert is_refused(get(client, "me"))
    assert get(client, f"me?access={token}").status_code in {400, 401}


def test_a_partner_is_no_person() -> None:
    assert get(client_for(UserFactory.create()), "me").status_code == 200
    assert me(f"Token {partner_token()}").status_code == 403
