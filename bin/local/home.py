"""The home: the one folder of a running Waybill on this machine, its keys, and who holds it."""

import contextlib
import fcntl
import json
import os
import secrets
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from bin.local import ports
from bin.local.failure import Stop

ROOT = Path(__file__).resolve().parents[2]
# In the environment of every process started here, and nowhere else: by it a next start knows what is its own.
MARK = "WAYBILL_STARTED_FROM"


@dataclass(frozen=True)
class Keys:
    """What is drawn once for a home and then stays: its ports and its secrets."""

    postgres_port: int
    redis_port: int
    postgres_password: str
    redis_password: str
    secret_key: str
    jwt_key: str
    # Later ones are drawn where an older home lacks them.
    sandbox_port: int = field(default_factory=ports.draw)
    sandbox_secret: str = field(default_factory=lambda: secrets.token_hex(24))


@dataclass(frozen=True)
class Home:
    path: Path
    keys: Keys

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def database_url(self) -> str:
        return f"postgres://waybill:{self.keys.postgres_password}@127.0.0.1:{self.keys.postgres_port}/waybill"

    @property
    def redis_url(self) -> str:
        return f"redis://:{self.keys.redis_password}@127.0.0.1:{self.keys.redis_port}/0"

    def settings(self, *, environment: str, public_url: str) -> dict[str, str]:
        """The environment variables by which this home is reached and used."""
        return {
            "WAYBILL_ENV": environment,
            "WAYBILL_HOME": str(self.path),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "WAYBILL_SECRET_KEY": self.keys.secret_key,
            "WAYBILL_JWT_KEY": self.keys.jwt_key,
            "WAYBILL_EMAIL": f"file://{self.path / 'mail'}",
            "WAYBILL_FILES": f"file://{self.path / 'files'}",
            "WAYBILL_PUBLIC_URL": public_url,
        }


def open_home(path: Path) -> Home:
    """Fill a home where something is missing, and draw its keys; a port that another program took is drawn anew."""
    for name in ("logs", "mail", "files"):
        (path / name).mkdir(mode=0o700, exist_ok=True)
    file = path / "keys.json"
    keys = read_keys(file) if file.exists() else draw_keys()
    if not ports.is_free(keys.postgres_port):
        keys = replace(keys, postgres_port=ports.draw())
    if not ports.is_free(keys.redis_port):
        keys = replace(keys, redis_port=ports.draw())
    if not ports.is_free(keys.sandbox_port):
        keys = replace(keys, sandbox_port=ports.draw())
    write_private(file, json.dumps(asdict(keys), indent=2) + "\n")
    return Home(path, keys)


def draw_keys() -> Keys:
    return Keys(
        postgres_port=ports.draw(),
        redis_port=ports.draw(),
        postgres_password=secrets.token_hex(24),
        redis_password=secrets.token_hex(24),
        secret_key=secrets.token_urlsafe(48),
        jwt_key=secrets.token_urlsafe(48),
    )


def read_keys(file: Path) -> Keys:
    try:
        return Keys(**json.loads(file.read_text()))
    except (ValueError, TypeError):
        raise Stop(f"{file} is damaged; remove {file.parent} to start afresh") from None


def write_private(file: Path, text: str) -> None:
    """Replace a file whole, readable by its owner only."""
    fresh = file.with_name(file.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    fresh.replace(file)


def as_shell(settings: Mapping[str, str]) -> str:
    """Lines that a shell can source."""
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in settings.items())


def process_environment(home: Home, settings: Mapping[str, str]) -> dict[str, str]:
    """The environment of everything started for a home: the person's own, less what would steer it elsewhere."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("PG") and name != "PYTHONPATH"}
    return {
        **own,
        **settings,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONUNBUFFERED": "1",
        MARK: str(home.path),
    }


@contextlib.contextmanager
def held(path: Path, *, note: str = "") -> Iterator[None]:
    """Make a home and hold it for as long as this process lives; raises Stop when another does."""
    if not path.exists():
        path.mkdir(parents=True)
        # The database's user has to pass through; what is secret has a mode of its own.
        path.chmod(0o711)
    with (path / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "another process"
            raise Stop(f"already running from {path} ({holder}); set PORT and WAYBILL_HOME to run another") from None
        lock.truncate(0)
        lock.write(note)
        lock.flush()
        yield
