"""The session of the README, typed as it is printed."""

import os
import re
import subprocess

import pytest

from config.demo import shop
from tests.conftest import ROOT, Processes

SESSION = re.compile(r"<!-- session: begin -->(.*)<!-- session: end -->", re.DOTALL)
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)


def session() -> str:
    """All commands between the two marks, in their order."""
    (marked,) = SESSION.findall((ROOT / "README.md").read_text())
    return "".join(BLOCK.findall(marked))


@pytest.fixture
def demo_goods(transactional_db: None) -> None:
    shop.accounts()
    shop.warehouses()
    shop.categories()
    assert len(list(shop.products(5, seed=1))) == 5


def test_ends_with_a_returned_order(demo_goods: None, live_server_process: Processes) -> None:
    environment = os.environ | {"PORT": str(live_server_process.port)}
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", session()],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    said = ran.stdout.splitlines()
    assert [line for line in said if re.fullmatch(r"[a-z_]+", line)] == [
        "captured",
        "shipped",
        "delivered",
        "approved",
        "received",
        "returned",
    ]
    assert any(re.fullmatch(r"W\d+ is pending, \d+\.\d\d EUR", line) for line in said)
    assert '"action": "receive_return"' in ran.stdout
    steps = [line.split()[1] for line in said if re.match(r" *-?\d+\.\d\d [a-z_]+ ", line)]
    assert steps == ["item", "code", "code", "shipping", "tax", "item", "code", "shipping", "tax"]
    assert "There is no code OLD." in ran.stdout
