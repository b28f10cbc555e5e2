"""A browser at the back office of a real web process."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, sync_playwright

CHROMIUM = os.environ.get("WAYBILL_CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PATIENCE_MILLISECONDS = 30_000


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """A tab of its own, in which nothing may go wrong unseen."""
    # Playwright's loop runs in this thread, and Django would take the test for asynchronous code.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        tab = browser.new_page(viewport={"width": 1440, "height": 900})
        tab.set_default_timeout(PATIENCE_MILLISECONDS)
        broken: list[str] = []
        tab.on("pageerror", lambda error: broken.append(str(error)))
        yield tab
        browser.close()
    assert broken == []
