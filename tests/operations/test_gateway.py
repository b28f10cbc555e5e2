"""The partners' gateway: its own configuration in a real nginx, before a server that repeats what it heard."""

import contextlib
import http.client
import json
import re
import ssl
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from audit.tests.processes import wait_for as wait_until
from bin.local import ports
from bin.local.home import ROOT
from tests.operations.gateway import (
    LARGEST_BODY,
    NGINX,
    PATIENCE_SECONDS,
    TOKEN,
    Echo,
    Gateway,
    answer_of,
    certificate,
    client,
    started,
)


@pytest.fixture(scope="module", autouse=True)
def nginx() -> None:
    if NGINX is None:
        pytest.skip("nginx is not installed: apt-get install nginx-light")


@pytest.fixture(scope="module")
def upstream() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture(scope="module")
def gateway(upstream: int) -> Iterator[Gateway]:
    """With rates that no test of anything else reaches."""
    with started(upstream, GATEWAY_RATE="1000", GATEWAY_ADDRESS_RATE="1000") as running:
        yield running


OPEN = [
    *("/api/v1/orders", "/api/v1/orders/", "/api/v1/orders?status=paid&q=a%2Fb%2e..//c&cursor=%3D%25"),
    *("/api/v1/orders/W000123/timeline", "/api/v1/orders/W000123/cancel?dry_run=true", "/api/v1/shipments/S1/ship"),
    *("/api/v1/products/MUG%20BLUE.1", "/api/v1/products/bulk", "/api/v1/categories/mugs", "/api/v1/stock?sku=MUG"),
    *("/api/v1/stock/MUG/explain", "/api/v1/events?after=abc", "/api/v1/webhook-endpoints/7"),
    *("/api/v1/webhook-deliveries/7/redeliver", "/api/v1/schema/?format=yaml"),
]
CLOSED = [
    *("/", "/admin/", "/admin/login/", "/healthz", "/readyz", "/metrics", "/static/x.js", "/media/products/x.jpg"),
    *("/api/v1/auth/token", "/api/v1/me", "/api/v1/partners", "/api/v1/reports/sales", "/api/v1/audit"),
    *("/api/v1/payments/1/capture", "/api/v1/webhooks/stripe", "/api/v1/gift-cards/balance", "/api/v1/docs/"),
    *("/api/v1/stock/adjustments", "/api/v1/stock/movements"),
    *("/api/v1/orders/W1/holds", "/api/v1/orders/W1/shipments", "/ws/orders/W1/"),
    *("//api/v1/me", "/api/v1//me", "//api/v1/orders", "/api/v1//orders", "/api/v1/orders//me"),
    *("/api/v1/orders/../me", "/api/v1/orders/%2e%2e/me", "/api/v1/orders/%2E./me", "/api/v1/orders/..%2fme"),
    *("/api/v1/orders/..%2Fme", "/api/v1/orders/..%5cme", "/api/v1/orders/..\\me", "/api/v1/orders/%252e%252e/me"),
    *("/admin/../api/v1/orders", "/admin/..%2fapi/v1/orders", "/admin/%2e%2e/api/v1/orders", "/api/v1/orders/."),
    *("/api/v1/orders/..", "/api/v1/orders/..;/me", "/api/v1/orders;/../me", "/api/v1/orders/x%0d%0ay"),
    *("/api/v1/orders%2f..%2fme", "/API/v1/orders", "/api/V1/orders", "/api/v1/Orders", "/api/v1/ORDERS/1"),
    *("/api/v1/ordersx", "/api/v1/orders/1/2/3/4", "/x/api/v1/orders", "/admin/?/api/v1/orders", "/api/v2/orders"),
]


@pytest.mark.parametrize("path", OPEN)
def test_a_partners_call_arrives_as_it_was_sent(gateway, path):
    assert gateway.ask(path).body["path"] == path


@pytest.mark.parametrize("path", CLOSED)
def test_everything_else_is_not_there(gateway, path):
    assert gateway.ask(path).refusal == (404, "not_found")


def test_another_name_of_the_same_place_is_not_there_either(gateway):
    assert gateway.ask(f"https://127.0.0.1:{gateway.port}/admin/").refusal == (404, "not_found")


