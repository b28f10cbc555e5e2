"""Ten minutes of a sale beside a WMS that is late, repeats itself and mixes things up: stock stays true.

The default is half a minute; `bin/test -m long tests/concurrency/test_rush.py` is the whole. `WAYBILL_SEED` repeats
the dice, though not how processes interleave.
"""

import os
import secrets
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection

from api.actors import Actor
from audit.doctor import examine
from audit.models import Delivery
from inventory.models import Shortfall, StockLevel
from inventory.tasks import process_wms_events, push_to_wms
from inventory.wms import runs
from inventory.wms.models import WmsDifference, WmsEvent, WmsRequest, WmsRun
from inventory.wms.states import UNSENT, RunKind
from orders.models import Order
from sandbox.testing import RunningSandbox, start_sandbox
from tests.concurrency.rush import EXPECTED, LINKED, SKUS, Crowd, fill, open_shop, recount, shelves
from tests.conftest import Processes

pytestmark = pytest.mark.django_db(transaction=True)
CLIENTS = 200
SYNC_SECONDS = 2.0
WEBHOOKS_SECONDS = 600
# Without anything getting less: longer than the worker, which also sends the mail, may be at one task.
PATIENCE_SECONDS = 300
BY = Actor.system("tests")
MISCHIEF = {"late": 0.5, "shuffle": True, "duplicate": True, "ship_seconds": 1.0}
ORDERLY = {"late": 0.0, "shuffle": False, "duplicate": False, "ship_seconds": 0.5}


@pytest.fixture
def seed() -> int:
    chosen = int(os.environ.get("WAYBILL_SEED") or secrets.randbelow(2**32))
    print(f"WAYBILL_SEED={chosen}")  # noqa: T201  pytest shows it when the test fails
    return chosen


@pytest.fixture
def wms(processes: Processes, tmp_path: Path, settings: Any) -> Iterator[RunningSandbox]:
    """Web, worker and relay beside a WMS, which keeps one of two warehouses; a recount of any size is believed."""
    with start_sandbox(home=tmp_path / "sandbox", shop_url=processes.url) as sandbox:
        link = sandbox.wms_link(tolerance_units=100_000, seconds=1)
        settings.WMS_LINKS = {"main": link}
        processes.environment |= {
            "WMS_LINKS": "main",
            "WMS_MAIN_URL": link["url"],
            "WMS_MAIN_KEY_ID": link["key_id"],
            "WMS_MAIN_SECRETS": link["secrets"][0],
            "WMS_MAIN_WAREHOUSES": LINKED,
            "WMS_MAIN_TOLERANCE_UNITS": "100000",
        }
        for name in ("worker", "relay", "web"):
            processes.start(name)
        yield sandbox


class Watch:
    """Asks the WMS every two seconds, and looks each time whether what must always hold does."""

    def __init__(self) -> None:
        self.stop = Event()
        self.broken: set[str] = set()
        self.looks = 0
        self.thread = Thread(target=self.run)

    def run(self) -> None:
        try:
            while not self.stop.is_set():
                began = time.monotonic()
                self.sync(RunKind.SNAPSHOT if self.looks % 10 == 9 else RunKind.CHANGES)
                self.broken |= {found.invariant.name for found in examine(calm=False)}
                self.looks += 1
                self.stop.wait(max(0.0, SYNC_SECONDS - (time.monotonic() - began)))
        except BaseException as error:
            self.broken.add(f"the watch ended: {error!r}")
            raise
        finally:
            connection.close()

    def sync(self, kind: RunKind) -> None:
        runs.open_run(link="main", kind=kind, by=BY)
        runs.perform_runs()
        process_wms_events()
        push_to_wms()


def wait_until_calm(sandbox: RunningSandbox) -> None:
    """Everything sent, told and taken up: however much it is, as long as it gets less."""
    sandbox.wait_until_webhooks_are_delivered(seconds=WEBHOOKS_SECONDS)
    quiet, least, deadline = 0, sys.maxsize, 0.0
    while quiet < 3:
        push_to_wms()
        process_wms_events()
        what = waiting()
        left = sum(what.values()) + sandbox.webhook_counts()["queued"]
        if left < least:
            least, deadline = left, time.monotonic() + PATIENCE_SECONDS
        assert time.monotonic() < deadline, what
        quiet = 0 if left else quiet + 1
        time.sleep(1)


def waiting() -> Counter[str]:
    """How much is on its way, and why the events are that were put off."""
    events = WmsEvent.objects.filter(state__in=("received", "handed"))
    return Counter(
        f"{kind} {state} {error}" for kind, state, error in events.values_list("type", "state", "last_error")
    ) + Counter(
        requests=WmsRequest.objects.filter(state__in=UNSENT).count(),
        deliveries=Delivery.objects.filter(state=Delivery.State.PENDING).count(),
    )


def rush(crowd: Crowd, sandbox: RunningSandbox, *, seconds: float) -> Watch:
    watch, stop = Watch(), Event()
    clerk = Thread(target=recount, args=(sandbox, crowd.seed, stop))
    sandbox.ask("POST", "/wms/habits", MISCHIEF)
    watch.thread.start()
    clerk.start()
    try:
        crowd.rush(clients=CLIENTS, seconds=seconds)
    finally:
        stop.set()
        watch.stop.set()
        clerk.join()
        watch.thread.join()
    return watch


@pytest.mark.parametrize("seconds", [30, pytest.param(600, marks=pytest.mark.long)])
def test_stock_stays_true(wms: RunningSandbox, processes: Processes, seed: int, seconds: float) -> None:
    token, staff = open_shop()
    fill(wms)
    crowd = Crowd(processes.api, token, staff, seed)
    watch = rush(crowd, wms, seconds=seconds)
    wms.ask("POST", "/wms/habits", ORDERLY)
    wait_until_calm(wms)
    watch.sync(RunKind.SNAPSHOT)
    wait_until_calm(wms)

    report = {"answers": dict(crowd.answers), "looks": watch.looks, "orders": Order.objects.count()} | {
        "shipped": Order.objects.filter(status="shipped").count(),
        "runs": WmsRun.objects.count(),
        "stale": WmsDifference.objects.filter(why="stale").count(),
        "parked": list(WmsEvent.objects.filter(state="parked").values_list("last_error", flat=True)[:5]),
        "shortfalls": Shortfall.objects.count(),
    }
    print(report)  # noqa: T201  pytest shows it when the test fails, or with -s
    assert {status for _, status in crowd.answers} <= EXPECTED, report
    assert {what for what, _ in crowd.answers} == {"place", "cancel", "pay", "cancel paid", "pack", "ship"}
    assert watch.looks > seconds / 20
    assert watch.broken == set()
    assert [(found.invariant.name, found.rows[:3]) for found in examine()] == []
    ours = dict(StockLevel.objects.filter(warehouse__code=LINKED).values_list("item__sku", "on_hand"))
    theirs = shelves(wms)
    assert {sku: ours[sku] for sku in SKUS} == {sku: theirs[sku] for sku in SKUS}, report
    assert report["shipped"] > 0
