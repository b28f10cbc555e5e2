"""Whether everything answers: web and sandbox on their ports, the worker to a ping, the relay at the database."""

import http.client
import subprocess
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import psycopg
from celery import Celery
from kombu.exceptions import OperationalError
from redis import RedisError

from bin.local.failure import say
from bin.local.home import Home
from bin.local.sandbox import Sandbox

GLANCE_SECONDS = 0.1
PATIENCE_SECONDS = 90


def reached(home: Home, *, url: str, process: subprocess.Popen[bytes]) -> bool:
    """Wait until everything answers; False when the supervisor ended before."""
    patience = time.monotonic() + PATIENCE_SECONDS
    checks: dict[str, Callable[[], bool]] = {
        "sandbox": lambda: web_answers(Sandbox(home).url, "/healthz"),
        "web": lambda: web_answers(url, "/readyz"),
        "worker": lambda: worker_answers(home.redis_url),
        "relay": lambda: relay_is_connected(home.database_url),
    }
    for name, answers in checks.items():
        while not answers():
            if process.poll() is not None:
                return False
            if time.monotonic() > patience:
                patience = float("inf")
                say(f"{name} does not answer yet; its log is {home.logs / name}.log")
            time.sleep(GLANCE_SECONDS)
    return True


def web_answers(url: str, path: str) -> bool:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def worker_answers(redis_url: str) -> bool:
    try:
        with Celery("readiness", broker=redis_url) as asking:
            return bool(asking.control.ping(timeout=0.5, limit=1))
    except (OperationalError, RedisError, OSError):
        return False


def relay_is_connected(database_url: str) -> bool:
    try:
        with psycopg.connect(database_url, connect_timeout=5) as connection:
            found = connection.execute("SELECT 1 FROM pg_stat_activity WHERE application_name = 'waybill-relay'")
            return found.fetchone() is not None
    except psycopg.OperationalError:
        return False
