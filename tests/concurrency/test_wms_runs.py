"""Runs of one link, asked for and done by many at once."""

import pytest
from django.db import connection

from inventory.tests.factories import TESTS, WarehouseFactory, stock
from inventory.wms import runs
from inventory.wms.files import FilesAdapter
from inventory.wms.models import WmsRun
from inventory.wms.tests.links import LINK, at
from tests.concurrency.racing import at_once, outcomes

pytestmark = pytest.mark.django_db(transaction=True)
SINGLE_FLIGHT = "wms_run_single_flight"


@pytest.fixture(autouse=True)
def link(settings, tmp_path):
    settings.WMS_LINKS = {
        "main": LINK | {"adapter": f"{FilesAdapter.__module__}.FilesAdapter", "url": f"file://{tmp_path}"}
    }
    stock("MUG", 20, warehouse=WarehouseFactory(code="MAIN"))
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "000001-stock.csv").write_text(f"sku,warehouse,on_hand,as_of\nMUG,MAIN,18,{at(1).isoformat()}\n")


def ask():
    return runs.open_run(link="main", kind="changes", by=TESTS)


def test_of_many_who_ask_one_opens_the_run():
    assert outcomes(at_once([ask] * 8)) == {"done": 1, "not_allowed_now": 7}
    assert WmsRun.objects.count() == 1


def test_of_many_who_perform_one_does_it():
    ask()
    assert sorted(at_once([runs.perform_runs] * 8)) == [0] * 7 + [1]
    run = WmsRun.objects.get()
    assert (run.rows, run.changed, run.error) == (1, 1, "")


def test_negative_control_without_the_constraint_many_runs_are_on_their_way():
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX IF EXISTS {SINGLE_FLIGHT}")
    try:
        assert outcomes(at_once([ask] * 8)) == {"done": 8}
    finally:
        # Each statement its own transaction: an index cannot be made beside unfinished deletions.
        WmsRun.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE UNIQUE INDEX {SINGLE_FLIGHT} ON inventory_wmsrun (link) WHERE finished_at IS NULL")


def test_who_lost_the_lease_writes_nothing_on():
    ask()
    mine = runs._claim()
    WmsRun.objects.update(leased_until=at(5))
    runs._perform(mine)
    run = WmsRun.objects.get()
    assert (run.rows, run.finished_at) == (0, None)
