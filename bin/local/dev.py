"""`bin/dev`: everything Waybill consists of, on this machine, until told to stop."""

import os
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

from bin.local import application, engines, orphans, ports, readiness, supervision, system_packages
from bin.local.commands import run
from bin.local.engines import Engines
from bin.local.failure import ENDINGS, Stop, ToldToStop, say, told_in_one_line
from bin.local.home import ROOT, Home, as_shell, held, open_home, process_environment, write_private
from bin.local.sandbox import Sandbox
from bin.local.supervision import Supervisor

ACCOUNTS = ("admin", "service", "warehouse", "customer")
PASSWORD = "waybill-demo"  # noqa: S105


def main() -> int:
    if sys.argv[1:]:
        raise Stop("bin/dev takes no arguments; PORT and WAYBILL_HOME are read from the environment")
    port = port_wanted()
    path = Path(os.environ.get("WAYBILL_HOME") or ROOT / ".local").resolve()
    url = f"http://127.0.0.1:{port}"
    with held(path, note=f"{url}, process {os.getpid()}"):
        if orphans.stop(path):
            say("Stopped what an earlier start had left running")
        with bound(port) as web_socket:
            serve(open_home(path), url=url, web_socket=web_socket)
    return 0


def told_to_stop(signum: int, frame: FrameType | None) -> None:
    for again in ENDINGS:
        signal.signal(again, signal.SIG_IGN)
    raise ToldToStop


def port_wanted() -> int:
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise Stop(f"PORT={text} is not a port")
    return int(text)


def bound(port: int) -> socket.socket:
    """The port, taken before anything is begun and kept to the end, whichever process serves it."""
    try:
        return ports.listening_socket(port)
    except OSError as error:
        raise Stop(f"port {port} cannot be used ({os.strerror(error.errno or 0)}); set PORT to another") from None


def serve(home: Home, *, url: str, web_socket: socket.socket) -> None:
    system_packages.ensure("paper", log=home.logs / "packages.log")
    settings = home.settings(environment="development", public_url=url) | Sandbox(home).settings()
    env = process_environment(home, settings)
    both = engines.of_home(home)
    prepare(home, both, env)
    write_private(home.path / "env", as_shell(settings))
    write_private(home.path / "supervisord.conf", configuration(home, both, url=url))
    try:
        keep_up(Supervisor(home=home, env=env, web_socket=web_socket), home=home, url=url)
    finally:
        say("Stopping")
        orphans.stop(home.path)


def prepare(home: Home, both: Engines, env: Mapping[str, str]) -> None:
    """Bring the database to today's shape, with the demo shop in it on a first start."""
    say(f"Starting PostgreSQL and Redis in {home.path}")
    with engines.running(both, home=home, env=env):
        say("Migrating the database")
        manage("migrate", home=home, env=env)
        loaded = home.path / "demo-shop-loaded"
        if not loaded.exists():
            say("Loading the demo shop")
            manage("demo_data", "--demo", "--partner-token-file", str(token_file(home)), home=home, env=env)
            # Only now: a start that was cut off before loads it again, over what is there.
            loaded.touch()


def manage(command: str, *arguments: str, home: Home, env: Mapping[str, str]) -> None:
    line = [sys.executable, "manage.py", command, *arguments]
    run(f"manage.py {command}", line, log=home.logs / "manage.log", env=env)


def token_file(home: Home) -> Path:
    return home.path / "partner-token"


def configuration(home: Home, both: Engines, *, url: str) -> str:
    return supervision.configuration(
        home=home.path,
        engines=[engine.program() for engine in both],
        background=[Sandbox(home).program(shop_url=url), *application.background()],
        web=application.web(),
    )


def keep_up(supervisor: Supervisor, *, home: Home, url: str) -> None:
    """Watch the watcher: a supervisor that was killed is started again, after what it left is stopped."""
    ready = False
    while True:
        with supervisor.running() as process:
            if not ready and readiness.reached(home, url=url, process=process):
                ready = True
                announce(home, url)
            process.wait()
        say("the supervisor ended; starting everything again")
        orphans.stop(home.path)


def announce(home: Home, url: str) -> None:
    say(f"ready {url}")
    say("  " + ", ".join(f"{name}@example.com" for name in ACCOUNTS))
    say(f"  password {PASSWORD}")
    say(f"  payments go to a sandbox: {Sandbox(home).url}")
    token = token_file(home)
    if token.exists():
        say(f"  partner token {token.read_text().strip()} (shown this once)")
        token.unlink()


if __name__ == "__main__":
    for ending in ENDINGS:
        signal.signal(ending, told_to_stop)
    told_in_one_line(main)