def test_a_body_arrives_whole(gateway):
    answer = gateway.ask("/api/v1/orders", "POST", {**TOKEN, "Idempotency-Key": "k1"}, b"x" * 200_000)
    assert (answer.body["length"], answer.heard("Idempotency-Key")) == (200_000, ["k1"])
    assert answer.heard("Authorization") == [TOKEN["Authorization"]]


@pytest.mark.parametrize("given", [{}, {"Authorization": "Bearer abcdefgh"}, {"Authorization": "Token"}, {"Authorization": "Token a b cdefghi"}])  # fmt: skip
def test_without_a_token_nobody_comes_in(gateway, given):
    answer = gateway.ask("/api/v1/orders", headers=given)
    assert answer.refusal == (401, "not_authenticated")
    assert answer.headers["WWW-Authenticate"] == "Token"


FORGED = {
    "X-Forwarded-For": "203.0.113.9, 203.0.113.10",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Host": "evil.example.com",
    "X-Forwarded-Port": "1",
    "X-Forwarded-Server": "evil",
    "Forwarded": "for=203.0.113.9",
    "X-Real-IP": "203.0.113.9",
    "X-Client-Certificate-Subject": "CN=admin",
    "X_Forwarded_For": "203.0.113.9",
    "X_Client_Certificate_Subject": "CN=admin",
    "Cookie": "sessionid=stolen",
}


def test_what_a_client_says_about_itself_is_replaced_by_what_is_known(gateway):
    answer = gateway.ask("/api/v1/orders", headers={**TOKEN, **FORGED, "Host": "partners.example.com"})
    heard = {name: answer.heard(name) for name in FORGED}
    assert heard == {name: [] for name in FORGED} | {
        "X-Forwarded-For": ["127.0.0.1"],
        "X-Forwarded-Proto": ["https"],
        "X-Forwarded-Host": ["partners.example.com"],
        "X-Real-IP": ["127.0.0.1"],
    }
    assert answer.heard("Host") == ["partners.example.com"]


def test_the_answer_says_nothing_of_the_program_and_sets_no_cookie(gateway):
    for answer in (gateway.ask("/api/v1/orders"), gateway.ask("/admin/")):
        assert answer.headers["Server"] == "nginx"
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_an_address_is_repeated_for_every_hop_that_is_counted(upstream):
    with started(upstream, GATEWAY_HOPS="2") as running:
        answer = running.ask("/api/v1/orders", headers={**TOKEN, **FORGED})
    assert answer.heard("X-Forwarded-For") == ["127.0.0.1, 127.0.0.1"]


def test_a_body_that_is_too_large_is_refused(gateway):
    fits = gateway.ask("/api/v1/orders", "POST", body=b"x" * LARGEST_BODY)
    answer = gateway.ask("/api/v1/orders", "POST", {**TOKEN, "Content-Length": str(LARGEST_BODY + 1)})
    assert (fits.status, answer.refusal) == (200, (413, "too_large"))


def test_headers_that_are_too_long_are_refused(gateway):
    assert gateway.ask("/api/v1/orders", headers={**TOKEN, "X-Long": "x" * 9000}).refusal == (400, "invalid")


def test_a_token_used_too_often_is_told_when_to_come_back_and_others_are_not(upstream):
    with started(upstream, GATEWAY_RATE="1", GATEWAY_BURST="4", GATEWAY_ADDRESS_RATE="1000") as running:
        answers = [running.ask("/api/v1/orders") for _ in range(12)]
        other = running.ask("/api/v1/orders", headers={"Authorization": "Token wbp_another_one"})
    counts = Counter(answer.status for answer in answers)
    assert (counts.keys(), counts[200] in {5, 6}) == ({200, 429}, True)
    refused = next(answer for answer in answers if answer.status == 429)
    assert (refused.refusal, refused.headers["Retry-After"]) == ((429, "rate_limited"), "1")
    assert other.status == 200


def test_an_address_that_tries_many_tokens_is_held_back(upstream):
    with started(upstream, GATEWAY_ADDRESS_RATE="1", GATEWAY_ADDRESS_BURST="4") as running:
        tries = [running.ask("/api/v1/orders", headers={"Authorization": f"Token guess_{n:08}"}) for n in range(12)]
    assert {answer.status for answer in tries} == {200, 429}


