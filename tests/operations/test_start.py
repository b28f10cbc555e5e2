import os
import shutil
import subprocess
from pathlib import Path

import pytest

from bin.local import prepare, run_tests
from bin.local.home import ROOT


def start(tmp_path: Path, *, python: str | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    """bin/dev on a machine whose PATH holds a shell, and at most a python3 that answers by a script."""
    for tool in ("sh", "dirname"):
        (tmp_path / tool).symlink_to(shutil.which(tool))
    if python is not None:
        (tmp_path / "python3").write_text(f"#!/bin/sh\n{python}\n")
        (tmp_path / "python3").chmod(0o755)
    # A copy, since a checkout that has a .venv needs no Python from PATH.
    shutil.copytree(ROOT / "bin", tmp_path / "bin")
    return subprocess.run(
        [tmp_path / "bin" / "dev"], env={"PATH": str(tmp_path), **env}, capture_output=True, text=True, check=False
    )


def test_no_python_is_told_in_one_line(tmp_path):
    done = start(tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "waybill: Python 3.11, 3.12 or 3.13 is needed and none was found; install one, or name it in PYTHON\n"
    )


def test_a_python_that_is_named_but_unfit_is_told_in_one_line(tmp_path):
    done = start(tmp_path, PYTHON="/nowhere/python")
    assert (done.returncode, done.stderr) == (1, "waybill: PYTHON=/nowhere/python is not a Python 3.11, 3.12 or 3.13\n")


def test_a_python_without_venv_is_told_with_the_package_to_install(tmp_path):
    done = start(tmp_path, python='case "$2" in *ensurepip*) exit 1;; esac')
    assert done.returncode == 1
    assert done.stderr == (
        "waybill: python3 cannot make virtual environments; on Debian or Ubuntu: apt-get install python3-venv\n"
    )


def test_a_damaged_note_of_what_is_installed_counts_as_none(tmp_path, monkeypatch):
    stamp = tmp_path / "installed.json"
    monkeypatch.setattr(prepare, "STAMP", stamp)
    stamp.write_text('{"requirements.txt": "ab')
    assert prepare.read_stamp() == {}


@pytest.mark.parametrize(
    ("given", "passed_on"),
    [
        (["orders"], ["-n", str(os.cpu_count()), "orders"]),
        (["--color=no"], ["-n", str(os.cpu_count()), "--color=no"]),
        (["-n0", "orders"], ["-n0", "orders"]),
        (["-n", "4"], ["-n", "4"]),
        (["-p", "no:xdist"], ["-p", "no:xdist"]),
        (["--pdb"], ["--pdb"]),
    ],
)
def test_tests_run_on_all_cores_unless_the_caller_decides(given, passed_on):
    assert run_tests.arguments(given) == passed_on
