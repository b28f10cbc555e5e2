"""`bin/test`: pytest on engines of its own, which leave nothing behind."""

import contextlib
import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType

from bin.local import engines, orphans, system_packages
from bin.local.failure import told_in_one_line
from bin.local.home import ROOT, held, open_home, process_environment

PREFIX = "waybill-test-"
# Arguments by which the caller decides over the workers, or asks for what works without them only.
OWN_WORKERS = re.compile(r"(-n|--numprocesses|--pdb|(-p)?no:xdist$|--co$|--collect-only$)")


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sweep()
    with throwaway_folder() as path, held(path, note="bin/test"):
        home = open_home(path)
        system_packages.ensure("paper", log=home.logs / "packages.log")
        if (ROOT / "tests" / "browser").is_dir():
            system_packages.ensure("browser", log=home.logs / "packages.log")
        if (ROOT / "deploy" / "gateway").is_dir():
            system_packages.ensure("gateway", log=home.logs / "packages.log")
        env = process_environment(home, home.settings(environment="test", public_url="http://testserver"))
        with engines.running(engines.of_home(home, throwaway=True), home=home, env=env):
            return pytest(arguments(sys.argv[1:]), env)


def arguments(given: Sequence[str]) -> list[str]:
    """What pytest is given: everything as it came, on all cores unless the caller says how many."""
    if any(OWN_WORKERS.match(text) for text in given):
        return [*given]
    return ["-n", str(os.cpu_count() or 1), *given]


def pytest(given: Sequence[str], env: Mapping[str, str]) -> int:
    """Run pytest to its end. Ctrl-C reaches it from the terminal; other signals are passed on; it has the last word."""
    process = subprocess.Popen([sys.executable, "-m", "pytest", *given], env=dict(env), cwd=ROOT)

    def pass_on(signum: int, frame: FrameType | None) -> None:
        process.send_signal(signal.SIGINT)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for signum in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, pass_on)
    return process.wait()


@contextlib.contextmanager
def throwaway_folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix=PREFIX)).resolve()
    # The database's user has to pass through.
    path.chmod(0o711)
    try:
        yield path
    finally:
        remove(path)


def sweep() -> None:
    """Clear away what a run that was killed has left: its folder is there and nobody holds it."""
    for path in Path(tempfile.gettempdir()).resolve().glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError), (path / "lock").open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            orphans.stop(path)
            remove(path)


def remove(path: Path) -> None:
    data = path / "postgres"
    if data.is_symlink():
        shutil.rmtree(data.resolve(), ignore_errors=True)
    shutil.rmtree(path, ignore_errors=True)


if __name__ == "__main__":
    told_in_one_line(main)
