"""A program that runs for long: what is known of it, and how it is started where no supervisor watches."""

import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bin.local.commands import complaint, group_of

READY_SECONDS = 120
GLANCE_SECONDS = 0.05
ATTEMPTS = 5
BETWEEN_ATTEMPTS_SECONDS = 0.5


@dataclass(frozen=True)
class Program:
    name: str
    command: tuple[str, ...]
    folder: Path
    user: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: int = 20
    environment: Mapping[str, str] = field(default_factory=dict)


def start(
    program: Program, *, is_ready: Callable[[], bool], log: Path, env: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """Start a program and wait until it answers; raises Stop with its complaint when it ends instead.

    Several attempts: after a kill, an engine's own children need a moment to let go of its data.
    """
    log.touch()
    already = log.stat().st_size
    for attempt in range(ATTEMPTS):
        time.sleep(BETWEEN_ATTEMPTS_SECONDS if attempt else 0)
        process = launch(program, log=log, env=env)
        if answers(process, is_ready):
            return process
        stop(process, signal.SIGKILL)
    with log.open("rb") as words:
        words.seek(already)
        raise complaint(f"starting {program.name}", words.read().decode(errors="replace"), log=log)


def launch(program: Program, *, log: Path, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """In a session of its own: Ctrl-C reaches what the person started, not the database below it."""
    with log.open("ab") as output:
        return subprocess.Popen(
            program.command,
            cwd=program.folder,
            env={**env, **program.environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=program.user,
            group=group_of(program.user),
            extra_groups=[] if program.user else None,
        )


def answers(process: subprocess.Popen[bytes], is_ready: Callable[[], bool]) -> bool:
    """Wait until a program answers; False when it ended, or when it took too long."""
    deadline = time.monotonic() + READY_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if is_ready():
            return True
        time.sleep(GLANCE_SECONDS)
    return False


def stop(process: subprocess.Popen[bytes], stop_signal: signal.Signals, *, seconds: int = 30) -> None:
    """Stop a program and wait for its end; one that does not listen is killed."""
    if process.poll() is not None:
        return
    process.send_signal(stop_signal)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
