import lzma
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Partner
from audit.doctor import examine
from config.replay.sales import BY, PARTNER, WAREHOUSE, Tally, replay, set_up_shop
from config.replay.sales_file import COLUMNS, read_invoices
from inventory.models import StockLevel
from inventory.services import create_warehouse
from orders.models import Order, Return
from orders.states import Status

LEDGER = """\
536365,85123A,CREAM HOLDER,6,2010-12-01 08:26:00,2.55,17850,United Kingdom
536365,71053,LANTERN,2,2010-12-01 08:26:00,3.39,17850,United Kingdom
536365,POST,POSTAGE,1,2010-12-01 08:26:00,18.00,17850,United Kingdom
536366,71053,LANTERN,4,2010-12-01 08:28:00,3.00,,EIRE
536367,22139,,56,2010-12-01 08:30:00,0.00,,United Kingdom
C536368,71053,LANTERN,-1,2010-12-02 09:00:00,3.39,17850,United Kingdom
C536369,85123A,CREAM HOLDER,-9,2010-12-02 09:10:00,2.55,17850,United Kingdom
C536370,71053,LANTERN,-1,2010-12-02 09:20:00,3.39,,United Kingdom
A563185,B,Adjust bad debt,1,2011-08-12 14:50:00,11062.06,,United Kingdom
536371,71053,LANTERN,abc,2010-12-02 10:00:00,3.39,17850,United Kingdom
536372,71053,LANTERN,-3,2010-12-02 10:00:00,3.39,17850,United Kingdom
536373,71053,LANTERN,2,yesterday,3.39,17850,United Kingdom
536374,71053
"""


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.csv"
    path.write_text(",".join(COLUMNS) + "\n" + LEDGER)
    return path


def run(path: Path, *options: str) -> str:
    out = StringIO()
    call_command("replay_sales", str(path), "--no-wait", *options, stdout=out, stderr=StringIO())
    return out.getvalue()


@pytest.mark.django_db
def test_each_invoice_becomes_a_delivered_order_and_each_credit_note_a_return(ledger: Path) -> None:
    run(ledger)
    first, second = Order.objects.order_by("id")
    assert (first.reference, first.status, first.currency, str(first.subtotal)) == (
        "536365",
        "delivered",
        "GBP",
        "22.0800",
    )
    assert [(line.sku, line.quantity, line.returned) for line in first.lines.all()] == [
        ("85123A", 6, 6),
        ("71053", 2, 1),
    ]
    assert first.user is not None
    assert first.user.email == "customer-17850@example.com"
    assert (second.user, second.addresses.get().country) == (None, "IE")
    assert first.created_at.isoformat() == "2010-12-01T08:26:00+00:00"
    assert Return.objects.count() == 2
    assert sum(StockLevel.objects.values_list("on_hand", flat=True)) == 7


@pytest.mark.django_db
def test_the_summary_says_what_was_left_out_and_why(ledger: Path) -> None:
    said = [line.split(maxsplit=1) for line in run(ledger).splitlines() if line.startswith("  ")]
    left_out = {why: int(count) for count, why in said}
    assert left_out["line: not goods (postage, fees, vouchers, corrections)"] == 1
    assert left_out["line: no price"] == 1
    assert left_out["line: quantity or price is not a number"] == 1
    assert left_out["line: a stock correction (quantity of the wrong sign)"] == 1
    assert left_out["line: not eight columns"] == 1
    assert left_out["invoice: no readable date"] == 1
    assert left_out["invoice: an adjustment, not a sale"] == 1
    assert left_out["invoice: no usable line"] == 3
    assert left_out["unit on a credit note: no order has it"] == 3
    assert left_out["credit note: no customer to match an order by"] == 1


@pytest.mark.django_db
def test_a_second_run_changes_nothing(ledger: Path) -> None:
    run(ledger)
    before = list(Order.objects.order_by("id").values_list("id", "version"))
    run(ledger)
    assert list(Order.objects.order_by("id").values_list("id", "version")) == before
    assert Return.objects.count() == 2
    assert sum(StockLevel.objects.values_list("on_hand", flat=True)) == 7


@pytest.mark.django_db
@pytest.mark.parametrize("stop_after", [0, 1, 2])
def test_a_run_that_was_stopped_goes_on_where_it_was(ledger: Path, stop_after: int) -> None:
    tally, partner = Tally(), Partner.objects.create(name=PARTNER)
    create_warehouse(code=WAREHOUSE, name="Main", by=BY)
    set_up_shop(read_invoices(ledger, tally.skipped), tally)
    for invoice in read_invoices(ledger, tally.skipped, stop_after):
        replay(invoice, partner, tally)
    run(ledger)
    assert [order.status for order in Order.objects.all()] == [Status.DELIVERED] * 2
    assert [finding for finding in examine() if finding.invariant.name != "events.delivered"] == []


@pytest.mark.django_db
def test_only_the_first_invoices_when_asked(ledger: Path) -> None:
    run(ledger, "--invoices", "1")
    assert Order.objects.values_list("reference", flat=True).get() == "536365"


@pytest.mark.django_db
@pytest.mark.parametrize("content", ["", "a,b\n", "\x00\xff"])
def test_what_is_no_ledger_is_refused_in_one_sentence(tmp_path: Path, content: str) -> None:
    path = tmp_path / "other.csv"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(CommandError):
        run(path)
    assert not Order.objects.exists()


@pytest.mark.django_db
def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        run(tmp_path / "none.csv.xz")


def test_reads_compressed_ledgers_too(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv.xz"
    path.write_bytes(lzma.compress((",".join(COLUMNS) + "\n" + LEDGER).encode()))
    tally = Tally()
    assert len(list(read_invoices(path, tally.skipped))) == 5
