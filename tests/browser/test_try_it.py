"""A draft of a price is tried on a basket within its page, whichever way it is sent."""

from django.urls import reverse
from playwright.sync_api import expect

from orders.tests.factories import buyable
from tests.browser.office import Office


def test_enter_in_a_field_leaves_the_page_as_it_is(office: Office) -> None:
    buyable("MUG", price="10.00")
    page = office.signed_in()
    page.goto(reverse("admin:orders_discountcampaign_add"))
    page.fill("input[name=name]", "Spring")
    page.select_option("select[name=kind]", "percent")
    page.fill("input[name=percent]", "10")
    page.locator("input[name='try-currency']").press("Enter")
    page.get_by_role("button", name="Try it").click()
    expect(page.locator("#wb-tried .wb-try-sum")).to_be_visible()
    expect(page.locator("input[name=name]")).to_have_value("Spring")
