"""Files in a folder: here, on a real SFTP server, and in a bucket."""

import csv
import io

import boto3
import pytest
from moto import mock_aws

from inventory.tests.checks import counters
from inventory.tests.factories import TESTS, WarehouseFactory, stock
from inventory.wms.base import Away, BadSignature, Request
from inventory.wms.files import FilesAdapter
from inventory.wms.folders import Folder
from inventory.wms.models import WmsDifference, WmsEvent, WmsRun
from inventory.wms.runs import open_run, perform_runs
from inventory.wms.tests.links import LINK, at
from inventory.wms.tests.sftp import sftp_server

BODY = {
    "id": "key-1",
    "kind": "fulfil",
    "version": 3,
    "order": "W1",
    "warehouse": "MAIN",
    "ship_to": {"last_name": "=HYPERLINK(1)", "city": "Berlin", "country": "DE"},
    "lines": [{"line": 1, "sku": "MUG", "quantity": 2}, {"line": 2, "sku": "CUP", "quantity": 1}],
}
PACKAGES = "shipment,order,warehouse,carrier,tracking_number,shipped_at,line,sku,quantity"


@pytest.fixture(params=["file", "sftp", "s3"])
def url(request, tmp_path, monkeypatch):
    if request.param == "file":
        yield f"file://{tmp_path}"
    elif request.param == "sftp":
        with sftp_server(tmp_path) as address:
            yield address
    else:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "testing")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        with mock_aws():
            boto3.client("s3").create_bucket(Bucket="dropped")
            yield "s3://dropped/wms"


@pytest.fixture
def folder(url):
    return Folder(url)


def adapter(url):
    return FilesAdapter(name="main", url=url, key_id="main", secrets=())


def table(*rows):
    return "\n".join(["sku,warehouse,on_hand,as_of", *rows]).encode()


def test_a_thousand_rows_are_a_page_and_a_file_moves_when_its_last_is_taken(url, folder):
    folder.write("in/000001-stock.csv", table(*(f"S{n},MAIN,{n},2030-01-01T00:00:00Z" for n in range(1500))))
    folder.write("in/000002-stock.csv", table("MUG,MAIN,5,2030-01-01T00:00:00Z"))
    reader = adapter(url)
    first = reader.changes("")
    assert (len(first.facts), first.next, first.moves) == (1000, "000001-stock.csv:1000", None)
    second = reader.changes(first.next)
    assert (len(second.facts), second.facts[-1].sku, second.next) == (500, "S1499", "000002-stock.csv:0")
    reader.settle(second)
    assert (folder.names("in"), folder.names("done")) == (["000002-stock.csv"], ["000001-stock.csv"])
    third = reader.changes(second.next)
    assert (third.facts[0].on_hand, third.next) == (5, "")


def test_a_file_is_read_once_for_all_its_pages_and_anew_where_a_run_broke_off(tmp_path):
    url = f"file://{tmp_path}"
    Folder(url).write("in/000001-stock.csv", table(*(f"S{n},MAIN,{n},2030-01-01T00:00:00Z" for n in range(2500))))
    reader = adapter(url)
    first = reader.changes("")
    # What is there now would be another table.
    Folder(url).write("in/000001-stock.csv", table())
    second = reader.changes(first.next)
    assert [fact.sku for fact in second.facts] == [f"S{n}" for n in range(1000, 2000)]
    assert reader.changes(first.next).facts == []


def test_a_request_written_twice_is_one_file_without_formulas(url, folder):
    request = Request("key-1", 42, "fulfil", BODY)
    assert adapter(url).push(request).reference == "000000000042-fulfil.csv"
    adapter(url).push(request)
    assert folder.names("out") == ["000000000042-fulfil.csv"]
    rows = [*csv.DictReader(io.StringIO(folder.read("out/000000000042-fulfil.csv").decode()))]
    assert [(row["order"], row["line"], row["sku"], row["quantity"]) for row in rows] == [
        ("W1", "1", "MUG", "2"),
        ("W1", "2", "CUP", "1"),
    ]
    assert (rows[0]["ship_to_last_name"], rows[0]["ship_to_city"]) == ("'=HYPERLINK(1)", "Berlin")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"a,b\n1,2\n", b"shipment,order\n"])
def test_a_file_that_cannot_be_read_is_put_aside(tmp_path, content):
    url = f"file://{tmp_path}"
    Folder(url).write("in/000001-stock.csv", content)
    page = adapter(url).changes("")
    assert page.problem.startswith("000001-stock.csv: ")
    adapter(url).settle(page)
    assert Folder(url).names("refused") == ["000001-stock.csv"]


@pytest.mark.parametrize(("name", "heading"), [("stock", PACKAGES), ("shipments", "sku,warehouse,on_hand,as_of")])
def test_a_file_with_the_heading_of_the_other_kind_is_put_aside(tmp_path, name, heading):
    url = f"file://{tmp_path}"
    Folder(url).write(f"in/000001-{name}.csv", f"{heading}\n{',1' * 4}\n".encode())
    page = adapter(url).changes("")
    assert (page.problem, page.facts, page.notices) == (f"000001-{name}.csv: columns are missing", (), ())
    adapter(url).settle(page)
    assert Folder(url).names("refused") == [f"000001-{name}.csv"]


def test_a_server_whose_key_is_unknown_is_not_spoken_to(tmp_path):
    with sftp_server(tmp_path) as url:
        (tmp_path / "known_hosts").write_text("")
        with pytest.raises(Away):
            Folder(url).names("in")


def test_a_server_that_is_not_there_is_away(tmp_path):
    (tmp_path / "known_hosts").write_text("")
    with pytest.raises(Away):
        Folder(f"sftp://user:pass@127.0.0.1:9/x?known_hosts={tmp_path / 'known_hosts'}").names("in")


def test_nobody_speaks_for_files_at_the_door(tmp_path):
    with pytest.raises(BadSignature):
        adapter(f"file://{tmp_path}").verify({}, b"")


@pytest.mark.django_db(transaction=True)
def test_a_run_takes_over_stock_and_packages_and_notes_what_it_cannot_read(tmp_path, settings):
    url = f"file://{tmp_path}"
    settings.WMS_LINKS = {"main": LINK | {"adapter": "inventory.wms.files.FilesAdapter", "url": url}}
    level = stock("MUG", 20, warehouse=WarehouseFactory(code="MAIN"))
    folder = Folder(url)
    folder.write("in/000001-stock.csv", table(f"MUG,MAIN,18,{at(1).isoformat()}", "MUG,MAIN,many,"))
    folder.write("in/000002-stock.csv", b"nothing")
    folder.write("in/000003-shipments.csv", f"{PACKAGES}\ns1,W1,MAIN,DHL,T1,{at(0).isoformat()},,MUG,2\n".encode())
    open_run(link="main", kind="changes", by=TESTS)
    assert perform_runs() == 1
    run = WmsRun.objects.get()
    assert (run.rows, run.changed, run.refused, run.error) == (2, 1, 2, "")
    assert counters(level) == (18, 0)
    assert WmsEvent.objects.get().content["lines"] == [{"line": None, "sku": "MUG", "quantity": 2}]
    assert WmsDifference.objects.filter(sku="000002-stock.csv: columns are missing").exists()
    assert (folder.names("in"), folder.names("refused")) == ([], ["000002-stock.csv"])
    assert folder.names("done") == ["000001-stock.csv", "000003-shipments.csv"]
