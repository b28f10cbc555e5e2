"""From the shelf to the customer and back to the shelf: clicks and scans alone, on a tablet."""

from playwright.sync_api import Page, expect

from inventory.models import StockLevel
from orders.models import Order, PickList, Return, ReturnUnit, Shipment
from orders.tests.factories import TESTS, fresh, place
from payments.services import record_manual_payment
from tests.browser.office import TABLET, Office, overflow
from tests.browser.scanner import MUG, said, scan, shelf, walk_to, worker
from tests.browser.test_order_page import confirm, menu, window
from tests.browser.test_returns_desk import one_is_new_and_one_is_scrap

TRACKING = "00340434161094042557"


def fetch(page: Page) -> None:
    walk_to(page, "Pick lists")
    page.get_by_role("button", name="List of 10").click()
    for code in (MUG, MUG, "TEA"):
        scan(page, code)
    said(page, "is picked. Bring it to the bench.")
    page.keyboard.press("Enter")


def pack(page: Page, order: Order) -> None:
    """The list that is done has put the way to the bench under Enter."""
    expect(page.locator("[data-prompt]")).to_have_text("Scan or type an order")
    for code in (order.number, MUG, "TEA", MUG, "870"):
        scan(page, code)
    said(page, f"{order.number}-1 is packed.")


def ship(page: Page, package: str) -> None:
    page.get_by_role("link", name="Ship packages").last.click()
    page.locator("input[name=carrier]").click()
    page.keyboard.type("DHL")
    page.locator("textarea[name=tracking]").click()
    page.keyboard.type(f"{package} ")
    scan(page, TRACKING)
    page.get_by_role("button", name="Ship these packages").click()
    expect(page.get_by_text("1 of 1 shipped")).to_be_visible()


def deliver_and_announce(page: Page, package: str) -> None:
    """On the page of the order: it has arrived, and the customer on the telephone sends the mugs back."""
    page.get_by_role("link", name=package).click()
    page.locator(f"#package-{package} [data-verb=deliver]").click()
    confirm(page, "Delivered.")
    menu(page, "request_return")
    window(page).locator("input[type=number]").first.fill("2")
    confirm(page, "The return is registered.")
    page.locator(".wb-head-verbs .wb-primary").click()
    confirm(page, "The return is approved.")


def take_back(office: Office, page: Page, number: str) -> None:
    """One mug goes back on its shelf, the other is broken."""
    walk_to(page, "Returns desk")
    expect(page.get_by_label("Scan a return or an order")).to_be_focused()
    scan(page, number)
    one_is_new_and_one_is_scrap(office, page, on_hand=8)
    page.get_by_role("button", name="Receive", exact=True).click()
    expect(page.get_by_text(f"Return {number} is received.")).to_be_visible()


def test_an_order_goes_out_and_half_of_it_comes_back(office: Office) -> None:
    shelf()
    order = place(("MUG", 2), ("TEA", 1))
    record_manual_payment(order_id=order.pk, by=TESTS)
    page = worker(office, width=TABLET)
    page.goto("/admin/")
    fetch(page)
    pack(page, order)
    ship(page, f"{order.number}-1")
    deliver_and_announce(page, f"{order.number}-1")
    take_back(office, page, f"{order.number}-R1")
    expect(page.locator(".wb-arithmetic .wb-grand")).to_contain_text("24.00 EUR")
    expect(page.get_by_text("Customer service gives it back.")).to_be_visible()
    assert overflow(page) == 0

    order, package = fresh(order), Shipment.objects.get()
    assert (order.fulfillment_status, order.return_status) == ("delivered", "partially_returned")
    assert (package.status, package.tracking_number, package.weight_grams) == ("delivered", TRACKING, 870)
    assert (PickList.objects.get().state, Return.objects.get().status) == ("done", "received")
    assert sorted(ReturnUnit.objects.values_list("disposition", "quantity")) == [("restock", 1), ("scrap", 1)]
    shelves = dict(StockLevel.objects.values_list("item__sku", "on_hand"))
    assert shelves == {"MUG": 9, "TEA": 9, "JUG": 10}
