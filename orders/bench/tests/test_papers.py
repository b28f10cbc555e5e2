"""What is printed: read from the laid out pages, before they are compressed into a PDF."""

import base64
from pathlib import Path
from typing import Any

import pytest

from accounts.tests.factories import UserFactory, client_for, partner_client
from api import paper
from catalog.tests.factories import picture
from inventory.models import Warehouse
from kernel.errors import Unavailable
from orders.bench import papers
from orders.bench.lists import make_pick_list
from orders.models import PickTask, Shipment
from orders.services import cancel_shipment, pack_shipment, ship_shipment
from orders.tests.factories import TESTS, buyable, paid
from orders.tests.http import get, staff

pytestmark = pytest.mark.django_db


def words_of(box: Any) -> list[str]:
    own = [box.text] if hasattr(box, "text") else []
    return own + [word for child in getattr(box, "children", ()) for word in words_of(child)]


def printed(html: str) -> list[str]:
    """The text of each page."""
    return [" ".join(words_of(page._page_box)) for page in paper.laid_out(html).pages]


def now(shipment: Shipment) -> Shipment:
    return Shipment.objects.get(pk=shipment.pk)


def two_packages() -> tuple[Shipment, Shipment]:
    buyable("MUG"), buyable("TEA")
    order = paid(("MUG", 3), ("TEA", 1))
    line = order.lines.get(sku="MUG")
    first = pack_shipment(order_id=order.pk, lines={line.pk: 2}, weight_grams=1240, by=TESTS)
    return first, pack_shipment(order_id=order.pk, by=TESTS)


def test_a_slip_says_what_is_inside_and_what_follows() -> None:
    first, second = two_packages()
    (text,) = printed(papers.packing_slip(now(first)))
    for part in (first.number, first.order.number, "Example", "1 High Street", "10115 Berlin", "Germany", "1 of 2",
                 "1.24 kg", "In other packages of this order"):  # fmt: skip
        assert part in text
    assert text.index("MUG") < text.index("In other packages") < text.index("TEA")
    assert "2 of 2" in printed(papers.packing_slip(now(second)))[0]


def test_while_units_are_open_nobody_promises_how_many_packages_there_are() -> None:
    buyable("MUG")
    order = paid(("MUG", 3))
    package = pack_shipment(order_id=order.pk, lines={order.lines.get().pk: 1}, by=TESTS)
    assert "1 of" not in printed(papers.packing_slip(now(package)))[0]
    cancel_shipment(shipment_id=package.pk, by=TESTS)
    assert "Package 1" not in printed(papers.packing_slip(now(package)))[0]


def test_a_label_is_a6_and_has_the_tracking_number_as_bars() -> None:
    first, _ = two_packages()
    (before,) = printed(papers.label(now(first)))
    assert "No carrier yet" in before
    ship_shipment(shipment_id=first.pk, carrier="DHL", tracking_number="00340434161094042557", by=TESTS)
    (after,) = printed(papers.label(now(first)))
    for part in ("DHL", "00340434161094042557", first.number, "From: Waybill", "1 High Street", "1.24 kg"):
        assert part in after
    slip, label = paper.laid_out(papers.slip_and_label(now(first))).pages
    assert [(round(page.width / 96 * 25.4), round(page.height / 96 * 25.4)) for page in (slip, label)] == [
        (210, 297),
        (105, 148),
    ]


def test_a_pick_list_has_every_task_in_the_order_of_the_walk() -> None:
    buyable("MUG"), buyable("TEA")
    order, other = paid(("MUG", 2)), paid(("TEA", 1), ("MUG", 1))
    made = make_pick_list(warehouse=Warehouse.objects.get().code, by=TESTS)
    PickTask.objects.filter(sku="TEA").update(bin="A-01")
    PickTask.objects.filter(sku="MUG").update(bin="B-07")
    (text,) = printed(papers.walk(made))
    for part in (made.number, "2 orders", "4 units", order.number, other.number):
        assert part in text
    assert text.index("A-01") < text.index("TEA") < text.index("B-07") < text.index("MUG")


def test_text_of_customers_is_no_markup() -> None:
    buyable("MUG")
    order = paid(("MUG", 1))
    order.addresses.update(company="<img src='file:///etc/passwd'> & <b>Sons</b>")
    package = pack_shipment(order_id=order.pk, by=TESTS)
    assert "<img src='file:///etc/passwd'> & <b>Sons</b>" in printed(papers.label(now(package)))[0]


def test_nothing_is_fetched_for_a_document_but_what_it_carries(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(picture())
    within = f"data:image/png;base64,{base64.b64encode(picture()).decode()}"
    addresses = [within, (tmp_path / "a.png").as_uri(), str(tmp_path / "a.png"), "http://127.0.0.1/a.png"]
    pages = [paper.laid_out(f"<img src='{address}' alt='not drawn'>").pages[0] for address in addresses]
    drawn = ["not drawn" not in " ".join(words_of(page._page_box)) for page in pages]
    assert drawn == [True, False, False, False]


def test_bars_are_code_128() -> None:
    assert paper.code128("") == ""
    assert paper.code128("é") == ""
    drawn = paper.code128("W1-1")
    assert drawn.count("<rect") == 3 * 6 + 4  # start, four letters, a checksum of three bars each, and four to stop


@pytest.mark.parametrize("path", ["packing-slip.pdf", "label.pdf"])
def test_papers_are_for_the_warehouse(path: str) -> None:
    first, _ = two_packages()
    answer = get(staff("warehouse"), f"shipments/{first.number}/{path}", accept="application/pdf")
    assert (answer.status_code, answer["Content-Type"], answer.content[:5]) == (200, "application/pdf", b"%PDF-")
    assert get(staff("customer_service"), f"shipments/{first.number}/{path}").status_code == 403
    assert get(partner_client(scopes=["fulfilment:write"]), f"shipments/{first.number}/{path}").status_code == 403
    elsewhere = client_for(UserFactory(role="warehouse", warehouses=["ELSEWHERE"]))
    missing = get(elsewhere, f"shipments/{first.number}/{path}")
    assert (missing.status_code, missing["Content-Type"]) == (404, "application/problem+json")


def without_pango(name: str) -> Any:
    raise OSError("cannot load library 'libpango-1.0-0'")


def test_without_pango_the_answer_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = two_packages()
    monkeypatch.setattr(paper, "import_module", without_pango)
    with pytest.raises(Unavailable):
        paper.laid_out("<p>Text</p>")
    answer = get(staff("warehouse"), f"shipments/{first.number}/label.pdf")
    assert (answer.status_code, answer["Retry-After"]) == (503, "3600")
    assert "Pango" in answer.json()["detail"]
