"""A partner's token: shown once, worked with, rotated, revoked."""

import httpx
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from accounts.models import Partner, PartnerToken
from accounts.tests.factories import PartnerFactory, partner_token
from tests.browser.office import TABLET, Office, overflow


def press(page: Page, verb: str) -> Locator:
    """Open the window of a button; what is to be pressed there."""
    page.get_by_text(verb, exact=True).first.click()
    return page.get_by_role("button", name=verb, exact=True).last


def shown(page: Page) -> str:
    """The token that the window shows."""
    return page.locator("#dialog-form code").inner_text()


def answer_to(office: Office, token: str) -> int:
    return httpx.get(f"{office.url}/api/v1/orders", headers={"Authorization": f"Token {token}"}).status_code


def test_a_token_is_shown_once(office: Office) -> None:
    partner = PartnerFactory(name="Acme")
    page = office.signed_in()
    address = reverse("admin:accounts_partner_change", args=[partner.pk])
    page.goto(address)
    expect(page.get_by_text("No token yet")).to_be_visible()
    issue = press(page, "Issue a token")
    page.get_by_label("Read the partner's own orders.").check()
    issue.click()
    plain = shown(page)
    assert answer_to(office, plain) == 200

    page.locator("#dialog-form").get_by_role("link", name="Close").click()
    token = PartnerToken.objects.get()
    expect(page.get_by_role("link", name=token.prefix)).to_be_visible()
    for path in (address, reverse("admin:accounts_partnertoken_change", args=[token.pk])):
        page.goto(path)
        assert plain not in page.content()


def test_a_token_is_rotated_with_time_to_change_over_and_revoked(office: Office) -> None:
    old = partner_token()
    page = office.signed_in()
    page.goto(reverse("admin:accounts_partnertoken_change", args=[PartnerToken.objects.get().pk]))
    rotate = press(page, "Rotate")
    page.get_by_label("Overlap hours").fill("2")
    rotate.click()
    new = shown(page)
    assert (answer_to(office, old), answer_to(office, new)) == (200, 200)

    page.goto(reverse("admin:accounts_partnertoken_change", args=[PartnerToken.objects.latest("id").pk]))
    press(page, "Revoke").click()
    expect(page.get_by_text("The token is revoked.")).to_be_visible()
    assert (answer_to(office, old), answer_to(office, new)) == (200, 401)


def test_a_partner_is_given_some_products_on_a_tablet(office: Office) -> None:
    partner = PartnerFactory(name="Acme")
    page = office.signed_in(width=TABLET, dark=True)
    page.goto(reverse("admin:accounts_partner_change", args=[partner.pk]))
    skus = page.locator("textarea[name=skus]")
    expect(skus).to_be_hidden()
    page.locator("input[name=all_products]").uncheck(force=True)
    skus.fill("MUG\nCUP")
    page.locator("input[name=requests_per_minute]").fill("30")
    assert overflow(page) == 0
    page.click("button[name=_save], input[name=_save]")
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    kept = Partner.objects.get()
    assert (kept.skus, kept.categories, kept.warehouses, kept.requests_per_minute) == (["MUG", "CUP"], [], None, 30)
