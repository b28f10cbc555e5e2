"""A rush: customers who buy, change their mind and are served, while a WMS that is late, repeats itself and recounts
its shelves is asked again and again."""

import asyncio
import contextlib
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from threading import Event
from typing import Any

import httpx

from accounts.models import Partner, User
from accounts.tests.factories import PASSWORD, UserFactory, partner_token
from inventory.tests.factories import WarehouseFactory, stock
from orders.tests.factories import ADDRESS, buyable
from sandbox.testing import RunningSandbox

SKUS = tuple(f"SKU-{letter}" for letter in "ABCDEFGH")
LINKED, OWN = "MAIN", "OWN"
# Few enough that both warehouses are sold from within seconds.
UNITS = {LINKED: 40, OWN: 60}
# Before the five minutes of an access token are over.
TOKEN_SECONDS = 200
TRIES = 5
EXPECTED = {200, 201, 202, 204, 409}
# How customers behave: some go away, some cancel before they pay, some after.
LEAVES, CANCELS_UNPAID, CANCELS_PAID = 0.15, 0.15, 0.2


def open_shop() -> tuple[str, User]:
    """Goods in two warehouses, of which a WMS keeps one. Returns a partner's token and somebody of the staff."""
    linked, own = (WarehouseFactory(code=code, priority=place) for place, code in enumerate((LINKED, OWN)))
    for sku in SKUS:
        buyable(sku, quantity=UNITS[LINKED], warehouse=linked)
        stock(sku, UNITS[OWN], warehouse=own)
    partner = Partner.objects.create(name="Shop", requests_per_minute=1_000_000)
    return partner_token(partner), UserFactory(admin=True)


def fill(sandbox: RunningSandbox) -> None:
    """The WMS begins with what we say lies there."""
    items = [{"warehouse": LINKED, "sku": sku, "on_hand": UNITS[LINKED]} for sku in SKUS]
    sandbox.ask("POST", "/wms/books", {"items": items})


def shelves(sandbox: RunningSandbox) -> dict[str, int]:
    """SKU → what the WMS says lies there."""
    return {row["sku"]: row["on_hand"] for row in sandbox.ask("GET", "/wms/books")["stock"]}


@dataclass
class Crowd:
    """Clients of a running web process. What they were answered is in `answers`, (what, status) → how often."""

    api: str
    token: str
    staff: User
    seed: int
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    access: str = ""
    known_since: float = 0.0

    def rush(self, *, clients: int, seconds: float) -> None:
        asyncio.run(self._rush(clients, time.monotonic() + seconds))

    async def _rush(self, clients: int, until: float) -> None:
        limits = httpx.Limits(max_connections=clients, max_keepalive_connections=clients)
        async with httpx.AsyncClient(base_url=self.api, timeout=120, limits=limits, trust_env=False) as http:
            await asyncio.gather(*(self._shop(http, Random(f"{self.seed}/{n}"), until) for n in range(clients)))

    async def _shop(self, http: httpx.AsyncClient, chance: Random, until: float) -> None:
        while time.monotonic() < until:
            await self._visit(http, chance)

    async def _visit(self, http: httpx.AsyncClient, chance: Random) -> None:
        lines = [{"sku": sku, "quantity": chance.randint(1, 3)} for sku in chance.sample(SKUS, chance.randint(1, 2))]
        wanted = {"lines": lines, "email": "rush@example.com", "shipping_address": ADDRESS}
        placed = await self._post(http, "place", "/orders", wanted)
        mood = chance.random()
        if placed.status_code != 201 or mood < LEAVES:
            return
        order = f"/orders/{placed.json()['number']}"
        if mood < LEAVES + CANCELS_UNPAID:
            await self._post(http, "cancel", f"{order}/cancel", {"reason": "changed my mind"})
            return
        await self._post(http, "pay", f"{order}/payments", {"provider": "manual", "note": "cash"}, staff=True)
        if mood > 1 - CANCELS_PAID:
            await self._post(http, "cancel paid", f"{order}/cancel", {"reason": "changed my mind"}, staff=True)
        else:
            await self._serve(http, order)

    async def _serve(self, http: httpx.AsyncClient, order: str) -> None:
        """Pack and ship what lies in our own warehouse; the rest is the matter of the WMS."""
        packed = await self._post(http, "pack", f"{order}/shipments", {"warehouse": OWN}, staff=True)
        if packed.status_code == 201:
            parcel = {"carrier": "DHL", "tracking_number": uuid.uuid4().hex[:12]}
            await self._post(http, "ship", f"/shipments/{packed.json()['number']}/ship", parcel, staff=True)

    async def _post(
        self, http: httpx.AsyncClient, what: str, path: str, body: Any, *, staff: bool = False
    ) -> httpx.Response:
        who = f"Bearer {await self._access(http)}" if staff else f"Token {self.token}"
        headers = {"Authorization": who, "Idempotency-Key": uuid.uuid4().hex}
        answer = await _until_answered(http, path, body, headers)
        self.answers[what, answer.status_code] += 1
        return answer

    async def _access(self, http: httpx.AsyncClient) -> str:
        if time.monotonic() > self.known_since + TOKEN_SECONDS:
            self.known_since = time.monotonic()
            answer = await http.post("/auth/token", json={"email": self.staff.email, "password": PASSWORD})
            self.access = answer.raise_for_status().json()["access"]
        while not self.access:
            await asyncio.sleep(0.05)
        return self.access


async def _until_answered(http: httpx.AsyncClient, path: str, body: Any, headers: dict[str, str]) -> httpx.Response:
    """As every client does whose line broke: a kept connection is closed by the server while it is written to. The same
    key makes it happen once.
    """
    for _ in range(TRIES):
        with contextlib.suppress(httpx.NetworkError, httpx.RemoteProtocolError):
            return await http.post(path, json=body, headers=headers)
    raise RuntimeError(f"No answer to {path}.")


def recount(sandbox: RunningSandbox, seed: int, stop: Event) -> None:
    """At the WMS goods come in, get lost, and are counted: now, or as of a moment ago."""
    chance = Random(f"{seed}/wms")
    while not stop.wait(0.5):
        sku = chance.choice(SKUS)
        there = shelves(sandbox)[sku]
        counted = max(there + chance.choice([-30, -5, 5, 20, 60]), 0)
        sandbox.ask("POST", "/wms/books", {"items": [{"warehouse": LINKED, "sku": sku, "on_hand": counted}]})
