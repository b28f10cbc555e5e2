"""A real sandbox process, Stripe's own client against it, and a shop that takes webhooks."""

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
import stripe

from sandbox.testing import RunningSandbox, start_sandbox


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with start_sandbox(home=tmp_path_factory.mktemp("sandbox"), shop_url="") as found:
        yield found


@pytest.fixture
def sandbox(running: RunningSandbox) -> Iterator[RunningSandbox]:
    """One for all tests of a file, with no knob set."""
    yield running
    running.ask("DELETE", "/knobs")
    running.webhooks()


@pytest.fixture
def api(sandbox: RunningSandbox) -> stripe.StripeClient:
    return client_of(sandbox)


@pytest.fixture
def http(sandbox: RunningSandbox) -> Iterator[httpx.Client]:
    """Stripe's API without its client: for what that would hide."""
    headers = {"Authorization": f"Bearer {sandbox.settings['STRIPE_SECRET_KEY']}"}
    with httpx.Client(base_url=sandbox.stripe_url, headers=headers, timeout=30, trust_env=False) as client:
        yield client


def client_of(sandbox: RunningSandbox) -> stripe.StripeClient:
    """Stripe's client, told to repeat nothing by itself."""
    return stripe.StripeClient(
        sandbox.settings["STRIPE_SECRET_KEY"],
        base_addresses={"api": sandbox.stripe_url},
        max_network_retries=0,
    )


@dataclass
class Shop:
    """Takes webhooks: what came, in its order; `status` is what it says to them."""

    url: str = ""
    status: int = 204
    came: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)

    @property
    def ids(self) -> list[str]:
        return [json.loads(body)["id"] for _, body in self.came]

    @property
    def types(self) -> list[str]:
        return [json.loads(body)["type"] for _, body in self.came]


class Door(BaseHTTPRequestHandler):
    shop: Shop
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.shop.came.append((self.headers, body))
        self.send_response(self.shop.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *what: object) -> None:
        """It says nothing."""


@pytest.fixture
def shop() -> Iterator[Shop]:
    found = Shop()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("ShopDoor", (Door,), {"shop": found}))
    server.daemon_threads = True
    found.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def selling(tmp_path: Path, shop: Shop) -> Iterator[RunningSandbox]:
    """A sandbox of the test's own that sends its webhooks to the shop."""
    with start_sandbox(home=tmp_path, shop_url=shop.url) as found:
        yield found
