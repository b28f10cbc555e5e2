import subprocess
import sys
from dataclasses import replace

import psutil
import psycopg
import pytest
from redis import Redis

from bin.local import engines, orphans, ports
from bin.local.home import ROOT, Home, open_home, process_environment

KILLED_WHILE_RUNNING = """
import os, signal, sys
from pathlib import Path
from bin.local import engines
from bin.local.home import open_home, process_environment
home = open_home(Path(sys.argv[1]))
with engines.running(engines.of_home(home, throwaway=True), home=home, env=process_environment(home, {})):
    os.kill(os.getpid(), signal.SIGKILL)
"""

KILLED_WHILE_MAKING = """
import sys
from pathlib import Path
from bin.local import engines
from bin.local.home import open_home
engines.of_home(open_home(Path(sys.argv[1])), throwaway=True)
"""


def running(home: Home):
    return engines.running(engines.of_home(home, throwaway=True), home=home, env=process_environment(home, {}))


def ask(home: Home, query: str) -> object:
    with psycopg.connect(home.database_url) as connection:
        return connection.execute(query).fetchone()[0]


def test_both_answer_and_are_gone_afterwards(home):
    with running(home):
        assert ask(home, "SHOW server_version_num")[:2] == "18"
        assert ask(home, "SHOW server_encoding") == "UTF8"
        assert ask(home, "SELECT upper('ärger')") == "ÄRGER"
        assert Redis.from_url(home.redis_url).config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    assert list(orphans.of_home(home.path)) == []
    assert ports.is_free(home.keys.postgres_port)
    assert ports.is_free(home.keys.redis_port)


def test_neither_answers_without_its_password(home):
    with running(home):
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(home.database_url.replace(home.keys.postgres_password, "guess"))
        with pytest.raises(Exception, match="invalid username-password pair"):
            Redis.from_url(home.redis_url.replace(home.keys.redis_password, "guess")).ping()


def test_data_stay_and_what_a_killed_start_left_is_stopped(home):
    with running(home), psycopg.connect(home.database_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")

    killed = subprocess.run([sys.executable, "-c", KILLED_WHILE_RUNNING, home.path], cwd=ROOT, check=False)
    assert killed.returncode == -9
    left = list(orphans.of_home(home.path))
    assert {process.name() for process in left} >= {"postgres"}
    assert orphans.stop(home.path) == len(left)
    assert list(orphans.of_home(home.path)) == []

    with running(home):
        assert ask(home, "SELECT answer FROM kept") == 42


def test_a_start_that_was_killed_while_it_made_the_database_is_not_in_the_way(home):
    with subprocess.Popen([sys.executable, "-c", KILLED_WHILE_MAKING, home.path], cwd=ROOT) as making:
        while not (home.path / "postgres" / "data.new" / "base").exists():
            assert making.poll() is None
        making.kill()
    assert orphans.stop(home.path) > 0
    with running(home):
        assert ask(home, "SELECT 1") == 1


def test_a_lock_file_whose_number_now_belongs_to_another_program_does_not_keep_the_database_from_starting(home):
    with running(home):
        data = engines.of_home(home, throwaway=True)[0].data
        lock = (data / "postmaster.pid").read_text().splitlines()
    # As after a power cut: the file is there, and its number was given to something that lives.
    (data / "postmaster.pid").write_text("\n".join([str(psutil.Process().ppid()), *lock[1:]]))
    with running(home):
        assert ask(home, "SELECT 1") == 1


def test_a_port_that_another_program_took_is_drawn_anew_and_the_keys_stay(home):
    with ports.listening_socket(home.keys.redis_port) as taken:
        taken.listen()
        again = open_home(home.path)
    assert again.keys.redis_port != home.keys.redis_port
    assert replace(again.keys, redis_port=0) == replace(home.keys, redis_port=0)
