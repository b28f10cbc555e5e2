"""A person with a scanner: what their hands do, and what the page says to it."""

import re
from urllib.parse import urljoin

from playwright.sync_api import Page, expect

from catalog.models import Product
from orders.tests.factories import buyable
from tests.browser.office import Office

LYING_TABLET = 1180
MUG = "4006381333931"  # its barcode


def shelf() -> None:
    """Mugs, tea and jugs: mugs have a barcode, and what is packed has a weight."""
    buyable("MUG", quantity=10), buyable("TEA", quantity=10), buyable("JUG", quantity=10)
    Product.objects.filter(sku="MUG").update(barcode=MUG, weight_grams=350, name="Blue mug")
    Product.objects.filter(sku="TEA").update(weight_grams=120, name="Green tea")


def worker(office: Office, *, width: int = LYING_TABLET, dark: bool = False) -> Page:
    """Somebody of the warehouse. Without a window there is no printer, and Chromium's viewer of documents within a
    page does not always survive: the bench prints nothing by itself.
    """
    page = office.signed_in("warehouse", width=width, dark=dark)
    page.add_init_script("localStorage.setItem('bench prints', 'no')")
    return page


def scan(page: Page, code: str) -> None:
    """As a scanner does: keys into whatever has the focus, then Enter. A person waits until the page is there."""
    expect(page.locator("input:focus, textarea:focus")).to_have_count(1)
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def said(page: Page, text: str | re.Pattern[str]) -> None:
    expect(page.locator("[data-said]")).to_contain_text(text)


def printed(page: Page, link: str) -> tuple[int, bytes]:
    """The status and the beginning of what a link leads to."""
    address = page.get_by_role("link", name=link).get_attribute("href") or ""
    answer = page.request.get(urljoin(page.url, address))
    return answer.status, answer.body()[:5]


def walk_to(page: Page, title: str) -> None:
    """By the sidebar, which a tablet hides."""
    link = page.locator("#nav-sidebar-apps").get_by_text(title, exact=True)
    if not link.is_visible():
        page.locator("[x-on\\:click*=sidebarMobileOpen]:visible").first.click()
    link.click()
