"""The sandbox as a process of its own, for tests: real HTTP on a free port of the loopback.

with start_sandbox(home=tmp_path, shop_url=live_server.url) as sandbox:
    sandbox.knob(effect="drop_answer", provider="stripe", method="POST", path="/capture$", times=1)
    sandbox.settings   # Django settings (and environment variables) that point the gateways at it
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

PATIENCE_SECONDS = 30.0
KEYS = {
    "SANDBOX_STRIPE_SECRET_KEY": "sk_test_sandbox",
    "SANDBOX_STRIPE_PUBLISHABLE_KEY": "pk_test_sandbox",
    "SANDBOX_STRIPE_ACCOUNT": "acct_sandbox",
    "SANDBOX_STRIPE_WEBHOOK_SECRET": "whsec_sandbox",
    "SANDBOX_PAYPAL_CLIENT_ID": "sandbox-client",
    "SANDBOX_PAYPAL_CLIENT_SECRET": "sandbox-client-secret",
    "SANDBOX_PAYPAL_MERCHANT_ID": "SANDBOXMERCHA",
    "SANDBOX_PAYPAL_WEBHOOK_ID": "WH-SANDBOX",
    "SANDBOX_EASYPOST_API_KEY": "EZTKsandbox",
    "SANDBOX_WMS_KEY_ID": "sandbox-wms",
    "SANDBOX_WMS_SECRET": "wms-secret-of-the-sandbox-0123456789",
}


@dataclass(slots=True)
class RunningSandbox:
    """`kill` ends it as a crash would, `start` brings it back on the same port with the same books."""

    home: Path
    shop_url: str
    port: int
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def stripe_url(self) -> str:
        return f"{self.url}/stripe"

    @property
    def paypal_url(self) -> str:
        return f"{self.url}/paypal"

    @property
    def easypost_url(self) -> str:
        return f"{self.url}/easypost"

    @property
    def wms_url(self) -> str:
        return f"{self.url}/wms"

    def wms_link(self, **more: Any) -> dict[str, Any]:
        """A link of `WMS_LINKS` that points here, MAIN being its warehouse unless `more` says otherwise."""
        return {
            "adapter": "inventory.wms.rest.RestAdapter",
            "url": self.wms_url,
            "key_id": KEYS["SANDBOX_WMS_KEY_ID"],
            "secrets": [KEYS["SANDBOX_WMS_SECRET"]],
            "warehouses": {"MAIN": "MAIN"},
            "fulfils": True,
            "tolerance_units": 10,
            "tolerance_percent": 20,
            "rise_units": 10_000,
            "seconds": 60,
            "snapshot_seconds": 86_400,
            **more,
        }

    @property
    def settings(self) -> dict[str, Any]:
        """Django settings that point the gateways here; `environment` is the same as variables."""
        return {
            "STRIPE_API_URL": self.stripe_url,
            "STRIPE_SECRET_KEY": KEYS["SANDBOX_STRIPE_SECRET_KEY"],
            "STRIPE_PUBLISHABLE_KEY": KEYS["SANDBOX_STRIPE_PUBLISHABLE_KEY"],
            "STRIPE_ACCOUNT": KEYS["SANDBOX_STRIPE_ACCOUNT"],
            "STRIPE_WEBHOOK_SECRETS": [KEYS["SANDBOX_STRIPE_WEBHOOK_SECRET"]],
            "PAYPAL_API_URL": self.paypal_url,
            "PAYPAL_CLIENT_ID": KEYS["SANDBOX_PAYPAL_CLIENT_ID"],
            "PAYPAL_CLIENT_SECRET": KEYS["SANDBOX_PAYPAL_CLIENT_SECRET"],
            "PAYPAL_MERCHANT_ID": KEYS["SANDBOX_PAYPAL_MERCHANT_ID"],
            "PAYPAL_WEBHOOK_ID": KEYS["SANDBOX_PAYPAL_WEBHOOK_ID"],
            "PAYPAL_CERTIFICATE_HOSTS": [f"127.0.0.1:{self.port}"],
            "PAYPAL_CERTIFICATE_ROOTS": str(self.home / "ca.pem"),
            "CARRIER_RATES": "easypost",
            "EASYPOST_API_URL": self.easypost_url,
            "EASYPOST_API_KEY": KEYS["SANDBOX_EASYPOST_API_KEY"],
        }

    @property
    def environment(self) -> dict[str, str]:
        settings: Mapping[str, Any] = self.settings
        return {name: ",".join(value) if isinstance(value, list) else value for name, value in settings.items()}

    def client(self) -> httpx.Client:
        """For the knobs and pages, with paths relative to the sandbox's root."""
        return httpx.Client(base_url=self.url, timeout=PATIENCE_SECONDS, trust_env=False)

    def knob(self, *, effect: str, provider: str = "", method: str = "", path: str = "", **more: Any) -> str:
        """Set a knob; `more` is `seconds`, `times`, `probability`, `seed`. Returns its id."""
        match = {"provider": provider, "method": method, "path": path}
        return str(self.ask("POST", "/knobs", {"match": match, "effect": effect, **more})["id"])

    def webhooks(self, **habits: Any) -> None:
        """How events are sent from now on: `copies`, `shuffle`, `delay`, `never`, `twice`, `hold`, `concurrency`."""
        self.ask("POST", "/knobs/webhooks", habits)

    def flush_webhooks(self, **how: Any) -> int:
        """Send what is held: `shuffle`, `copies` (least, most), `seed`, `concurrency`. How many will be sent."""
        return int(self.ask("POST", "/knobs/webhooks/flush", how)["queued"])

    def webhook_counts(self) -> dict[str, int]:
        """How many are `queued` (of them `failing`), `held`, `never` sent, `delivered`."""
        return dict(self.ask("GET", "/knobs/webhooks")["counts"])

    def wait_until_webhooks_are_delivered(self, *, seconds: float = PATIENCE_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while (counts := self.webhook_counts())["queued"]:
            if time.monotonic() > deadline:
                raise TimeoutError(f"The shop has not taken all webhooks: {counts}")
            time.sleep(0.02)

    def ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        with self.client() as client:
            answer = client.request(method, path, json=body).raise_for_status()
            return answer.json() if answer.content else {}

    def start(self) -> None:
        environment = {
            **os.environ,
            **KEYS,
            "SANDBOX_HOME": str(self.home),
            "SANDBOX_PORT": str(self.port),
            "SANDBOX_SHOP_URL": self.shop_url,
        }
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "sandbox.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "sandbox"],
                cwd=Path(__file__).resolve().parent.parent,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._wait_until_it_answers(self.process)

    def stop(self) -> None:
        """In order, as a supervisor would."""
        self._end(terminate=True)

    def kill(self) -> None:
        """As a crash: nothing is finished or flushed."""
        self._end(terminate=False)

    def __enter__(self) -> "RunningSandbox":
        return self

    def __exit__(self, *what: object) -> None:
        self.kill()

    def _end(self, *, terminate: bool) -> None:
        process, self.process = self.process, None
        if process is None:
            return
        if terminate:
            process.terminate()
        else:
            process.kill()
        process.wait(PATIENCE_SECONDS)

    def _wait_until_it_answers(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    return
            except OSError:
                time.sleep(0.02)
        raise RuntimeError(f"The sandbox does not answer:\n{(self.home / 'sandbox.log').read_text()[-4000:]}")


def start_sandbox(*, home: Path, shop_url: str) -> RunningSandbox:
    """Start a sandbox whose books are in `home` and whose webhooks go to `shop_url` ("": they are held)."""
    sandbox = RunningSandbox(home=home, shop_url=shop_url, port=free_port())
    sandbox.start()
    return sandbox


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