def test_an_application_that_is_away_is_told_as_such():
    with started(ports.draw()) as running:
        answer = running.ask("/api/v1/orders")
    assert (answer.refusal, answer.headers["Retry-After"]) == ((503, "unavailable"), "5")


@contextlib.contextmanager
def mutual(upstream: int, mode: str) -> Iterator[Gateway]:
    """A gateway that knows a CA, a partner whom it has signed, and a stranger."""
    with started(upstream, GATEWAY_CLIENT_CERTIFICATES=mode) as running:
        certificate(running.folder, "partner", signer="ca")
        certificate(running.folder, "stranger")
        yield running


def test_a_required_certificate_opens_and_its_subject_is_handed_on(upstream):
    with mutual(upstream, "required") as running:
        without = running.ask("/api/v1/orders")
        stranger = running.ask("/api/v1/orders", context=client(running.folder, "stranger"))
        partner = running.ask("/api/v1/orders", headers={**TOKEN, **FORGED}, context=client(running.folder, "partner"))
    assert (without.refusal, stranger.refusal) == ((403, "certificate_required"), (403, "certificate_required"))
    assert (partner.status, partner.heard("X-Client-Certificate-Subject")) == (200, ["CN=partner"])


def test_an_optional_certificate_may_be_missing_but_not_false(upstream):
    with mutual(upstream, "optional") as running:
        without = running.ask("/api/v1/orders", headers={**TOKEN, **FORGED})
        stranger = running.ask("/api/v1/orders", context=client(running.folder, "stranger"))
        partner = running.ask("/api/v1/orders", context=client(running.folder, "partner"))
    assert (without.status, without.heard("X-Client-Certificate-Subject")) == (200, [])
    assert stranger.refusal == (403, "certificate_required")
    assert partner.heard("X-Client-Certificate-Subject") == ["CN=partner"]


def test_an_unknown_mode_does_not_start(upstream):
    with pytest.raises(RuntimeError, match=r"client-certificates/yes\.conf"), started(upstream, GATEWAY_CLIENT_CERTIFICATES="yes"):  # fmt: skip
        pass


@pytest.mark.parametrize(
    ("version", "accepted"), [(ssl.TLSVersion.TLSv1_1, False), (ssl.TLSVersion.TLSv1_2, True), (ssl.TLSVersion.TLSv1_3, True)]
)  # fmt: skip
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_old_tls_is_refused(gateway, version, accepted):
    context = client()
    context.set_ciphers("ALL:@SECLEVEL=0")  # this side would do it
    context.minimum_version = context.maximum_version = version
    refused = pytest.raises(ssl.SSLError, match=r"(?i)alert.protocol.version")
    with contextlib.nullcontext() if accepted else refused:
        assert gateway.ask("/api/v1/orders", context=context).status == 200


def test_plain_http_is_refused_before_anything_else(gateway):
    plain = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=PATIENCE_SECONDS)
    assert answer_of(plain, "GET", "/api/v1/orders", TOKEN).refusal == (400, "https_required")


def logged(log: Path) -> list[dict[str, Any]]:
    """The lines about calls, but the one that is being written."""
    return [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{") and line[-1] == "}"]


def test_the_log_has_a_line_a_call_without_tokens_and_queries(gateway):
    gateway.ask("/api/v1/orders?q=somebody@example.com")
    gateway.ask("/api/v1/orders/logged")
    # A line is written after its answer.
    wait_until(lambda: any(line["path"] == "/api/v1/orders/logged" for line in logged(gateway.log)))
    last = next(line for line in logged(gateway.log) if line["path"] == "/api/v1/orders/logged")
    assert (last["status"], last["address"], last["method"]) == (200, "127.0.0.1", "GET")
    assert "somebody" not in gateway.log.read_text()
    assert "wbp_" not in gateway.log.read_text()


def test_the_container_may_do_as_little_as_the_others():
    service = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["gateway"]
    assert re.fullmatch(r"nginx:\d+\.\d+(\.\d+)?-bookworm", service["image"])
    assert (service["read_only"], service["cap_drop"], service["user"]) == (True, ["ALL"], "101:101")
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["networks"] == ["outside"]
    assert all(volume.endswith(":ro") for volume in service["volumes"])
