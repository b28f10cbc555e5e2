"""Processes die while a ledger is replayed: no acknowledged order is lost, none is doubled, every mail goes once."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis
from django.conf import settings

from audit.doctor import examine
from audit.relay import is_quiet
from notifications.models import Notification
from orders.models import Order
from tests.conftest import ROOT, Processes

COLUMNS = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
PATIENCE_SECONDS = 120


def write_ledger(path: Path, invoices: int, dice: random.Random) -> None:
    """So many invoices of one to four lines over twenty products."""
    lines = [COLUMNS]
    for number in range(600001, 600001 + invoices):
        for sku in dice.sample(range(20001, 20021), dice.randint(1, 4)):
            lines.append(
                f"{number},{sku},Goods {sku},{dice.randint(1, 9)},2011-01-01 10:00:00,1.25,1{number % 7},France"
            )
    path.write_text("\n".join(lines) + "\n")


def replaying(path: Path, processes: Processes) -> subprocess.Popen[bytes]:
    command = [sys.executable, "manage.py", "replay_sales", str(path), "--no-wait"]
    with processes.log.open("ab") as log:
        return subprocess.Popen(command, cwd=ROOT, env=processes.environment, stdout=log, stderr=log)


def wait_for(what: str, condition, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"{what}\n{log.read_text()[-4000:]}"
        time.sleep(0.1)


@pytest.mark.parametrize("invoices", [25, pytest.param(300, marks=pytest.mark.long)])
def test_nothing_is_lost_or_doubled(live_stack: Processes, tmp_path: Path, invoices: int) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")  # noqa: T201  a random walk says how to repeat it
    dice = random.Random(seed)
    ledger = tmp_path / "ledger.csv"
    write_ledger(ledger, invoices, dice)
    replay = replaying(ledger, live_stack)
    while replay.poll() is None:
        time.sleep(dice.uniform(0.3, 1.5))
        victim = dice.choice(["web", "worker", "relay", "redis", "replay"])
        if victim == "redis":
            redis.Redis.from_url(settings.REDIS_URL).flushdb()
        elif victim == "replay":
            replay.kill()
            replay.wait()
            replay = replaying(ledger, live_stack)
        else:
            live_stack.kill(victim)
            live_stack.start(victim)
    assert replay.returncode == 0, live_stack.log.read_text()[-4000:]
    references = list(Order.objects.values_list("reference", flat=True))
    assert sorted(references) == [str(number) for number in range(600001, 600001 + invoices)]
    assert set(Order.objects.values_list("status", flat=True)) == {"delivered"}
    wait_for("the handlers did not finish", is_quiet, live_stack.log)
    assert examine() == []
    placed = Notification.objects.filter(kind="order_placed")
    assert placed.count() == placed.values("order_id").distinct().count() == invoices
