"""An order from money to a returned parcel, by clicks."""

import re

from playwright.sync_api import Locator, Page, expect

from inventory.models import StockLevel
from orders.models import Order, Return, Shipment
from orders.tests.factories import buyable, fresh, paid, place
from tests.browser.office import Office


def window(page: Page) -> Locator:
    return page.locator("#wb-window")


def confirm(page: Page, done: str) -> None:
    """Press the window's main button and wait for the page that says it is done."""
    window(page).locator("button[name=intent]").click()
    expect(page.get_by_text(done, exact=True)).to_be_visible()


def menu(page: Page, verb: str) -> None:
    page.locator(".wb-menu summary").click()
    page.locator(f".wb-menu-list [data-verb={verb}]").click()


def test_from_payment_to_a_returned_parcel(office: Office) -> None:
    buyable("MUG", quantity=10, price="10.00")
    order = place(("MUG", 3))
    page = office.signed_in()
    page.goto("/admin/")

    page.locator(".wb-stagebar").get_by_text("To pay").click()
    page.get_by_role("link", name=order.number).click()
    expect(page.locator(".wb-head .wb-pill").first).to_have_text("Pending")

    page.locator(".wb-head-verbs .wb-primary").click()
    expect(window(page).locator(".wb-rehearsal")).to_contain_text(re.compile(r"Stage\s*Pending\s*→\s*Paid"))
    confirm(page, "The payment is recorded.")

    page.locator(".wb-head-verbs .wb-primary").click()
    window(page).locator("input[type=number]").fill("1")
    window(page).locator("input[type=number]").press("Tab")
    expect(window(page).locator(".wb-rehearsal")).to_contain_text(re.compile(r"MUG packed\s*0\s*→\s*1"))
    confirm(page, "Packed.")
    expect(page.locator(".wb-stages")).to_contain_text("1 of 3")

    package = Shipment.objects.get()
    card = page.locator(f"#package-{package.number}")
    card.locator("[data-verb=ship]").click()
    window(page).locator("input[name=carrier]").fill("DHL")
    window(page).locator("input[name=tracking_number]").fill("00340434161094042557")
    window(page).locator("input[name=tracking_number]").press("Tab")
    expect(window(page).locator(".wb-rehearsal")).to_contain_text("DHL 00340434161094042557")
    confirm(page, "Handed to the carrier.")
    card.locator("[data-verb=deliver]").click()
    confirm(page, "Delivered.")

    menu(page, "request_return")
    window(page).locator("input[type=number]").fill("1")
    confirm(page, "The return is registered.")
    page.locator(".wb-head-verbs .wb-primary").click()
    confirm(page, "The return is approved.")
    page.locator(".wb-head-verbs .wb-primary").click()
    expect(window(page).locator(".wb-rehearsal")).to_contain_text(re.compile(r"on hand\s*9\s*→\s*10"))
    confirm(page, "The return is received.")

    order = fresh(order)
    package.refresh_from_db()
    assert (order.status, order.payment_status, order.return_status) == ("paid", "paid", "partially_returned")
    assert (package.status, package.carrier, package.tracking_number) == ("delivered", "DHL", "00340434161094042557")
    assert (Return.objects.get().status, StockLevel.objects.get().on_hand) == ("received", 10)


def test_many_orders_are_packed_from_their_queue(office: Office) -> None:
    buyable("MUG", quantity=10)
    first, second, left = paid(), paid(), paid()
    page = office.signed_in("warehouse")
    page.goto("/admin/")
    page.locator(".wb-stagebar").get_by_text("To pack").click()
    for order in (first, second):
        page.get_by_role("row", name=order.number).locator("input.action-select").check()
    page.locator(".wb-bulkbar").get_by_role("button", name="Pack").click()
    expect(page.locator(".wb-outcome-ready")).to_have_count(2)
    page.get_by_role("button", name="Pack: 2 orders").click()
    expect(page.locator(".wb-outcome-done")).to_have_count(2)
    assert [fresh(order).status for order in (first, second, left)] == ["packed", "packed", "paid"]


def test_what_is_refused_is_greyed_and_the_timeline_is_filtered(office: Office) -> None:
    buyable("MUG")
    order = place()
    page = office.signed_in("customer_service")
    page.goto(f"/admin/orders/order/?q={order.number}")
    expect(page.locator(".wb-title")).to_have_text(order.number)
    page.locator(".wb-menu summary").click()
    greyed = page.locator(".wb-menu-list .wb-off[data-verb=request_return]")
    expect(greyed).to_contain_text("Nothing has been delivered that could be returned.")
    assert page.locator("[data-verb=pack]").count() == 0

    facts = page.locator(".wb-kind-fact")
    expect(facts.first).to_be_visible()
    page.locator(".wb-chip[data-kind=fact]").click()
    expect(facts.first).to_be_hidden()
    assert Order.objects.get().status == "pending"
