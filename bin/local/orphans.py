"""Finds and stops what an earlier start of the same home left running when it was killed."""

import os
import signal
from collections.abc import Iterable, Iterator
from pathlib import Path

import psutil

from bin.local.failure import Stop
from bin.local.home import MARK

ENGINES = {"postgres", "redis-server", "valkey-server"}
PATIENCE_SECONDS = 30


def stop(home: Path) -> int:
    """Stop every process of this home but the caller and its parents; returns how many there were.

    Whoever nobody of the home started is told first and stops its own children in order. What is left when
    patience ends is killed.
    """
    mine = own_line()
    found = [process for process in of_home(home) if process.pid not in mine]
    for process in roots(found):
        ask_to_stop(process)
    psutil.wait_procs(found, timeout=PATIENCE_SECONDS)
    left = [process for process in of_home(home) if process.pid not in mine]
    for process in left:
        send(process, signal.SIGKILL)
    _, alive = psutil.wait_procs(left, timeout=PATIENCE_SECONDS)
    if alive:
        raise Stop(f"process {alive[0].pid} of an earlier start does not end")
    return len(found)


def own_line() -> set[int]:
    return {os.getpid(), *(process.pid for process in psutil.Process().parents())}


def of_home(home: Path) -> Iterator[psutil.Process]:
    folders = tuple(f"{(home / name).resolve()}/" for name in ("postgres", "redis"))
    for process in psutil.process_iter():
        try:
            if carries_mark(process, home) or is_engine_in(process, folders):
                yield process
        except psutil.Error:
            continue


def carries_mark(process: psutil.Process, home: Path) -> bool:
    return bool(process.environ().get(MARK) == str(home))


def is_engine_in(process: psutil.Process, folders: tuple[str, ...]) -> bool:
    """The engines write over their environment, but they work in a folder of the home."""
    return process.name() in ENGINES and f"{process.cwd()}/".startswith(folders)


def roots(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    known = {process.pid: process for process in processes}
    top = []
    for process in known.values():
        try:
            if process.ppid() not in known:
                top.append(process)
        except psutil.Error:
            continue
    return top


def ask_to_stop(process: psutil.Process) -> None:
    try:
        # To postgres, INT means: end the sessions and shut down; TERM would wait for its clients to leave.
        send(process, signal.SIGINT if process.name() == "postgres" else signal.SIGTERM)
    except psutil.Error:
        return


def send(process: psutil.Process, signum: signal.Signals) -> None:
    try:
        process.send_signal(signum)
    except psutil.Error:
        return
