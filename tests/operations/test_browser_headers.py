"""What browsers are told, and that the back office and Swagger's page work under it in a real one."""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from playwright.sync_api import Page, expect, sync_playwright

from accounts.tests.factories import PASSWORD, UserFactory
from bin.local.home import ROOT
from bin.local.run_checks import production
from config.settings.browsers import BrowserHeaders
from orders.tests.factories import buyable, place
from tests.browser.office import launch

SHOP = "https://app.example.com"
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
TELL_VIOLATIONS = "document.addEventListener('securitypolicyviolation', e => console.error('violation: ' + e.effectiveDirective + ' ' + e.sample))"  # fmt: skip

pytestmark = pytest.mark.django_db


def policy(response: Any) -> dict[str, list[str]]:
    """The directives of an answer's policy."""
    directives = response.headers["Content-Security-Policy"].split("; ")
    return {name: sources for name, *sources in (directive.split(" ") for directive in directives)}


@pytest.mark.parametrize("path", ["/api/v1/products", "/api/v1/me", "/api/v1/nothing", "/healthz", "/api/v1/schema"])
def test_an_answer_that_is_data_may_load_nothing(client, path):
    response = client.get(path)
    assert response.headers["Content-Security-Policy"] == DATA_POLICY
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/admin/login/", "/api/v1/docs", "/nothing"])
def test_a_page_loads_from_here_only_and_cannot_be_framed(client, path):
    found = policy(client.get(path))
    assert (
        found.items()
        >= {
            "default-src": ["'self'"],
            "object-src": ["'none'"],
            "base-uri": ["'self'"],
            "form-action": ["'self'"],
            "frame-ancestors": ["'none'"],
        }.items()
    )
    assert "'unsafe-inline'" not in found["script-src"]
    assert found["img-src"] == ["'self'", "data:"]


def test_only_the_back_office_may_compile_scripts(client):
    assert "'unsafe-eval'" in policy(client.get("/admin/login/"))["script-src"]
    assert policy(client.get("/nothing"))["script-src"] == ["'self'"]
    assert "'unsafe-eval'" not in policy(client.get("/api/v1/docs"))["script-src"]


def test_swaggers_own_script_is_named_by_its_digest(client):
    response = client.get("/api/v1/docs/?lang='</script><script>alert(1)</script>")
    scripts = re.findall(rb"<script>(.*?)</script>", response.content, re.DOTALL)
    digests = [f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'" for script in scripts]
    assert (len(digests), policy(response)["script-src"]) == (1, ["'self'", *digests])


def test_a_page_says_what_else_it_needs_and_shares(client):
    headers = client.get("/admin/login/").headers
    assert "camera=(), " in headers["Permissions-Policy"]
    assert "publickey-credentials-get=(self)" in headers["Permissions-Policy"]
    assert {name: headers[name] for name in ("Cross-Origin-Opener-Policy", "Referrer-Policy", "X-Frame-Options")} == {
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "same-origin",
        "X-Frame-Options": "DENY",
    }


def test_pictures_may_be_shown_on_other_sites(client):
    assert client.get("/media/products/none.jpg").headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_the_site_of_an_issuer_may_take_over_a_form(settings):
    settings.OIDC_ISSUERS = {"one": {"issuer": "https://login.example.com/realm"}}
    page = BrowserHeaders(lambda request: HttpResponse())
    office, other = page(RequestFactory().get("/admin/login/")), page(RequestFactory().get("/nothing"))
    assert policy(office)["form-action"] == ["'self'", "https://login.example.com"]
    assert policy(other)["form-action"] == ["'self'"]


def preflight(client: Client, path: str, origin: str = SHOP) -> Any:
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "if-match"}
    return client.options(path, headers=asked)


@pytest.mark.parametrize("path", ["/api/v1/orders", "/api/v1/orders/"])
def test_a_site_that_is_named_may_ask(client, settings, path):
    settings.CORS_ALLOWED_ORIGINS = [SHOP]
    response = preflight(client, path)
    assert (response.status_code, response.headers["Access-Control-Allow-Origin"]) == (200, SHOP)
    allowed = set(response.headers["Access-Control-Allow-Headers"].split(", "))
    assert allowed >= {"authorization", "content-type", "idempotency-key", "if-match", "if-none-match"}
    assert allowed >= {"x-cart-token", "x-order-token", "x-request-id"}
    assert {"PATCH", "DELETE"} <= set(response.headers["Access-Control-Allow-Methods"].split(", "))
    assert "Access-Control-Allow-Credentials" not in response.headers
    assert response.headers["X-Request-ID"]


