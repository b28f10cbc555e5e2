"""The processes of Waybill itself, as `bin/dev` runs them: the same commands as in production, fewer of each."""

import os
import sys
from pathlib import Path

from bin.local.failure import Stop
from bin.local.home import ROOT
from bin.local.programs import Program

QUEUES = "money,fulfilment,mail,reports,celery"
CELERY = ("-m", "celery", "-A", "config", "--quiet")


def web() -> list[Program]:
    """HTTP and sockets, by processes that share one listening socket: they find it as their standard input."""
    serve = (
        *("-m", "uvicorn", "config.asgi:application", "--fd", "0"),
        *("--no-proxy-headers", "--no-server-header", "--no-access-log", "--timeout-graceful-shutdown", "5"),
    )
    return [python("web" if n == 1 else f"web-{n}", *serve) for n in range(1, count("WAYBILL_WEB_PROCESSES", 2) + 1)]


def background() -> list[Program]:
    workers = str(count("WAYBILL_WORKER_PROCESSES", 2))
    return [
        python(
            "worker",
            *(*CELERY, "worker", "--queues", QUEUES, "--concurrency", workers, "--loglevel", "info"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ),
        python("relay", "manage.py", "relay"),
        # No file with its number: the supervisor knows it, and a stale one would keep it from starting.
        python("beat", *CELERY, "beat", "--pidfile=", "--loglevel", "info"),
    ]


def python(name: str, *arguments: str) -> Program:
    """A program of ours; PostgreSQL shows its name beside each of its connections."""
    return Program(
        name=name,
        command=(sys.executable, *arguments),
        folder=Path(ROOT),
        environment={"PGAPPNAME": f"waybill-{name}"},
    )


def count(variable: str, default: int) -> int:
    """A number of processes from the environment."""
    text = os.environ.get(variable) or str(default)
    if not text.isdecimal() or not 1 <= int(text) <= 64:
        raise Stop(f"{variable}={text} is not a number from 1 to 64")
    return int(text)
