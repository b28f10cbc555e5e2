"""The back office of a real web process in a real browser, at any width, for anybody who works there."""

import os
import shutil
from dataclasses import dataclass, field

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, expect

from accounts.models import User
from accounts.tests.factories import PASSWORD, UserFactory

DESK, TABLET = 1440, 820
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PATIENCE_MILLISECONDS = 60_000  # of a machine that does other things, too

expect.set_options(timeout=PATIENCE_MILLISECONDS)


def chromium() -> str:
    """Where the browser is; without any the test is skipped, and says so."""
    found = os.environ.get("WAYBILL_BROWSER") or shutil.which("chromium")
    if found is None:
        pytest.skip("There is no chromium on the PATH: install it, or name one in WAYBILL_BROWSER.")
    return found


def launch(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)


@dataclass
class Office:
    """Tabs, each with cookies of its own. Errors on a console are kept in `broken` and fail the test at its end."""

    url: str
    browser: Browser
    broken: list[str] = field(default_factory=list)
    foreseen: list[str] = field(default_factory=list)

    def signed_in(
        self, role: str = "admin", *, user: User | None = None, width: int = DESK, dark: bool = False
    ) -> Page:
        """A tab of somebody of this role, or of this very person, who came in by password just now."""
        client = Client()
        client.force_login(user or UserFactory(role=role))
        page = self.tab(width=width, dark=dark)
        name = settings.SESSION_COOKIE_NAME
        page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": self.url}])
        return page

    def tab(self, *, width: int = DESK, dark: bool = False) -> Page:
        """A tab of a stranger. Addresses may be given without the host: `page.goto("/admin/")`."""
        size = {"width": width, "height": 900 if width > TABLET else 1180}
        scheme = "dark" if dark else "light"
        context = self.browser.new_context(base_url=self.url, viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MILLISECONDS)
        page.on("pageerror", lambda error: self.broken.append(str(error)))
        page.on("console", self.hear)
        return page

    def hear(self, message: ConsoleMessage) -> None:
        text = f"{message.text} ({message.location.get('url', '')})"
        if message.type == "error" and not any(part in text for part in self.foreseen):
            self.broken.append(text)

    def foresee(self, part: str) -> None:
        """Errors on the console that say this belong to the test: `409` of a refusal that it provokes."""
        self.foreseen.append(part)


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    """Through the door, by e-mail and password, as far as that leads."""
    page.goto("/admin/login/")
    page.fill("input[name=username]", email)
    page.fill("input[name=password]", password)
    page.click("button[type=submit]")


def overflow(page: Page) -> int:
    """Pixels by which the page is wider than its window; 0 where it fits."""
    found: int = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return found
