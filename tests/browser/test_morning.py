"""What a morning begins with: exceptions, numbers of the WMS that nobody believed, goods that have arrived."""

from typing import Any

from playwright.sync_api import Page, expect

from audit.exceptions.models import ExceptionCase
from audit.exceptions.services import Subject, raise_case
from inventory.models import StockLevel, Transfer
from inventory.tests.factories import WarehouseFactory, stock
from inventory.transfers.services import send_transfer
from inventory.wms.apply import apply_facts
from inventory.wms.links import link_named
from inventory.wms.models import WmsDifference, WmsRun
from inventory.wms.tests.links import LINK, at, says
from orders.tests.factories import TESTS, buyable, paid
from tests.browser.office import DESK, TABLET, Office
from tests.browser.pictures import photograph
from tests.browser.scanner import walk_to, worker

QUEUE = "/admin/audit/exceptioncase/"


def raised(kind: str, quantity: int = 1) -> ExceptionCase:
    order = paid(("MUG", quantity))
    subject = Subject("orders.order", str(order.pk), order.number, ("W1",))
    return raise_case(kind=kind, subject=subject, by=TESTS)


def press(page: Page, case: ExceptionCase, verb: str) -> None:
    """A verb of the page of one exception, and the button of the page that asks."""
    page.goto(f"{QUEUE}{case.pk}/change/")
    page.get_by_role("link", name=verb).click()


def finish(page: Page, verb: str, says: str) -> None:
    page.get_by_role("button", name=verb, exact=True).click()
    expect(page.get_by_text("1 done")).to_be_visible()
    expect(page.locator(".wb-table")).to_contain_text(says)


def test_an_exception_is_taken_put_off_and_resolved(office: Office) -> None:
    WarehouseFactory(code="W1"), buyable("MUG", quantity=10)
    first, second = raised("late_to_ship"), raised("carrier_exception")
    page = worker(office, width=DESK)
    page.goto(QUEUE)
    expect(page.get_by_role("link", name=first.label)).to_be_visible()
    press(page, first, "Take")
    finish(page, "Take", "It is yours.")
    page.goto(QUEUE)
    photograph(page, "warehouse/exceptions")
    page.get_by_role("link", name="Mine").click()
    expect(page.locator("#result_list tbody")).to_have_count(1)
    press(page, first, "Snooze")
    page.locator("select[name=until]").select_option("tomorrow")
    finish(page, "Snooze", "Put off.")
    press(page, second, "Resolve")
    page.get_by_role("button", name="Resolve", exact=True).click()
    expect(page.get_by_text("This field is required.")).to_be_visible()
    page.locator("textarea[name=note]").fill("DHL brings it tomorrow.")
    finish(page, "Resolve", "Resolved.")
    first.refresh_from_db(), second.refresh_from_db()
    assert (first.owner_id is not None, first.snoozed_until is not None, first.resolved_at) == (True, True, None)
    assert (second.resolution, second.resolved_at is not None) == ("DHL brings it tomorrow.", True)


def on_hand(code: str) -> int:
    return StockLevel.objects.get(warehouse__code=code).on_hand


def test_a_number_of_the_wms_is_approved_as_it_was_shown(office: Office, settings: Any) -> None:
    settings.WMS_LINKS = {"main": LINK}
    stock("MUG", 60, warehouse=WarehouseFactory(code="MAIN"))
    run = WmsRun.objects.create(link="main", kind="changes", started_by="system:beat")
    apply_facts(link=link_named("main"), facts=[says(5, at(1))], cause="wms:tests", by=TESTS, run_id=run.pk)
    page = worker(office, width=DESK)
    page.goto("/admin/")
    walk_to(page, "Quarantine")
    expect(page.locator("#result_list")).to_contain_text("Drop beyond tolerance")
    photograph(page, "warehouse/quarantine")
    page.get_by_role("link", name="MUG").click()
    page.get_by_role("link", name="Approve").click()
    expect(page.get_by_text("60 → 5").first).to_be_visible()
    assert on_hand("MAIN") == 60
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("The number is taken over.")).to_be_visible()
    assert (on_hand("MAIN"), WmsDifference.objects.get().state) == (5, "approved")


def test_goods_are_received_as_they_were_counted(office: Office) -> None:
    stock("MUG", 10, warehouse=WarehouseFactory(code="MAIN", name="Main warehouse"))
    WarehouseFactory(code="NORTH", name="North warehouse")
    sent = send_transfer(from_code="MAIN", to_code="NORTH", lines={"MUG": 4}, by=TESTS)
    page = worker(office, width=TABLET)
    page.goto("/admin/")
    walk_to(page, "Transfers")
    page.get_by_role("link", name=sent.number).click()
    page.get_by_role("link", name="Receive").click()
    page.locator("textarea[name=counted]").fill("MUG 3")
    page.locator("input[name=loss_reason]").fill("One broke on the way.")
    photograph(page, "warehouse/transfer")
    page.get_by_role("button", name="Receive").click()
    expect(page.get_by_text(f"{sent.number} has arrived.")).to_be_visible()
    assert (Transfer.objects.get().state, on_hand("NORTH"), on_hand("MAIN")) == ("received", 3, 6)
