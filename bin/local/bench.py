"""`bin/bench`: what a running `bin/dev` does in a second, through its front door.

The client runs on the same machine and takes its share of the processors: compare runs of one machine, not figures of
two.
"""

import argparse
import asyncio
import os
import statistics
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import httpx

from bin.local.failure import told_in_one_line

PASSWORD = "waybill-demo"  # noqa: S105  that of the demo shop
ADDRESS = {"last_name": "Bench", "line1": "1 High Street", "city": "Berlin", "country": "DE"}
Ask = Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]


@dataclass(frozen=True)
class Shop:
    """A running Waybill and what the requests need to know of it."""

    api: str
    token: str
    skus: list[str]


def main() -> int:
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    parser.add_argument("--url", default=f"http://127.0.0.1:{os.environ.get('PORT', '8000')}")
    parser.add_argument("--seconds", type=float, default=10, help="how long each request is measured (10)")
    parser.add_argument("--clients", type=int, default=8, help="how many ask at once (8)")
    given = parser.parse_args()
    try:
        shop = open_shop(given.url)
    except httpx.HTTPError as error:
        print(f"waybill: {given.url} does not answer as a demo shop ({error}); start bin/dev first")
        return 1
    print(f"{given.clients} clients, {given.seconds:g} s each\n")
    print(f"{'request':28} {'per second':>10} {'median ms':>10} {'p95 ms':>8}  answers")
    for name, ask in requests(shop).items():
        report(name, *asyncio.run(measure(ask, given.clients, given.seconds)), seconds=given.seconds)
    return 0


def open_shop(url: str) -> Shop:
    """Log in as the demo admin and make a partner whose token the orders use."""
    api = f"{url}/api/v1"
    with httpx.Client(timeout=30) as client:
        pair = post(client, f"{api}/auth/token", {"email": "admin@example.com", "password": PASSWORD})
        client.headers["Authorization"] = f"Bearer {pair['access']}"
        partner = post(client, f"{api}/partners", {"name": f"Bench {uuid.uuid4().hex[:8]}"})
        scopes = {"scopes": ["orders:write", "orders:read"]}
        token = post(client, f"{api}/partners/{partner['id']}/tokens", scopes)["token"]
        page = client.get(f"{api}/products", params={"page_size": 100, "in_stock": "true"}).raise_for_status().json()
    return Shop(api, token, [row["sku"] for row in page["results"]])


def post(client: httpx.Client, url: str, body: dict[str, Any]) -> Any:
    return client.post(url, json=body, headers={"Idempotency-Key": uuid.uuid4().hex}).raise_for_status().json()


def requests(shop: Shop) -> dict[str, Ask]:
    """What is measured, by name. Orders spread over all products, as customers do."""
    partner = {"Authorization": f"Token {shop.token}"}
    skus = cycle(shop.skus)

    async def place(client: httpx.AsyncClient) -> httpx.Response:
        lines = [{"sku": next(skus), "quantity": 1}, {"sku": next(skus), "quantity": 1}]
        body = {"lines": lines, "email": "bench@example.com", "shipping_address": ADDRESS}
        return await client.post(
            f"{shop.api}/orders", json=body, headers=partner | {"Idempotency-Key": uuid.uuid4().hex}
        )

    return {
        "GET products (20)": lambda client: client.get(f"{shop.api}/products"),
        "GET products?q=mug": lambda client: client.get(f"{shop.api}/products", params={"q": "mug"}),
        "GET products/{sku}": lambda client: client.get(f"{shop.api}/products/{next(skus)}"),
        "POST orders (2 lines)": place,
        "GET orders (20)": lambda client: client.get(f"{shop.api}/orders", headers=partner),
    }


async def measure(ask: Ask, clients: int, seconds: float) -> tuple[list[float], Counter[int]]:
    """Seconds of each request, and how often each status came; a first second is not counted."""
    taken: list[float] = []
    answers: Counter[int] = Counter()
    begin = time.perf_counter() + 1

    async def work(client: httpx.AsyncClient) -> None:
        while (start := time.perf_counter()) < begin + seconds:
            answer = await ask(client)
            if start >= begin:
                taken.append(time.perf_counter() - start)
                answers[answer.status_code] += 1

    async with httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_connections=clients)) as client:
        await asyncio.gather(*(work(client) for _ in range(clients)))
    return taken, answers


def report(name: str, taken: list[float], answers: Counter[int], *, seconds: float) -> None:
    p95 = statistics.quantiles(taken, n=20)[-1] if len(taken) > 1 else taken[0]
    said = ", ".join(f"{status}: {count}" for status, count in sorted(answers.items()))
    print(f"{name:28} {len(taken) / seconds:10.0f} {statistics.median(taken) * 1000:10.1f} {p95 * 1000:8.1f}  {said}")


if __name__ == "__main__":
    told_in_one_line(main)
