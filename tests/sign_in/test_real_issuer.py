"""Against a real server of OpenID Connect: the code of a mobile app, its id_token, and a browser at the back office."""

import base64
import hashlib
import secrets
import threading
import warnings
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit
from wsgiref.simple_server import WSGIRequestHandler, make_server

import httpx
import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import PASSWORD, UserFactory
from audit.models import LogEntry
from tests.sign_in.issuer import configured

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of libraries that the server uses
    import oidc_provider_mock

pytestmark = pytest.mark.django_db(transaction=True)
BACK = "http://127.0.0.1/back"
URL = "/api/v1/auth/social/test"


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def issuer(settings: Any) -> Iterator[str]:
    cache.clear()
    claims = {"email": "ada@example.com", "email_verified": True, "given_name": "Ada"}
    people = [oidc_provider_mock.User(sub="ada", claims=claims)]
    app = oidc_provider_mock.app(require_client_registration=False, user_claims=people)
    server = make_server("127.0.0.1", 0, app, handler_class=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    settings.OIDC_ISSUERS = {"test": configured(address)}
    app_settings = {"server_url": address, "fetch_userinfo": False}
    apps = [
        {"provider_id": "test", "name": "Test", "client_id": "waybill-app", "secret": "s", "settings": app_settings}
    ]
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": apps}}
    yield address
    server.shutdown()
    server.server_close()


class App:
    """A mobile app: it sends the person to the issuer and gets a code back."""

    def __init__(self, issuer: str) -> None:
        self.issuer, self.verifier, self.nonce = issuer, secrets.token_urlsafe(40), secrets.token_urlsafe(16)

    def code(self, subject: str = "ada", client_id: str = "waybill-app") -> str:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        asked = {"client_id": client_id, "redirect_uri": BACK, "response_type": "code", "nonce": self.nonce}
        asked |= {"scope": "openid email profile", "state": "s", "code_challenge": challenge}
        return agree(f"{self.issuer}/oauth2/authorize", asked | {"code_challenge_method": "S256"}, subject)["code"]

    def grant(self, **changes: str) -> dict[str, str]:
        found = {"code": self.code(), "code_verifier": self.verifier, "redirect_uri": BACK, "nonce": self.nonce}
        return found | changes

    def id_token(self, client_id: str) -> str:
        form = {"grant_type": "authorization_code", "code": self.code(client_id=client_id), "client_id": client_id}
        form |= {"code_verifier": self.verifier, "redirect_uri": BACK, "client_secret": "s"}
        return str(httpx.post(f"{self.issuer}/oauth2/token", data=form).json()["id_token"])


def agree(address: str, asked: dict[str, str], subject: str) -> dict[str, str]:
    """The person logs in at the issuer; what it sends back with them."""
    answer = httpx.post(address, params=asked, data={"sub": subject})
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def test_a_code_becomes_our_pair(issuer: str) -> None:
    answer = APIClient().post(URL, App(issuer).grant())
    assert answer.status_code == 200
    again = APIClient().post("/api/v1/auth/token/refresh", {"refresh": answer.data["refresh"]})
    assert again.status_code == 200
    assert User.objects.get().email == "ada@example.com"


@pytest.mark.parametrize("wrong", ["code", "redirect_uri", "nonce"])
def test_a_code_without_what_belongs_to_it_is_refused(issuer: str, wrong: str) -> None:
    answer = APIClient().post(URL, App(issuer).grant(**{wrong: "x" * 43}))
    assert (answer.status_code, answer.data["code"]) == (401, "identity_not_valid")
    assert not User.objects.exists()


def test_a_code_is_good_once(issuer: str) -> None:
    grant = App(issuer).grant()
    assert [APIClient().post(URL, grant).status_code for _ in range(2)] == [200, 401]


def test_an_id_token_becomes_our_pair_and_one_for_another_app_does_not(issuer: str) -> None:
    app = App(issuer)
    ours, theirs = app.id_token("the-iphone-app"), app.id_token("another-shop")
    assert APIClient().post(URL, {"id_token": theirs, "nonce": app.nonce}).status_code == 401
    assert APIClient().post(URL, {"id_token": ours, "nonce": app.nonce}).status_code == 200


def browse(client: Client, issuer: str, *, process: str = "login") -> Any:
    """From the door of the back office, or a page within, to the issuer and back."""
    away = client.post(f"{reverse('openid_connect_login', args=('test',))}?process={process}")
    address = urlsplit(away["Location"])
    assert address.netloc == urlsplit(issuer).netloc
    asked = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert asked["code_challenge_method"] == "S256"
    back = agree(f"{issuer}{address.path}", asked, "ada")
    return client.get(urlsplit(asked["redirect_uri"]).path, back)


def test_staff_come_into_the_back_office_by_their_issuer(issuer: str) -> None:
    staff = UserFactory(email="ada@example.com", warehouse=True)
    client = Client()
    assert browse(client, issuer)["Location"] == reverse("admin:index")
    assert client.get(reverse("admin:index")).status_code == 200
    assert SocialAccount.objects.get().user == staff


def test_staff_who_are_in_link_their_account_and_are_told(issuer: str) -> None:
    staff = UserFactory(email="other@example.com", admin=True)
    client = Client()
    client.post(reverse("admin:login"), {"username": staff.email, "password": PASSWORD})
    for _ in range(2):  # the second time it is linked already
        assert browse(client, issuer, process="connect")["Location"] == reverse("socialaccount_connections")
    assert SocialAccount.objects.get().user == staff
    fact = LogEntry.objects.get(name="IdentityLinked")
    assert (fact.actor, fact.payload["issuer"]) == (f"user:{staff.pk}", "test")


@pytest.mark.parametrize("known", [None, {"role": "customer"}, {"role": "admin", "email_verified_at": None}])
def test_others_do_not(issuer: str, known: dict[str, Any] | None) -> None:
    if known is not None:
        UserFactory(email="ada@example.com", **known)
    client = Client()
    assert browse(client, issuer)["Location"] == reverse("admin:login")
    assert client.get(reverse("admin:index")).status_code == 302


def test_a_state_that_this_browser_did_not_ask_for_is_refused(issuer: str) -> None:
    UserFactory(email="ada@example.com", admin=True)
    client = Client()
    client.post(reverse("openid_connect_login", args=("test",)))
    page = client.get(reverse("openid_connect_callback", args=("test",)), {"code": "x", "state": "forged"})
    assert page.status_code in {200, 302, 401}
    assert client.get(reverse("admin:index")).status_code == 302
