"""Commands that run to their end, with their output kept and their failure told in one line."""

import contextlib
import pwd
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from bin.local.failure import NO_SPACE, Stop, disk_full

# pip, initdb and postgres say what is wrong first and how to get help last.
COMPLAINT = re.compile(r"\b(error|fatal):", re.IGNORECASE)


def run(
    what: str,
    command: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    user: str | None = None,
    pass_fds: Sequence[int] = (),
) -> None:
    """Run a command to its end with its output in `log`; raises Stop with its complaint when it fails."""
    done = subprocess.run(
        command,
        env=env,
        cwd="/" if user else None,
        user=user,
        group=group_of(user),
        extra_groups=[] if user else None,
        pass_fds=pass_fds,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    output = done.stdout.decode(errors="replace")
    with contextlib.suppress(OSError), log.open("a") as file:
        file.write(output)
    if done.returncode:
        raise complaint(what, output, log=log)


def can(user: str, *command: str) -> bool:
    """Whether a command succeeds when another user runs it."""
    try:
        done = subprocess.run(
            command, cwd="/", user=user, group=group_of(user), extra_groups=[], capture_output=True, check=False
        )
    except OSError:
        return False
    return done.returncode == 0


def group_of(user: str | None) -> int | None:
    return pwd.getpwnam(user).pw_gid if user else None


def complaint(what: str, output: str, *, log: Path) -> Stop:
    """The one line of a failed command's output that says why."""
    if NO_SPACE.search(output):
        return disk_full(what)
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    complaints = [line for line in lines if COMPLAINT.search(line)]
    reason = (complaints or lines or ["it said nothing"])[-1]
    return Stop(f"{what} failed: {reason} (all of it in {log})")
