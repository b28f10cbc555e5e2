"""bin/dev as a person runs it, killed in every way. Its parts are tested in the default selection."""

import http.client
import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

from bin.local import orphans, ports
from bin.local.home import ROOT

pytestmark = pytest.mark.long
PATIENCE_SECONDS = 600
NAMES = {"postgres", "redis", "web", "web-2", "worker", "relay", "beat", "sandbox"}


class Dev:
    """One home and port; started, killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = ports.draw()

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[str]]:
        with self.start() as process:
            try:
                self.wait_for_ready(process)
                yield process
            finally:
                process.terminate()

    def start(self) -> subprocess.Popen[str]:
        env = {**os.environ, "PORT": str(self.port), "WAYBILL_HOME": str(self.folder)}
        return subprocess.Popen(
            [ROOT / "bin" / "dev"], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def wait_for_ready(self, process: subprocess.Popen[str]) -> list[str]:
        """The lines up to the one that says so."""
        lines = []
        for line in process.stdout:
            lines.append(line.rstrip())
            if line.startswith("ready"):
                return lines
        raise AssertionError("\n".join(lines))

    def processes(self) -> dict[str, int]:
        return json.loads((self.folder / "processes.json").read_text())

    def is_ready(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False

    def settings(self) -> dict[str, str]:
        script = f"set -a; . {self.folder}/env; exec env"
        lines = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout.splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)

    def orders(self) -> int:
        with psycopg.connect(self.settings()["DATABASE_URL"]) as connection:
            return connection.execute("SELECT count(*) FROM orders_order").fetchone()[0]


def until(condition) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def supervisor_of(process: subprocess.Popen[str]) -> psutil.Process:
    [supervisor] = [
        child for child in psutil.Process(process.pid).children() if "bin.local.supervise" in child.cmdline()
    ]
    return supervisor


@pytest.fixture
def dev(folder: Path) -> Iterator[Dev]:
    yield Dev(folder)
    orphans.stop(folder)


def test_a_first_start_loads_the_shop_and_a_second_keeps_it(dev):
    with dev.start() as first:
        lines = dev.wait_for_ready(first)
        assert lines[-1] == f"ready http://127.0.0.1:{dev.port}"
        following = [first.stdout.readline().strip() for _ in range(3)]
        assert following[:2] == [
            "admin@example.com, service@example.com, warehouse@example.com, customer@example.com",
            "password waybill-demo",
        ]
        assert re.fullmatch(r"partner token \S{20,} \(shown this once\)", following[2])
        assert set(dev.processes()) == NAMES
        assert dev.is_ready()
        kept = dev.orders()
        assert kept > 0

        again = subprocess.run(
            [ROOT / "bin" / "dev"],
            env={**os.environ, "WAYBILL_HOME": str(dev.folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (again.returncode, again.stderr.count("\n")) == (1, 1)
        assert f"already running from {dev.folder} (http://127.0.0.1:{dev.port}" in again.stderr

        first.send_signal(signal.SIGINT)
        assert first.wait(PATIENCE_SECONDS) == 0
    assert list(orphans.of_home(dev.folder)) == []

    with dev.start() as second:
        assert "Loading the demo shop" not in dev.wait_for_ready(second)
        assert dev.orders() == kept
        second.terminate()
        assert second.wait(PATIENCE_SECONDS) == 0
        assert "partner token" not in second.stdout.read()


def test_it_serves_again_after_a_kill_of_anything(dev):
    with dev.running() as process:
        for name in sorted(NAMES):
            killed = dev.processes()[name]
            os.kill(killed, signal.SIGKILL)
            until(lambda name=name, killed=killed: dev.processes()[name] != killed)
            until(dev.is_ready)

        before = dev.processes()
        supervisor_of(process).kill()
        until(lambda: not set(dev.processes().values()) & set(before.values()))
        until(dev.is_ready)

        supervisor = supervisor_of(process)
        supervisor.kill()
        process.kill()
        process.wait()

    with dev.running() as process:
        assert dev.is_ready()
        process.kill()
        process.wait()
    until(lambda: list(orphans.of_home(dev.folder)) == [])


def test_a_taken_port_is_told_in_one_line(dev):
    with ports.listening_socket(dev.port) as taken:
        taken.listen()
        with dev.start() as process:
            output = process.stdout.read()
    assert process.returncode == 1
    assert output == f"waybill: port {dev.port} cannot be used (Address already in use); set PORT to another\n"