def test_its_answers_may_be_read_with_their_headers(client, settings):
    settings.CORS_ALLOWED_ORIGINS = [SHOP]
    for path in ("/api/v1/products", "/api/v1/me"):  # a refusal can be read, too
        headers = client.get(path, headers={"Origin": SHOP}).headers
        assert headers["Access-Control-Allow-Origin"] == SHOP
        assert "Access-Control-Allow-Credentials" not in headers
        assert set(headers["Access-Control-Expose-Headers"].split(", ")) == {
            *("ETag", "Location", "Retry-After", "X-Request-ID", "Idempotent-Replayed", "Dry-Run"),
            *("RateLimit", "RateLimit-Policy", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"),
        }


@pytest.mark.parametrize("origin", ["https://evil.example.com", "http://app.example.com", f"{SHOP}.evil.com", "null"])
def test_a_site_that_is_not_named_may_not(client, settings, origin):
    settings.CORS_ALLOWED_ORIGINS = [SHOP]
    for response in (preflight(client, "/api/v1/orders", origin), client.get("/api/v1/products", headers={"Origin": origin})):  # fmt: skip
        assert not [name for name in response.headers if name.startswith("Access-Control-Allow")]


def test_nobody_is_named_by_default_and_the_back_office_is_never_shared(client, settings):
    assert "Access-Control-Allow-Origin" not in preflight(client, "/api/v1/orders").headers
    settings.CORS_ALLOWED_ORIGINS = [SHOP]
    response = client.get("/admin/login/", headers={"Origin": SHOP})
    assert "Access-Control-Allow-Origin" not in response.headers


def test_a_session_ends_with_the_browser_and_starts_anew_at_login(client):
    user = UserFactory(role="admin")
    client.cookies["sessionid"] = "a" * 32
    client.post("/admin/login/", {"username": user.email, "password": PASSWORD})
    cookie = client.cookies["sessionid"]
    assert cookie.value not in {"", "a" * 32}
    assert (cookie["expires"], cookie["max-age"]) == ("", "")
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert 11 * 3600 < client.session.get_expiry_age() <= 12 * 3600


def test_production_binds_its_cookies_to_this_host_and_the_site_to_tls():
    names = [f"{kind}_COOKIE_{what}" for kind in ("SESSION", "CSRF") for what in ("NAME", "SECURE", "HTTPONLY", "SAMESITE", "DOMAIN")]  # fmt: skip
    names += ["SESSION_COOKIE_PATH", "CSRF_COOKIE_PATH", "SECURE_HSTS_SECONDS", "SECURE_SSL_REDIRECT"]
    code = f"import json; from django.conf import settings; print(json.dumps([getattr(settings, n) for n in {names}]))"
    given = {**os.environ, **production()}
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=given, capture_output=True, text=True, check=True)
    assert json.loads(told.stdout) == [
        *("__Host-sessionid", True, True, "Lax", None),
        *("__Host-csrftoken", True, True, "Lax", None),
        *("/", "/", 31536000, True),
    ]


def test_pictures_in_a_bucket_may_be_shown_in_the_back_office():
    code = "from config.settings import PICTURE_ORIGINS; print(PICTURE_ORIGINS)"
    given = {**os.environ, **production(), "WAYBILL_FILES": "s3://shop-files/x"}
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=given, capture_output=True, text=True, check=True)
    assert told.stdout == "['https://shop-files.s3.amazonaws.com']\n"


def browse(page: Page, address: str, number: str, email: str) -> None:
    """The ways through the back office that need scripts of every kind."""
    page.goto(f"{address}/admin/")
    page.fill("input[name=username]", email)
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.locator(".wb-stagebar").get_by_text("To pay").click()
    page.get_by_role("link", name=number).click()
    page.locator(".wb-head-verbs .wb-primary").click()
    expect(page.locator("#wb-window .wb-rehearsal")).to_be_visible()
    for path in ("catalog/product/add/", "orders/discountcampaign/add/", "catalog/discountrule/add/"):
        page.goto(f"{address}/admin/{path}")
        page.wait_for_load_state("networkidle")
    page.goto(f"{address}/admin/catalog/product/add/")
    page.locator(".select2-selection").first.click()
    expect(page.locator(".select2-results__option").first).to_be_visible()
    page.goto(f"{address}/api/v1/docs/")
    expect(page.locator(".opblock").first).to_be_visible()


@pytest.mark.django_db(transaction=True)
def test_the_back_office_and_swagger_work_without_a_violation(live_server_process: Any, monkeypatch) -> None:
    # Playwright's loop runs in this thread, and Django would take the test for asynchronous code.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    buyable("MUG", quantity=10, price="10.00")
    number, email = place(("MUG", 3)).number, UserFactory(role="admin").email
    told: list[str] = []
    with sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.on("console", lambda message: told.append(message.text))
        page.on("pageerror", lambda error: told.append(f"violation: {error}"))
        page.add_init_script(TELL_VIOLATIONS)
        browse(page, live_server_process.url, number, email)
        broken = [text for text in told if "violat" in text.lower()]
        # That a violation would have been told.
        page.evaluate("() => { const own = document.createElement('script'); own.text = '1'; document.head.append(own); }")  # fmt: skip
        page.wait_for_timeout(200)
        browser.close()
    assert broken == []
    assert [text for text in told if text.startswith("violation: script-src-elem")] != []
