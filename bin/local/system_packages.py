"""Libraries of the system that no wheel brings, installed where that is possible and named where it is not."""

import ctypes
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bin.local.commands import run
from bin.local.failure import Stop, say


@dataclass(frozen=True)
class Need:
    purpose: str
    packages: tuple[str, ...]
    is_there: Callable[[], bool]


def can_load(*libraries: str) -> bool:
    try:
        for library in libraries:
            ctypes.CDLL(library)
    except OSError:
        return False
    return True


NEEDS = {
    "paper": Need(
        purpose="PDF documents",
        packages=("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-dejavu-core"),
        is_there=lambda: can_load("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0"),
    ),
    "browser": Need(
        purpose="tests in a browser",
        packages=("chromium",),
        is_there=lambda: shutil.which(os.environ.get("WAYBILL_BROWSER") or "chromium") is not None,
    ),
    "gateway": Need(
        purpose="tests of the gateway",
        packages=("nginx-light",),
        is_there=lambda: shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") is not None,
    ),
}


def ensure(name: str, *, log: Path) -> None:
    """Install what is missing when root on Debian; say what to install otherwise. Everything else works without."""
    need = NEEDS[name]
    if need.is_there():
        return
    packages = " ".join(need.packages)
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say(f"Installing {packages} for {need.purpose}")
        try:
            install(need.packages, log=log)
        except Stop as refusal:
            say(f"{need.purpose} will not work: {refusal}")
        return
    say(f"{need.purpose} will not work until these are installed: apt-get install {packages}")


def install(packages: tuple[str, ...], *, log: Path) -> None:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300"]
    run("apt-get update", [*apt, "update"], log=log, env=env)
    run("apt-get install", [*apt, "install", "-y", "--no-install-recommends", *packages], log=log, env=env)
