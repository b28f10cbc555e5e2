"""Makes `.venv`, installs what a requirements file pins, then becomes the program that was asked for.

Runs on the machine's own Python, before anything is installed: the standard library only.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import signal
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from bin.local.commands import run
from bin.local.failure import ENDINGS, NO_SPACE, Stop, disk_full, say, told_in_one_line

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.json"
# There while packages are being installed. Found at a start, it tells of one that was cut off.
UNFINISHED = VENV / "unfinished"
LOG = VENV / "install.log"
OLDEST, NEWEST = (3, 11), (3, 13)


def main() -> int:
    requirements, module, *arguments = sys.argv[1:]
    try:
        get_ready(requirements)
    except KeyboardInterrupt:
        return 0 if module == "bin.local.dev" else 130  # to stop what runs until it is stopped is no failure
    return become(module, arguments)


def get_ready(requirements: str) -> None:
    for ending in ENDINGS:
        # Also where a shell started us with them ignored, as it does in the background.
        signal.signal(ending, signal.default_int_handler)
    with alone() as lock:
        if not usable():
            make()
        install(requirements, lock=lock)


def become(module: str, arguments: list[str]) -> NoReturn:
    """The program takes signals up again once it is loaded and can stop in its own way."""
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)
    os.chdir(ROOT)
    os.execv(PYTHON, [str(PYTHON), "-m", module, *arguments])  # noqa: S606


@contextlib.contextmanager
def alone() -> Iterator[int]:
    """Hold the checkout, so that two starts at once do not install over each other."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another start that prepares .venv")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield folder
    finally:
        os.close(folder)


def usable() -> bool:
    """Whether `.venv` is whole, and of a Python that will do (of the very one when PYTHON names it)."""
    if UNFINISHED.exists():
        return False
    try:
        asked = subprocess.run(
            [PYTHON, "-c", "import sys, pip; print(*sys.version_info[:2])"],
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return False
    if asked.returncode:
        return False
    version = tuple(int(part) for part in asked.stdout.split())
    return version == sys.version_info[:2] if os.environ.get("PYTHON") else OLDEST <= version <= NEWEST


def make() -> None:
    say(f"Making .venv with Python {sys.version_info.major}.{sys.version_info.minor}")
    try:
        venv.create(VENV, clear=True, with_pip=True)
    except subprocess.CalledProcessError as error:
        output = (error.output or b"").decode(errors="replace")
        if NO_SPACE.search(output):
            raise disk_full(f"making {VENV}") from None
        raise Stop(f"making {VENV} failed: {(output.strip().splitlines() or ['no pip'])[-1]}") from None


def install(requirements: str, *, lock: int) -> None:
    """Install the pins unless they are the ones installed last.

    pip shares the lock: should this process be killed, the next start still waits for pip to end.
    """
    installed = read_stamp()
    wanted = fingerprint(requirements)
    if installed.get(requirements) == wanted:
        return
    say(f"Installing {requirements} (a minute or two)")
    UNFINISHED.touch()
    pip: list[str | Path] = [PYTHON, "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    run(f"installing {requirements}", [*pip, "-r", ROOT / requirements], log=LOG, pass_fds=[lock])
    stamp = {requirements: wanted}
    if requirements == "requirements-dev.txt":
        # It contains every pin of the other.
        stamp["requirements.txt"] = fingerprint("requirements.txt")
    STAMP.write_text(json.dumps(stamp))
    UNFINISHED.unlink()


def fingerprint(requirements: str) -> str:
    return hashlib.sha256((ROOT / requirements).read_bytes()).hexdigest()


def read_stamp() -> dict[str, str]:
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


if __name__ == "__main__":
    told_in_one_line(main)
