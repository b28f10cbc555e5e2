"""A day at the bench, by scans: a list is walked, an order packed, weighed and shipped."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from bin.local.home import ROOT
from catalog.models import Product
from inventory.models import Warehouse
from orders.models import Order, PickList, Shipment, ShortPick
from orders.tests.factories import buyable, fresh, paid
from tests.browser.test_order_page import log_in

PICTURES = ROOT / "docs" / "images" / "warehouse"


def photograph(page: Page, name: str) -> None:
    """For the documentation, when it is asked for."""
    if os.environ.get("WAYBILL_SCREENSHOTS") == "1":
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}.png")


def scan(page: Page, code: str) -> None:
    """As a scanner does: keys into whatever has the focus, then Enter."""
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def said(page: Page, text: str) -> None:
    expect(page.locator("[data-said]")).to_contain_text(text)


def printed(page: Page, link: str) -> tuple[int, bytes]:
    """The status and the beginning of what a link leads to."""
    address = page.get_by_role("link", name=link).get_attribute("href") or ""
    answer = page.request.get(urljoin(page.url, address))
    return answer.status, answer.body()[:5]


@pytest.fixture
def shop(live_server_process: Any, page: Page) -> Page:
    """A shelf with mugs and tea, and somebody of the warehouse signed in on a tablet."""
    buyable("MUG", quantity=10), buyable("TEA", quantity=10), buyable("JUG", quantity=10)
    Product.objects.filter(sku="MUG").update(barcode="4006381333931", weight_grams=350, name="Blue mug")
    Product.objects.filter(sku="TEA").update(weight_grams=120, name="Green tea")
    page.set_viewport_size({"width": 1180, "height": 820})
    # Headless there is no printer, and Chromium's viewer of documents within a page does not always survive.
    page.add_init_script("localStorage.setItem('bench prints', 'no')")
    log_in(page, live_server_process.url, "warehouse")
    expect(page.locator("#nav-sidebar-apps").get_by_text("Bench", exact=True)).to_have_count(1)
    return page


def visit(page: Page, base: str, name: str, *args: object) -> None:
    page.goto(base + reverse(f"admin:{name}", args=args))


def test_a_list_is_walked_with_a_scanner(shop: Page, live_server_process: Any) -> None:
    first, second = paid(("MUG", 2), ("TEA", 1)), paid(("MUG", 1))
    visit(shop, live_server_process.url, "orders_picklist_changelist")
    expect(shop.get_by_text("2 orders wait")).to_be_visible()
    photograph(shop, "pick-lists")
    shop.get_by_role("button", name="List of 10").click()
    expect(shop.locator("#wb-code")).to_be_focused()
    scan(shop, "4006381333931")
    said(shop, f"MUG for {first.number}")
    scan(shop, "JUG")
    said(shop, "JUG is not on this list.")
    expect(shop.locator("html")).to_have_attribute("data-sounded", "wrong")
    expect(shop.locator("[data-counted]")).to_have_text("1 of 4 picked")
    scan(shop, "mug")
    said(shop, f"MUG for {first.number}")
    photograph(shop, "picking")
    shop.locator("[data-sku=TEA] [data-missing]").click()
    shop.get_by_role("button", name="Damaged").click()
    said(shop, "1 of TEA short.")
    expect(shop.get_by_role("link", name="Count the shelf")).to_be_visible()
    expect(shop.locator("#wb-code")).to_be_focused()
    scan(shop, "MUG")
    said(shop, "is picked. Bring it to the bench.")
    found = PickList.objects.get()
    assert (found.state, ShortPick.objects.get().reason) == ("done", "damaged")
    assert sorted(found.tasks.values_list("sku", "order", "picked", "short")) == [
        ("MUG", first.pk, 2, 0), ("MUG", second.pk, 1, 0), ("TEA", first.pk, 0, 1),
    ]  # fmt: skip
    assert printed(shop, "Print") == (200, b"%PDF-")


def test_an_order_is_packed_in_four_actions(shop: Page, live_server_process: Any) -> None:
    order = paid(("MUG", 2))
    visit(shop, live_server_process.url, "orders_bench")
    expect(shop.locator("#wb-code")).to_be_focused()
    scan(shop, order.number)
    expect(shop.locator("[data-number]")).to_have_text(order.number)
    photograph(shop, "bench")
    scan(shop, "4006381333931")
    scan(shop, "4006381333931")
    expect(shop.locator("[data-prompt]")).to_have_text("Weight in grams, about 700")
    scan(shop, "740")
    said(shop, f"{order.number}-1 is packed.")
    photograph(shop, "bench-packed")
    package = Shipment.objects.get()
    assert (fresh(order).status, package.weight_grams, package.lines.get().quantity) == ("packed", 740, 2)
    for name in ("Packing slip", "Label"):
        assert printed(shop, name) == (200, b"%PDF-")
    expect(shop.locator("[data-enter]")).to_have_text("Next order")


def test_what_is_wrong_is_heard_and_seen_and_counts_nothing(shop: Page, live_server_process: Any) -> None:
    order = paid(("MUG", 1), ("TEA", 1))
    visit(shop, live_server_process.url, "orders_bench")
    shop.keyboard.press("Enter")
    expect(shop.locator("[data-number]")).to_have_text(order.number)
    for code, sentence in (("JUG", "JUG does not belong"), ("", "")):
        if code:
            scan(shop, code)
            said(shop, sentence)
    expect(shop.locator("html")).to_have_attribute("data-sounded", "wrong")
    expect(shop.locator("[data-order] [data-counted]")).to_have_text("0 of 2")
    photograph(shop, "bench-wrong")
    scan(shop, "MUG")
    scan(shop, "MUG")
    said(shop, "All of MUG is counted already. Put this one back.")
    expect(shop.locator("[data-order] [data-counted]")).to_have_text("1 of 2")
    shop.reload()
    scan(shop, order.number)
    expect(shop.locator("[data-order] [data-counted]")).to_have_text("1 of 2")
    assert not Shipment.objects.exists()


def test_an_order_goes_into_two_packages_and_what_is_missing_stays_open(shop: Page, live_server_process: Any) -> None:
    order, following = paid(("MUG", 2), ("TEA", 1)), paid(("JUG", 1))
    visit(shop, live_server_process.url, "orders_bench")
    scan(shop, order.number)
    scan(shop, "MUG")
    shop.get_by_role("button", name="Pack what is counted").click()
    scan(shop, "400")
    said(shop, "2 left for the next package.")
    scan(shop, "TEA")
    shop.locator("[data-lines] li", has_text="MUG").locator("[data-missing]").click()
    shop.get_by_role("button", name="Missing").click()
    said(shop, "1 of MUG short.")
    scan(shop, "")
    said(shop, f"{order.number}-2 is packed. 1 left for the next package.")
    assert list(Shipment.objects.order_by("pk").values_list("weight_grams", flat=True)) == [400, None]
    assert (fresh(order).fulfillment_status, ShortPick.objects.get().line.sku) == ("partially_packed", "MUG")
    shop.get_by_role("button", name="Put aside").click()
    scan(shop, "")
    expect(shop.locator("[data-number]")).to_have_text(following.number)


def test_a_stack_of_packages_is_shipped_with_a_result_for_each(shop: Page, live_server_process: Any) -> None:
    order = paid(("MUG", 1))
    visit(shop, live_server_process.url, "orders_bench")
    scan(shop, order.number)
    scan(shop, "MUG")
    scan(shop, "360")
    said(shop, "is packed.")
    shop.get_by_role("link", name="Ship packages").last.click()
    shop.fill("input[name=carrier]", "DHL")
    shop.fill("textarea[name=tracking]", f"{order.number}-1\t00340434161094042557\nW9-1 123")
    shop.get_by_role("button", name="Ship these packages").click()
    expect(shop.get_by_text("1 of 2 shipped")).to_be_visible()
    expect(shop.get_by_text("There is no such package.")).to_be_visible()
    photograph(shop, "shipped")
    assert Order.objects.get().status == "shipped"
    assert Shipment.objects.get().tracking_number == "00340434161094042557"
    assert Warehouse.objects.count() == 1
