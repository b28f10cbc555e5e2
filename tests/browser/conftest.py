"""A browser at the back office of a real web process, in which nothing may go wrong unseen."""

from collections.abc import Iterator

import pytest
from django.db import connections
from playwright.sync_api import sync_playwright

from tests.browser.office import Office, chromium, launch
from tests.conftest import Processes


@pytest.fixture
def installed_browser() -> str:
    return chromium()


@pytest.fixture
def office(installed_browser: str, live_server_process: Processes, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """On `localhost`, where browsers allow security keys without TLS. An error on a console fails the test."""
    # Playwright's loop runs in this thread, and Django would take the test for asynchronous code.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_playwright() as playwright:
        browser = launch(playwright)
        made = Office(f"http://localhost:{live_server_process.port}", browser)
        yield made
        browser.close()
        connections.close_all()  # those of this loop, which nobody else would close
    assert made.broken == []
