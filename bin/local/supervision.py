"""What supervisord is told, and how it is started."""

import contextlib
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bin.local import programs
from bin.local.home import ROOT, Home
from bin.local.programs import Program

STOP_SECONDS = 90

LOG_BYTES = "5MB"
OLD_LOGS = "2"
# Started in this order and stopped in the other: the engines come first and leave last.
ENGINES, BACKGROUND, WEB = 1, 10, 20


def configuration(
    *, home: Path, engines: Iterable[Program], background: Iterable[Program], web: Iterable[Program]
) -> str:
    logs = home / "logs"
    sections = [
        section(
            "supervisord",
            {
                "nodaemon": "true",
                "silent": "true",
                "identifier": "waybill",
                "logfile": str(logs / "supervisor.log"),
                "logfile_maxbytes": LOG_BYTES,
                "logfile_backups": OLD_LOGS,
                "pidfile": str(home / "supervisor.pid"),
            },
        )
    ]
    sections += [section(f"program:{program.name}", watched(program, logs, ENGINES)) for program in engines]
    sections += [section(f"program:{program.name}", watched(program, logs, BACKGROUND)) for program in background]
    # In the place of this socket comes the one that is handed in.
    shared = {"socket": "tcp://127.0.0.1:1"}
    sections += [section(f"fcgi-program:{program.name}", watched(program, logs, WEB) | shared) for program in web]
    return "\n".join(sections)


def watched(program: Program, logs: Path, priority: int) -> dict[str, str]:
    """A program that is started again whenever it ends, without end."""
    user = {"user": program.user} if program.user else {}
    return user | {
        "command": shlex.join(program.command),
        "directory": str(program.folder),
        "environment": ",".join(f'{name}="{value}"' for name, value in program.environment.items()),
        "priority": str(priority),
        "autorestart": "true",
        "startsecs": "1",
        "startretries": "1000000",
        "stopsignal": program.stop_signal.name.removeprefix("SIG"),
        "stopwaitsecs": str(program.stop_seconds),
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": str(logs / f"{program.name}.log"),
        "stdout_logfile_maxbytes": LOG_BYTES,
        "stdout_logfile_backups": OLD_LOGS,
    }


def section(title: str, options: dict[str, str]) -> str:
    # A percent sign would ask supervisord to fill something in.
    lines = [f"{name} = {value.replace('%', '%%')}" for name, value in options.items()]
    return "\n".join([f"[{title}]", *lines, ""])


@dataclass(frozen=True)
class Supervisor:
    """The process that watches all the others."""

    home: Home
    env: Mapping[str, str]
    web_socket: socket.socket

    @contextlib.contextmanager
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        """Start it; leaving stops it, and so everything, in order.

        Its standard input is a pipe whose other end is ours: should we be killed, it reads the end and stops.
        """
        descriptor = self.web_socket.fileno()
        command = [sys.executable, "-m", "bin.local.supervise", str(self.home.path), str(descriptor)]
        with (self.home.logs / "supervisor.log").open("ab") as log:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.env,
                stdin=subprocess.PIPE,
                stderr=log,
                pass_fds=[descriptor],
                start_new_session=True,
            )
        try:
            yield process
        finally:
            programs.stop(process, signal.SIGTERM, seconds=STOP_SECONDS)
