"""A shipping price entered by hand: bands as rows, and what overlaps said beside the row."""

from django.urls import reverse
from playwright.sync_api import Page, expect

from orders.tests.shipping import method, rate, stored, zone
from tests.browser.office import Office


def test_a_band_is_added_and_an_overlap_said(office: Office) -> None:
    zone(), method()
    made = rate(("0", "2000", "4.90"), ("3000", None, "9.90"))
    page = office.signed_in()
    page.goto(reverse("admin:orders_shippingrate_change", args=[made.pk]))
    expect(page.get_by_text("What weighs 2,000 g to below 3,000 g is not sent this way.")).to_be_visible()
    page.fill("input[name=bands-2-lower]", "1500")
    page.fill("input[name=bands-2-upper]", "3000")
    page.fill("input[name=bands-2-price]", "6.90")
    save(page)
    expect(page.get_by_text("0 to 2000 and 1500 to 3000 overlap.")).to_be_visible()
    assert len(stored(made)) == 2

    page.fill("input[name=bands-2-lower]", "2000")
    page.get_by_text("Add another Band").click()
    page.fill("input[name=bands-3-lower]", "30000")
    page.fill("input[name=bands-3-price]", "19.90")
    page.fill("input[name=bands-1-upper]", "30000")
    save(page)
    expect(page.get_by_text("from 4.90").first).to_be_visible()
    assert stored(made) == [
        ("0.00", "2000.00", "4.90"), ("2000.00", "3000.00", "6.90"), ("3000.00", "30000.00", "9.90"),
        ("30000.00", None, "19.90"),
    ]  # fmt: skip


def save(page: Page) -> None:
    page.click("button[name=_save], input[name=_save]")
