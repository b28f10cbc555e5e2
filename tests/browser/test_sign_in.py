"""Coming in: a second factor that the role needs, by an app's codes or by a security key."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Page, expect

from accounts.models import User
from accounts.tests.factories import PASSWORD, UserFactory
from tests.browser.office import Office, sign_in
from tests.conftest import Processes

INSIDE = re.compile(r"/admin/$")
KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def live_server_process(processes: Processes) -> Processes:
    """A shop whose admins need a second factor."""
    processes.environment["WAYBILL_SECOND_FACTOR_ROLES"] = "admin"
    processes.start("web")
    return processes


def code_of(secret: str, *, steps: int = 0) -> str:
    """What an app shows so many half minutes from now. Each opens once, and the neighbours of now are accepted."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def set_up_app(page: Page) -> str:
    """From the page that asks for a second factor to the recovery codes; what the app was given."""
    page.get_by_role("link", name="Set up an app").click()
    prove(page)
    expect(page.locator("img.wb-door-code")).to_be_visible()
    secret = page.locator("#authenticator_secret").input_value()
    page.fill("input[name=code]", code_of(secret))
    page.get_by_role("button", name="Set up").click()
    keep_codes(page)
    return secret


def enrol_key(page: Page) -> None:
    """The same by a security key, which is in the device already."""
    page.get_by_role("link", name="Add a key").click()
    prove(page)
    page.fill("input[name=name]", "Blue key")
    page.get_by_role("button", name="Add the key").click()
    keep_codes(page)


def prove(page: Page) -> None:
    """Before somebody changes how they log in they are asked for the password once more."""
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="Go on").click()


def keep_codes(page: Page) -> None:
    """The page of recovery codes: ten, shown this once, and on into the back office."""
    codes = page.get_by_label("Your codes").input_value().split()
    assert len(set(codes)) == 10
    page.get_by_label("I have kept them").check()
    page.get_by_role("link", name="Go to the back office").click()
    expect(page).to_have_url(INSIDE)


def put_in_key(page: Page) -> None:
    """A security key that agrees to everything."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})


def test_an_admin_sets_up_an_app_and_comes_in_by_its_code(office: Office) -> None:
    admin = UserFactory(role="admin")
    page = office.tab()
    sign_in(page, admin.email)
    expect(page.get_by_text("Your role needs a second factor")).to_be_visible()
    secret = set_up_app(page)

    later = office.tab()
    sign_in(later, admin.email)
    later.fill("input[name=code]", "000000")
    later.get_by_role("button", name="Log in", exact=True).click()
    expect(later.get_by_text("This code is not valid, or was used before.")).to_be_visible()
    later.fill("input[name=code]", code_of(secret, steps=1))
    later.get_by_role("button", name="Log in", exact=True).click()
    expect(later).to_have_url(INSIDE)


def admin_with_key(office: Office) -> tuple[User, Page]:
    """In by the password, with a security key enrolled from this tab."""
    admin = UserFactory(role="admin")
    page = office.tab()
    put_in_key(page)
    sign_in(page, admin.email)
    enrol_key(page)
    return admin, page


def test_an_admin_enrols_a_security_key_and_comes_in_by_it(office: Office) -> None:
    admin, page = admin_with_key(office)
    assert kinds_of(admin) == ["recovery_codes", "webauthn"]

    page.context.clear_cookies()
    sign_in(page, admin.email)
    page.get_by_role("button", name="Use a security key").click()
    expect(page).to_have_url(INSIDE)


def test_the_one_key_stays_and_opens_by_nothing_else(office: Office) -> None:
    admin, page = admin_with_key(office)
    page.goto("/admin/account/2fa/webauthn/")
    expect(page.locator(".wb-off")).to_have_text("Remove")

    thief = office.tab()
    sign_in(thief, admin.email)
    expect(thief.get_by_role("button", name="Use a security key")).to_be_visible()
    thief.goto("/admin/")
    expect(thief).to_have_url(re.compile(r"/admin/login/"))


def kinds_of(user: User) -> list[str]:
    return sorted(Authenticator.objects.filter(user=user).values_list("type", flat=True))
