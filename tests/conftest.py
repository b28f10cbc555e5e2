"""Real processes against the test's own database: what they answer came through the front door."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 60
QUEUES = "money,fulfilment,mail,reports"


@dataclass(slots=True)
class Processes:
    """Processes of Waybill by name; `kill` ends one as a crash would, `start` brings it (back) up."""

    port: int
    environment: dict[str, str]
    log: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def api(self) -> str:
        return f"{self.url}/api/v1"

    @property
    def sockets(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"

    def start(self, name: str) -> None:
        python = [sys.executable, "-m"]
        commands = {
            "web": [*python, "uvicorn", "config.asgi:application", "--host", "127.0.0.1", "--port", str(self.port)],
            "worker": [*python, "celery", "-A", "config", "worker", "-Q", QUEUES, "-c", "2", "-l", "warning"],
            "relay": [sys.executable, "manage.py", "relay"],
        }
        with self.log.open("ab") as log:
            self.running[name] = subprocess.Popen(
                commands[name], cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        if name == "web":
            self._wait_until_it_answers()

    def kill(self, name: str) -> None:
        """As a crash: no signal handler, children too."""
        process = self.running.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 9)
        process.wait()

    def stop(self) -> None:
        for name in list(self.running):
            self.kill(name)

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if self.running["web"].poll() is not None:
                break
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/healthz").status_code == 200:
                    return
            time.sleep(0.05)
        raise RuntimeError(f"The web process does not answer:\n{self.log.read_text()[-4000:]}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def processes_in(folder: Path) -> Iterator[Processes]:
    """Processes on the test database that keep their files and their log here. All are ended at the end."""
    database = connection.settings_dict
    user, host = f"{database['USER']}:{database['PASSWORD']}", f"{database['HOST']}:{database['PORT']}"
    environment = os.environ | {
        "DATABASE_URL": f"postgres://{user}@{host}/{database['NAME']}",
        "WAYBILL_FILES": f"file://{folder / 'files'}",
    }
    made = Processes(free_port(), environment, folder / "processes.log")
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture
def processes(transactional_db: None, tmp_path: Path) -> Iterator[Processes]:
    """None running yet: the test starts those it needs. All are ended with the test."""
    with processes_in(tmp_path) as made:
        yield made


@pytest.fixture
def live_server_process(processes: Processes) -> Processes:
    """The web process alone: HTTP and sockets on one port."""
    processes.start("web")
    return processes


@pytest.fixture
def live_stack(processes: Processes) -> Processes:
    """Web, worker and relay, as in production."""
    for name in ("worker", "relay", "web"):
        processes.start(name)
    return processes
