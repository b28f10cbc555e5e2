import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bin.local import orphans, ports
from bin.local.home import Home, process_environment
from bin.local.programs import Program
from bin.local.supervision import Supervisor, configuration

STEADY = "import signal; signal.pause()"
BRIEF = "raise SystemExit(1)"
# Serves the listening socket it finds as standard input, and says which process answered.
WEB = """
import os, socket
listening = socket.socket(fileno=0)
while True:
    connection, _ = listening.accept()
    connection.recv(65536)
    body = str(os.getpid()).encode()
    connection.sendall(b"HTTP/1.1 200 OK\\r\\nConnection: close\\r\\nContent-Length: %d\\r\\n\\r\\n%s" % (len(body), body))
    connection.close()
"""
# A process that leaves a child behind when it is killed.
PARENT = """
import os, signal
if not os.fork():
    open(os.environ["CHILD_FILE"], "w").write(str(os.getpid()))
signal.pause()
"""


def program(home: Home, name: str, script: str, **environment: str) -> Program:
    file = home.path / f"{name}.py"
    file.write_text(script)
    return Program(name=name, command=(sys.executable, str(file)), folder=Path("/"), environment=environment)


def until(condition: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def processes(home: Home) -> dict[str, int]:
    file = home.path / "processes.json"
    return json.loads(file.read_text()) if file.exists() else {}


def kill(home: Home, name: str) -> int:
    """Kill a process and wait until another is in its place; returns its number."""
    before = processes(home)[name]
    os.kill(before, signal.SIGKILL)
    until(lambda: processes(home)[name] != before)
    return processes(home)[name]


def who_answers(web_socket: socket.socket) -> int:
    connection = http.client.HTTPConnection(*web_socket.getsockname(), timeout=20)
    connection.request("GET", "/")
    return int(connection.getresponse().read())


@pytest.fixture
def web_socket() -> Iterator[socket.socket]:
    with ports.listening_socket(ports.draw()) as bound:
        yield bound


@pytest.fixture
def supervisor(home: Home, web_socket: socket.socket) -> Supervisor:
    text = configuration(
        home=home.path,
        engines=[program(home, "engine", STEADY)],
        background=[
            program(home, "worker", PARENT, CHILD_FILE=str(home.path / "child")),
            program(home, "broken", BRIEF),
        ],
        web=[program(home, "web", WEB), program(home, "web-2", WEB)],
    )
    (home.path / "supervisord.conf").write_text(text)
    return Supervisor(home=home, env=process_environment(home, {}), web_socket=web_socket)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_whatever_is_killed_is_started_again_and_the_port_never_closes(home, supervisor, web_socket, capfd):
    with supervisor.running():
        until(lambda: len(processes(home)) == 5)
        assert who_answers(web_socket) in {processes(home)["web"], processes(home)["web-2"]}
        os.kill(processes(home)["web-2"], signal.SIGKILL)
        web = kill(home, "web")
        until(lambda: who_answers(web_socket) == web)
        assert kill(home, "engine") == processes(home)["engine"]

        # Its child is not left to work on beside the new one.
        child_file = home.path / "child"
        until(lambda: child_file.exists() and child_file.read_text())
        child = int(child_file.read_text())
        kill(home, "worker")
        until(lambda: not is_alive(child))

        # What cannot live is tried again and again, and not told again and again.
        told = []
        until(lambda: told.append(capfd.readouterr().out) or "broken keeps ending" in "".join(told))
        again = processes(home)["broken"]
        until(lambda: processes(home)["broken"] != again)
    assert "".join(told).count("broken ended") == 4
    assert "".join(told).count("engine ended") == 1
    assert list(orphans.of_home(home.path)) == []


def test_when_whoever_started_it_is_killed_everything_stops(home, supervisor):
    with supervisor.running() as process:
        until(lambda: len(processes(home)) == 5)
        process.stdin.close()
        assert process.wait(20) == 0
    assert list(orphans.of_home(home.path)) == []


def test_what_a_killed_supervisor_left_is_found_and_stopped(home, supervisor):
    with supervisor.running() as process:
        until(lambda: len(processes(home)) == 5)
        process.kill()
        process.wait()
        assert processes(home)["engine"] in {left.pid for left in orphans.of_home(home.path)}
        orphans.stop(home.path)
    assert list(orphans.of_home(home.path)) == []


def test_a_process_that_only_shares_the_home_in_its_environment_is_left_alone(home):
    env = {**os.environ, "WAYBILL_HOME": str(home.path)}
    with subprocess.Popen([sys.executable, "-c", STEADY], env=env) as bystander:
        assert orphans.stop(home.path) == 0
        assert bystander.poll() is None
        bystander.kill()
