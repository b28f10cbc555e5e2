"""`bin/check`: everything that can be said about the code without running a test. All of it runs; all of it is told."""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bin.local.failure import explain, say, told_in_one_line
from bin.local.home import ROOT

SCRIPTS = Path(sys.executable).parent
PYTHON = sys.executable
# No check needs a database: nothing listens on port 1.
NOWHERE = {"DATABASE_URL": "postgres://waybill@127.0.0.1:1/waybill", "REDIS_URL": "redis://127.0.0.1:1/0"}
DEVELOPMENT = {**NOWHERE, "WAYBILL_ENV": "test", "DJANGO_SETTINGS_MODULE": "config.settings"}


@dataclass(frozen=True)
class Check:
    name: str
    command: Sequence[str | Path]
    env: Mapping[str, str] = field(default_factory=lambda: DEVELOPMENT)


def production() -> dict[str, str]:
    """What a production needs to be told, with secrets that live as long as this check."""
    return {
        **NOWHERE,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "WAYBILL_ENV": "production",
        "WAYBILL_SECRET_KEY": secrets.token_urlsafe(64),
        "WAYBILL_JWT_KEY": secrets.token_urlsafe(64),
        "WAYBILL_ALLOWED_HOSTS": "shop.example.com",
        "WAYBILL_PUBLIC_URL": "https://shop.example.com",
        "WAYBILL_EMAIL": "smtp://mail.example.com:587?starttls",
        "WAYBILL_FILES": "s3://waybill-files",
    }


def checks() -> list[Check]:
    manage = [PYTHON, "-W", "ignore", "manage.py"]
    fronts = [path for path in (ROOT / "bin").iterdir() if path.is_file()]
    return [
        Check("format", [PYTHON, "-m", "ruff", "format", "--check", "."]),
        Check("lint", [PYTHON, "-m", "ruff", "check", "."]),
        Check("types", [PYTHON, "-m", "mypy"]),
        Check("types of bin", [PYTHON, "-m", "mypy", "-p", "bin.local"]),
        Check(
            "layers", [PYTHON, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"]
        ),
        Check("migrations", [*manage, "makemigrations", "--check", "--dry-run"]),
        Check("production settings", [*manage, "check", "--deploy", "--fail-level", "WARNING"], production()),
        Check(
            "docker-compose.yml",
            [PYTHON, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"],
        ),
        Check("Dockerfile", [SCRIPTS / "hadolint", "Dockerfile"]),
        Check("shell", [SCRIPTS / "shellcheck", *fronts, ROOT / "bin/local/start.sh", ROOT / ".ci/run"]),
    ]


def main() -> int:
    failed = [check.name for check in checks() if not passes(check)]
    say(f"{len(failed)} of {len(checks())} checks failed: {', '.join(failed)}" if failed else "all checks passed")
    return 1 if failed else 0


def passes(check: Check) -> bool:
    began = time.monotonic()
    passed, output = outcome(check)
    say(f"{'ok  ' if passed else 'FAIL'} {check.name} ({time.monotonic() - began:.1f} s)")
    if not passed:
        say(output.rstrip())
    return passed


def outcome(check: Check) -> tuple[bool, str]:
    try:
        done = subprocess.run(
            check.command,
            cwd=ROOT,
            env={**os.environ, **check.env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    except OSError as error:
        return False, explain(error)
    return done.returncode == 0, done.stdout


if __name__ == "__main__":
    told_in_one_line(main)
