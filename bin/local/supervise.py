"""The supervisor: supervisord with three additions, run by `bin/dev` as a process of its own.

The socket of the web processes is handed in and outlives them all, `processes.json` follows every start, and when
whoever started it is gone it stops everything.
"""

import contextlib
import json
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any, TextIO

from supervisor.medusa import asyncore_25 as asyncore
from supervisor.options import FastCGIGroupConfig, ServerOptions
from supervisor.states import ProcessStates, SupervisorStates
from supervisor.supervisord import Supervisor

from bin.local.failure import say
from bin.local.home import write_private
from bin.local.supervision import ENGINES

SOONEST_RETRY_SECONDS = 1
# So many restarts of one process within so many seconds are a fault, not events.
MANY, MANY_SECONDS = 5, 60


class HandedIn:
    """A listening socket made by another process, in the place of one that supervisord would make."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.url = "handed in"

    def get_backlog(self) -> int:
        return 2048

    def create_and_bind(self) -> socket.socket:
        """Closing what is returned leaves the socket itself open."""
        return socket.socket(fileno=os.dup(self.descriptor))


class Watch(Supervisor):
    """supervisord that tells of each restart and keeps processes.json current."""

    def __init__(self, options: ServerOptions, *, socket_descriptor: int, home: Path) -> None:
        super().__init__(options)
        self.processes_file = home / "processes.json"
        self.logs = home / "logs"
        self.restarts: dict[str, list[float]] = {}
        self.known: dict[str, int] = {}
        self.written: dict[str, int] = {}
        self.complained = False
        self.buried: set[int] = set()
        for group in options.process_group_configs:
            if isinstance(group, FastCGIGroupConfig):
                group.socket_config = HandedIn(socket_descriptor)

    def tick(self, now: float | None = None) -> None:
        """Called by supervisord after every round of starting and burying its processes."""
        super().tick(now)
        self.bury_the_dead()
        if self.options.mood == SupervisorStates.RUNNING:
            self.follow()
        else:
            self.stop_all_but_engines()

    def bury_the_dead(self) -> None:
        """End what an ended process left: each was started as leader of a group, and its own children are in it."""
        for process in self.programs():
            leader = self.known.get(process.config.name)
            if leader and leader != process.pid and leader not in self.buried:
                self.buried.add(leader)
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(leader, signal.SIGKILL)

    def stop_all_but_engines(self) -> None:
        """All at once; supervisord itself would stop one after the other, a second each."""
        for group in self.process_groups.values():
            if group.config.priority > ENGINES:
                group.stop_all()

    def ordered_stop_groups_phase_2(self) -> None:
        """Cross off every group that has stopped, not one a round."""
        left = None
        while self.stop_groups and len(self.stop_groups) != left:
            left = len(self.stop_groups)
            super().ordered_stop_groups_phase_2()

    def follow(self) -> None:
        for process in self.programs():
            name = process.config.name
            before = self.known.get(name)
            if process.pid and process.pid != before:
                if before:
                    self.tell(name, process.pid)
                self.known[name] = process.pid
            if process.state == ProcessStates.BACKOFF:
                # supervisord waits longer after each failure and gives up in the end; here it never does.
                process.backoff = min(process.backoff, SOONEST_RETRY_SECONDS)
        if self.written != self.known:
            self.write_processes()

    def tell(self, name: str, pid: int) -> None:
        """Each restart is a line, until there are so many that one is enough."""
        now = time.monotonic()
        recent = [*(at for at in self.restarts.get(name, []) if at > now - MANY_SECONDS), now]
        self.restarts[name] = recent
        if len(recent) < MANY:
            say(f"{name} ended and was started again, now process {pid}")
        elif len(recent) == MANY:
            say(f"{name} keeps ending and is tried again without a word; its log is {self.logs / name}.log")

    def programs(self) -> list[Any]:
        return [process for group in self.process_groups.values() for process in group.processes.values()]

    def write_processes(self) -> None:
        """Tried again at every round until it succeeds: the disk may be full for a while."""
        try:
            write_private(self.processes_file, json.dumps(self.known, indent=2) + "\n")
        except OSError as error:
            if not self.complained:
                say(f"{self.processes_file} is out of date: {error.strerror}")
            self.complained = True
        else:
            self.written = dict(self.known)
            self.complained = False


def stop_when_alone() -> None:
    """Wait for the end of the pipe that is our standard input: whoever started us has stopped, or was killed."""
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


class Forgiving:
    """Standard error on a disk that may be full: supervisord reports there that a log cannot be written, and would
    fall over the second failure."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError):
            self.stream.write(text)
            self.stream.flush()
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""


def main() -> None:
    home, descriptor = Path(sys.argv[1]), int(sys.argv[2])
    sys.stderr = Forgiving(sys.stderr)
    options = ServerOptions()
    options.realize(["--configuration", str(home / "supervisord.conf")])
    options.first = True
    options.test = False
    watch = Watch(options, socket_descriptor=descriptor, home=home)
    threading.Thread(target=stop_when_alone, daemon=True).start()
    with contextlib.suppress(asyncore.ExitNow):
        watch.main()


if __name__ == "__main__":
    main()
