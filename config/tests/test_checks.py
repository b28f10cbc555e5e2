"""Each unsafe production is tried by starting one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bin.local.home import ROOT
from bin.local.run_checks import production


def start(
    *command: str, folder: Path | None = None, extra: str = "", **changes: str
) -> subprocess.CompletedProcess[str]:
    """A command in a production environment; `extra` are lines of a settings module upon ours."""
    environment = {**os.environ, **production(), **changes}
    if folder is not None:
        (folder / "unsafe_settings.py").write_text(f"from config.settings import *\n{extra}\n")
        environment |= {"DJANGO_SETTINGS_MODULE": "unsafe_settings", "PYTHONPATH": f"{folder}:{ROOT}"}
    return subprocess.run(
        [sys.executable, "-W", "ignore", *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def check(**given: str) -> subprocess.CompletedProcess[str]:
    return start("manage.py", "check", **given)


def refusals(done: subprocess.CompletedProcess[str]) -> set[str]:
    """The ids of ours that were named."""
    words = done.stderr.replace("(", " ").replace(")", " ").replace(":", " ").split()
    return {word for word in words if word.startswith("waybill.E")}


def test_a_safe_production_passes():
    done = check()
    assert (done.returncode, done.stdout) == (0, "System check identified no issues (0 silenced).\n")


@pytest.mark.parametrize(
    ("refusal", "changes"),
    [
        ("waybill.E002", {"WAYBILL_SECRET_KEY": "abc" * 20}),
        ("waybill.E002", {"WAYBILL_JWT_KEY": "unsafe-waybill_jwt_key-for-development-only"}),
        ("waybill.E003", {"WAYBILL_SECRET_KEY": "4f9a1c07" * 8, "WAYBILL_JWT_KEY": "4f9a1c07" * 8}),
        ("waybill.E004", {"WAYBILL_ALLOWED_HOSTS": "*"}),
        ("waybill.E004", {"WAYBILL_ALLOWED_HOSTS": ""}),
        ("waybill.E006", {"WAYBILL_CORS_ORIGINS": "https://*.example.com"}),
        ("waybill.E006", {"WAYBILL_CORS_ORIGINS": "http://app.example.com"}),
        ("waybill.E007", {"WAYBILL_PUBLIC_URL": "http://shop.example.com"}),
        ("waybill.E008", {"WAYBILL_ACCESS_SECONDS": "901"}),
        ("waybill.E008", {"WAYBILL_ACCESS_SECONDS": "0"}),
        ("waybill.E009", {"WAYBILL_REFRESH_DAYS": "0"}),
        ("waybill.E010", {"WAYBILL_PROXY_HOPS": "-1"}),
    ],
)
def test_an_unsafe_variable_is_refused(refusal, changes):
    done = check(**changes)
    assert (done.returncode, refusals(done)) == (1, {refusal})


@pytest.mark.parametrize(
    ("refusal", "extra"),
    [
        ("waybill.E001", "DEBUG = True"),
        ("waybill.E005", "SESSION_COOKIE_SECURE = False"),
        ("waybill.E005", "CSRF_COOKIE_SAMESITE = 'None'"),
        ("waybill.E006", "CORS_ALLOW_ALL_ORIGINS = True"),
        ("waybill.E006", "CORS_ALLOW_CREDENTIALS = True"),
        ("waybill.E011", "PASSWORD_HASHERS = ['django.contrib.auth.hashers.MD5PasswordHasher']"),
    ],
)
def test_an_unsafe_setting_is_refused(refusal, extra, tmp_path):
    done = check(folder=tmp_path, extra=extra)
    assert (done.returncode, refusals(done)) == (1, {refusal})


def test_a_star_among_the_sites_is_refused():
    done = check(WAYBILL_CORS_ORIGINS="*")
    assert done.returncode == 1
    assert "waybill.E006" in refusals(done)


def test_a_short_secret_is_refused():
    done = check(WAYBILL_JWT_KEY="short")
    assert done.returncode == 1
    assert "WAYBILL_JWT_KEY must be set to a random value of at least 32 characters." in done.stderr


def test_all_that_is_unsafe_is_told_at_once():
    done = check(WAYBILL_PUBLIC_URL="http://shop.example.com", WAYBILL_PROXY_HOPS="-1")
    assert refusals(done) == {"waybill.E007", "waybill.E010"}


@pytest.mark.parametrize("module", ["config.asgi", "config.celery"])
def test_a_server_and_a_worker_do_not_start_either(module):
    load = f"import {module}, django; django.setup()"
    assert start("-c", load).returncode == 0
    done = start("-c", load, WAYBILL_PUBLIC_URL="http://shop.example.com")
    assert (done.returncode, refusals(done)) == (1, {"waybill.E007"})


def test_another_environment_may_do_all_that():
    done = check(WAYBILL_ENV="development", WAYBILL_PUBLIC_URL="http://127.0.0.1:8000", WAYBILL_JWT_KEY="abc" * 20)
    assert done.returncode == 0
