"""A hundred thousand products over real HTTP: statements and memory."""

import resource
import sys

import pytest
from django.db import connection

from inventory.models import StockItem, StockLevel
from inventory.tests.factories import TESTS, WarehouseFactory
from inventory.wms.models import WmsRun
from inventory.wms.runs import open_run, perform_runs
from sandbox.testing import start_sandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]
MANY = 100_000
PAGE = 1000


def counted(sandbox, on_hand):
    for start in range(0, MANY, 20_000):
        items = [{"warehouse": "MAIN", "sku": f"S{n:06}", "on_hand": on_hand} for n in range(start, start + 20_000)]
        sandbox.ask("POST", "/wms/books", {"items": items})


def run(kind):
    """The run, and how many statements it took: counted, since kept ones would take memory of their own."""
    count = 0

    def counting(execute, *args):
        nonlocal count
        count += 1
        return execute(*args)

    open_run(link="main", kind=kind, by=TESTS)
    with connection.execute_wrapper(counting):
        perform_runs()
    return WmsRun.objects.latest("pk"), count


def record(said):
    """Shown with `-s`."""
    sys.stdout.write(f"{said}\n")


def test_a_hundred_thousand_products_take_few_statements_and_little_memory(tmp_path, settings):
    WarehouseFactory(code="MAIN")
    StockItem.objects.bulk_create((StockItem(sku=f"S{n:06}") for n in range(MANY)), batch_size=5000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with start_sandbox(home=tmp_path, shop_url="") as sandbox:
        settings.WMS_LINKS = {"main": sandbox.wms_link()}
        for on_hand, changed in ((40, MANY), (38, MANY), (38, 0)):
            counted(sandbox, on_hand)
            found, statements = run("snapshot")
            assert (found.rows, found.changed, found.error) == (MANY, changed, "")
            took = (found.finished_at - found.started_at).total_seconds()
            per_page = statements / (MANY / PAGE)
            record(f"{changed} changed: {per_page:.2f} statements per 1,000 rows, {took:.1f} s")
            assert per_page <= 60
    used = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) / 1024
    record(f"at most {used:.0f} MB in all, {used - before / 1024:.0f} MB of it since the products were there")
    assert used < 512
    assert StockLevel.objects.filter(on_hand=38).count() == MANY
