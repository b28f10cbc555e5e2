"""A return from the scan of its barcode to the refund, by keys and clicks."""

import re

from playwright.sync_api import Page, expect

from inventory.models import StockLevel
from orders.models import Return
from orders.services import Wish, approve_return, deliver_shipment, pack_shipment, request_return, ship_shipment
from orders.tests.factories import TESTS, buyable, fresh, place
from payments.services import record_manual_payment
from tests.browser.office import Office
from tests.browser.pictures import photograph
from tests.browser.scanner import scan
from tests.browser.test_order_page import window


def approved_return() -> Return:
    buyable("MUG", quantity=10, price="10.00")
    order = place(("MUG", 3))
    record_manual_payment(order_id=order.pk, by=TESTS)
    package = pack_shipment(order_id=order.pk, by=TESTS)
    ship_shipment(shipment_id=package.pk, carrier="DHL", tracking_number="T1", by=TESTS)
    deliver_shipment(shipment_id=package.pk, by=TESTS)
    wishes = [Wish(order.lines.get().pk, 2, "changed_mind")]
    ret = request_return(order_id=order.pk, wishes=wishes, by=TESTS)
    return approve_return(return_id=ret.pk, by=TESTS)


def one_is_new_and_one_is_scrap(office: Office, page: Page, *, on_hand: int) -> None:
    """Two mugs of a return, as they came; until the page shows what receiving just this would do."""
    # What is typed on replaces a look that is still under way, and htmx calls that an error.
    office.foresee("htmx:afterRequest"), office.foresee("htmx:sendAbort")
    page.locator(".wb-kind").first.locator("input[type=number]").fill("1")
    page.get_by_text("Some came back differently").first.click()
    second = page.locator(".wb-kind").nth(1)
    second.locator("input[type=number]").fill("1")
    second.get_by_text("Damaged").click()
    second.get_by_text("Scrap").click()
    moves = re.compile(rf"MUG returned\s*0\s*→\s*2.*on hand\s*{on_hand}\s*→\s*{on_hand + 1}\D", re.DOTALL)
    expect(page.locator(".wb-rehearsal")).to_contain_text(moves)
    expect(page.locator(".wb-arithmetic")).to_contain_text("To refund")
    page.wait_for_load_state("networkidle")


def test_from_the_scan_to_the_refund(office: Office) -> None:
    ret = approved_return()
    page = office.signed_in(width=1180)
    page.goto("/admin/orders/return/desk/")
    expect(page.get_by_label("Scan a return or an order")).to_be_focused()
    photograph(page, "warehouse/returns-desk")
    scan(page, ret.number)
    expect(page.locator("h1.wb-title")).to_have_text(ret.number)
    one_is_new_and_one_is_scrap(office, page, on_hand=7)
    photograph(page, "warehouse/returns-receive", whole=True)
    page.get_by_role("button", name="Receive", exact=True).click()
    expect(page.get_by_text(f"Return {ret.number} is received.")).to_be_visible()
    assert StockLevel.objects.get().on_hand == 8
    photograph(page, "warehouse/returns-received")

    order = fresh(ret.order)
    owed = f"{order.lines.get().total * 2 / 3:.2f}"
    page.locator("[data-verb=refund]").click()
    expect(window(page).locator("input[name=amount]")).to_have_value(owed)
    window(page).locator("button[name=intent]").click()
    expect(page.get_by_text("The money is given back.", exact=True)).to_be_visible()
    assert f"{fresh(order).refunded_total:.2f}" == owed
