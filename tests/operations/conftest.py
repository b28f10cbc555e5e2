from collections.abc import Iterator
from pathlib import Path

import pytest

from bin.local.home import Home, held, open_home
from bin.local.run_tests import throwaway_folder


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the database's user can reach, unlike pytest's own."""
    with throwaway_folder() as path:
        yield path


@pytest.fixture
def home(folder: Path) -> Iterator[Home]:
    with held(folder, note="a test"):
        yield open_home(folder)
