"""A campaign entered by hand: the page asks for what its kind needs, and codes are made in a window."""

from django.urls import reverse
from playwright.sync_api import expect

from orders.models import DiscountCampaign, DiscountCode
from tests.browser.office import Office


def test_a_campaign_is_entered_and_gets_codes(office: Office) -> None:
    page = office.signed_in()
    page.goto(reverse("admin:orders_discountcampaign_add"))
    page.fill("input[name=name]", "Spring")
    page.select_option("select[name=kind]", "buy_x_get_y")
    expect(page.locator("input[name=buy_quantity]")).to_be_visible()
    expect(page.locator("input[name=cap]")).to_be_hidden()
    page.select_option("select[name=kind]", "percent")
    expect(page.locator("input[name=buy_quantity]")).to_be_hidden()
    page.fill("input[name=percent]", "10")
    page.fill("input[name=code]", "spring-10")
    page.click("button[name=_save], input[name=_save]")
    expect(page.get_by_text("10 % off the order").first).to_be_visible()
    assert DiscountCode.objects.get().code == "SPRING-10"

    page.goto(reverse("admin:orders_discountcampaign_change", args=[campaign_id()]))
    page.get_by_text("Make codes").first.click()
    page.fill("input[name=count]", "5")
    page.get_by_role("button", name="Make codes").last.click()
    expect(page.get_by_text("5 codes made")).to_be_visible()
    assert DiscountCode.objects.count() == 6


def campaign_id() -> int:
    return DiscountCampaign.objects.get().pk
