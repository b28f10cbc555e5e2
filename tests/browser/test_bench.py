"""A day at the bench, by scans: a list is walked, an order packed, weighed and shipped."""

import pytest
from playwright.sync_api import Page, expect

from inventory.models import Warehouse
from orders.models import Order, PickList, Shipment, ShortPick
from orders.tests.factories import fresh, paid
from tests.browser.office import Office
from tests.browser.pictures import photograph
from tests.browser.scanner import MUG, printed, said, scan, shelf, worker

LISTS = "/admin/orders/picklist/"
BENCH = f"{LISTS}bench/"


@pytest.fixture
def page(office: Office) -> Page:
    """Somebody of the warehouse with a tablet, and a shelf with mugs, tea and jugs."""
    shelf()
    return worker(office)


def test_a_list_is_walked_with_a_scanner(office: Office, page: Page) -> None:
    first, second = paid(("MUG", 2), ("TEA", 1)), paid(("MUG", 1))
    page.goto(LISTS)
    expect(page.get_by_text("2 orders wait")).to_be_visible()
    photograph(page, "warehouse/pick-lists")
    page.get_by_role("button", name="List of 10").click()
    expect(page.locator("#wb-code")).to_be_focused()
    scan(page, MUG)
    said(page, f"MUG for {first.number}")
    scan(page, "mug")
    said(page, f"MUG for {first.number}")
    expect(page.locator("[data-counted]")).to_have_text("2 of 4 picked")
    photograph(page, "warehouse/picking")
    page.locator("[data-sku=TEA] [data-missing]").click()
    photograph(page, "warehouse/short")
    page.get_by_role("button", name="Damaged").click()
    said(page, "1 of TEA short.")
    expect(page.get_by_role("link", name="Count the shelf")).to_be_visible()
    expect(page.locator("#wb-code")).to_be_focused()
    scan(page, "MUG")
    said(page, "is picked. Bring it to the bench.")
    found = PickList.objects.get()
    assert (found.state, ShortPick.objects.get().reason) == ("done", "damaged")
    assert sorted(found.tasks.values_list("sku", "order", "picked", "short")) == [
        ("MUG", first.pk, 2, 0), ("MUG", second.pk, 1, 0), ("TEA", first.pk, 0, 1),
    ]  # fmt: skip
    assert printed(page, "Print") == (200, b"%PDF-")


def test_what_is_not_on_the_list_is_heard_and_counts_nothing(office: Office, page: Page) -> None:
    office.foresee("/pick/")
    paid(("MUG", 1))
    page.goto(LISTS)
    page.get_by_role("button", name="List of 10").click()
    scan(page, "JUG")
    said(page, "JUG is not on this list.")
    expect(page.locator("html")).to_have_attribute("data-sounded", "wrong")
    expect(page.locator("[data-counted]")).to_have_text("0 of 1 picked")


def test_an_order_is_packed_in_four_actions(office: Office, page: Page) -> None:
    order = paid(("MUG", 2), ("TEA", 1))
    page.goto(BENCH)
    expect(page.locator("#wb-code")).to_be_focused()
    scan(page, order.number)
    expect(page.locator("[data-number]")).to_have_text(order.number)
    scan(page, "TEA")
    scan(page, MUG)
    said(page, "MUG 1 of 2")
    photograph(page, "warehouse/bench")
    scan(page, MUG)
    expect(page.locator("[data-prompt]")).to_have_text("Weight in grams, about 820")
    scan(page, "860")
    said(page, f"{order.number}-1 is packed.")
    photograph(page, "warehouse/bench-packed")
    package = Shipment.objects.get()
    assert (fresh(order).status, package.weight_grams) == ("packed", 860)
    assert sorted(package.lines.values_list("line__sku", "quantity")) == [("MUG", 2), ("TEA", 1)]
    for name in ("Packing slip", "Label"):
        assert printed(page, name) == (200, b"%PDF-")
    expect(page.locator("[data-enter]")).to_have_text("Next order")


def test_what_is_wrong_is_heard_and_seen_and_counts_nothing(office: Office, page: Page) -> None:
    order = paid(("MUG", 1), ("TEA", 1))
    page.goto(BENCH)
    page.keyboard.press("Enter")
    expect(page.locator("[data-number]")).to_have_text(order.number)
    scan(page, "JUG")
    said(page, "JUG does not belong")
    expect(page.locator("html")).to_have_attribute("data-sounded", "wrong")
    expect(page.locator("[data-order] [data-counted]")).to_have_text("0 of 2")
    photograph(page, "warehouse/bench-wrong")
    scan(page, "MUG")
    scan(page, "MUG")
    said(page, "All of MUG is counted already. Put this one back.")
    expect(page.locator("[data-order] [data-counted]")).to_have_text("1 of 2")
    page.reload()
    scan(page, order.number)
    expect(page.locator("[data-order] [data-counted]")).to_have_text("1 of 2")
    assert not Shipment.objects.exists()


def test_an_order_goes_into_two_packages_and_what_is_missing_stays_open(office: Office, page: Page) -> None:
    order, following = paid(("MUG", 2), ("TEA", 1)), paid(("JUG", 1))
    page.goto(BENCH)
    scan(page, order.number)
    scan(page, "MUG")
    page.get_by_role("button", name="Pack what is counted").click()
    scan(page, "400")
    said(page, "2 left for the next package.")
    scan(page, "TEA")
    page.locator("[data-lines] li", has_text="MUG").locator("[data-missing]").click()
    page.get_by_role("button", name="Missing").click()
    said(page, "1 of MUG short.")
    scan(page, "")
    said(page, f"{order.number}-2 is packed. 1 left for the next package.")
    assert list(Shipment.objects.order_by("pk").values_list("weight_grams", flat=True)) == [400, None]
    assert (fresh(order).fulfillment_status, ShortPick.objects.get().line.sku) == ("partially_packed", "MUG")
    page.get_by_role("button", name="Put aside").click()
    scan(page, "")
    expect(page.locator("[data-number]")).to_have_text(following.number)


def test_a_stack_of_packages_is_shipped_with_a_result_for_each(office: Office, page: Page) -> None:
    order = paid(("MUG", 1))
    page.goto(BENCH)
    scan(page, order.number)
    scan(page, "MUG")
    scan(page, "360")
    said(page, "is packed.")
    page.get_by_role("link", name="Ship packages").last.click()
    page.fill("input[name=carrier]", "DHL")
    page.fill("textarea[name=tracking]", f"{order.number}-1\t00340434161094042557\nW9-1 123")
    page.get_by_role("button", name="Ship these packages").click()
    expect(page.get_by_text("1 of 2 shipped")).to_be_visible()
    expect(page.get_by_text("There is no such package.")).to_be_visible()
    photograph(page, "warehouse/shipped")
    assert Order.objects.get().status == "shipped"
    assert Shipment.objects.get().tracking_number == "00340434161094042557"
    assert Warehouse.objects.count() == 1
