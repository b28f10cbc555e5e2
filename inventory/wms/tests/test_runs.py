import pytest

from inventory.tests.checks import counters
from inventory.tests.factories import TESTS, WarehouseFactory, stock
from inventory.wms.base import Unclear
from inventory.wms.folders import Folder
from inventory.wms.models import WmsRun
from inventory.wms.rest import _cursor
from inventory.wms.runs import open_run, perform_runs
from inventory.wms.tests.links import LINK, at


@pytest.mark.django_db(transaction=True)
def test_a_link_that_breaks_says_why_and_the_others_are_asked(tmp_path, settings):
    url = f"file://{tmp_path}"
    settings.WMS_LINKS = {
        "odd": LINK | {"adapter": "inventory.wms.tests.links.OddAdapter", "warehouses": {"ODD": "ODD"}},
        "main": LINK | {"adapter": "inventory.wms.files.FilesAdapter", "url": url},
    }
    level = stock("MUG", 20, warehouse=WarehouseFactory(code="MAIN"))
    said = f"sku,warehouse,on_hand,as_of\nMUG,MAIN,18,{at(1).isoformat()}\n"
    Folder(url).write("in/000001-stock.csv", said.encode())
    for link in ("odd", "main"):
        open_run(link=link, kind="changes", by=TESTS)
    assert perform_runs() == 2
    assert WmsRun.objects.get(link="odd").error == "ZeroDivisionError: odd "
    assert WmsRun.objects.get(link="main").error == ""
    assert not WmsRun.objects.filter(finished_at=None).exists()
    assert counters(level) == (18, 0)


@pytest.mark.parametrize("value", [7, "x" * 501, "a\x00", "a\ud800", "\udfff"])
def test_a_cursor_that_cannot_be_kept_is_unclear(value):
    with pytest.raises(Unclear):
        _cursor(value)
