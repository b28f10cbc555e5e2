"""A Redis and a relay of the test's own, to be killed."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import redis
from django.conf import settings
from django.db import connection

from bin.local.redis import find_executable

PATIENCE_SECONDS = 30
ROOT = Path(__file__).resolve().parents[2]


def wait_for(what: Callable[[], object]) -> None:
    """Until it is true. Raises `AssertionError` when it stays false."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not what():
        assert time.monotonic() < deadline, "It did not happen."
        time.sleep(0.05)


@dataclass
class OwnRedis:
    """One that this test alone speaks to, in memory only: stopping it forgets everything."""

    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url)

    def start(self) -> None:
        command = [str(find_executable()), "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_for(self.answers)

    def answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except redis.RedisError:
            return False

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()


def environment(redis_url: str) -> dict[str, str]:
    """For a process on the database of this test."""
    live = connection.settings_dict
    user, host = f"{live['USER']}:{live['PASSWORD']}", f"{live['HOST']}:{live['PORT']}"
    # Workers of pytest-xdist each have a database of Redis by their number; this one has all of it.
    inherited = {name: value for name, value in os.environ.items() if name != "PYTEST_XDIST_WORKER"}
    return inherited | {
        "DATABASE_URL": f"postgres://{user}@{host}/{live['NAME']}",
        "REDIS_URL": redis_url,
        "DJANGO_SETTINGS_MODULE": "audit.tests.process_settings",
    }


def start_relay(redis_url: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "manage.py", "relay"], cwd=ROOT, env=environment(redis_url))


def run_python(code: str) -> int:
    """Run a few lines in a process of their own and return how it ended."""
    set_up = "import django, os, signal; django.setup(); from audit.relay import *; "
    ran = subprocess.run(
        [sys.executable, "-c", set_up + code], cwd=ROOT, env=environment(settings.REDIS_URL), timeout=60, check=False
    )
    return ran.returncode
