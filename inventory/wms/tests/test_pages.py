"""The WMS in the back office."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from inventory.models import StockLevel
from inventory.services import Want, reserve
from inventory.tests.checks import counters
from inventory.tests.factories import TESTS, WarehouseFactory, stock
from inventory.wms.apply import apply_facts
from inventory.wms.links import link_named
from inventory.wms.models import WmsDifference, WmsEvent, WmsFact, WmsRequest, WmsRun
from inventory.wms.runs import open_run
from inventory.wms.tests.links import LINK, at, says

pytestmark = pytest.mark.django_db
PAGES = "/admin/inventory"


@pytest.fixture(autouse=True)
def link(settings):
    settings.WMS_LINKS = {"main": LINK}


@pytest.fixture
def level():
    return stock("MUG", 60, warehouse=WarehouseFactory(code="MAIN"))


@pytest.fixture
def difference(level):
    run = WmsRun.objects.create(link="main", kind="changes", started_by="tests")
    fact = [says(5, at(1))]
    apply_facts(link=link_named("main"), facts=fact, cause="wms:tests", by=TESTS, run_id=run.pk)
    return WmsDifference.objects.get()


def office(role="warehouse", **about):
    client = Client()
    about = {"email": f"{role}@example.com"} | about
    client.force_login(get_user_model().objects.create(role=role, **about))
    return client


def approve_address(client, difference):
    """Of the button on the difference's page."""
    page = client.get(f"{PAGES}/wmsdifference/{difference.pk}/change/").content.decode()
    return re.search(r'href="([^"]*approve[^"]*)"', page).group(1)


def test_approving_shows_first_what_will_happen_and_does_it_when_confirmed(difference, level):
    client = office()
    address = approve_address(client, difference)
    page = client.get(address).content.decode()
    assert counters(level) == (60, 0)
    seen = re.search(r'name="seen" value="([0-9a-f]+)"', page).group(1)
    client.post(address, {"seen": "0" * 64})
    assert counters(level) == (60, 0)
    client.post(address, {"seen": seen})
    assert counters(level) == (5, 0)
    difference.refresh_from_db()
    assert difference.state == "approved"


def test_people_of_another_warehouse_do_not_find_the_difference(difference, level):
    other = office(warehouses=[WarehouseFactory(code="NORTH").code])
    mine = office("admin")
    address = approve_address(mine, difference)
    assert "MUG" not in other.get(f"{PAGES}/wmsdifference/").content.decode().partition("<main")[2]
    assert other.post(address, {"seen": "x"}).status_code in {302, 403, 404}
    assert counters(level) == (60, 0)


def test_customer_service_looks_and_does_not_touch(difference, level):
    address = approve_address(office(), difference)
    service = office("customer_service")
    assert service.get(f"{PAGES}/wmsdifference/").status_code == 200
    assert service.post(address, {"seen": "x"}).status_code in {302, 403}
    assert counters(level) == (60, 0)


@pytest.mark.parametrize("page", ["wmsdifference", "wmsfact", "wmsrun", "wmsrequest", "wmsevent"])
def test_lists_take_few_statements(page, difference, level, django_assert_max_num_queries):
    for number in range(12):
        WmsRun.objects.filter(finished_at=None).update(finished_at=at(0))
        WmsRun.objects.create(link="main", kind="changes", started_by="tests", finished_at=at(0))
        WmsRequest.objects.create(
            link="main", warehouse=level.warehouse, order_id=number, version=1, kind="fulfil", state="refused"
        )
        WmsEvent.objects.create(
            link="main", event_id=str(number), type="stock", subject="MUG", content={}, state="parked"
        )
        other = stock(f"S{number}", 1, warehouse=level.warehouse)
        WmsFact.objects.create(level=other, link="main", on_hand=1, as_of=at(0))
    client = office("admin")
    client.get(f"{PAGES}/{page}/")
    with django_assert_max_num_queries(10):
        assert client.get(f"{PAGES}/{page}/").status_code == 200


def test_each_number_stands_beside_ours(level):
    apply_facts(link=link_named("main"), facts=[says(58, at(1))], cause="wms:tests", by=TESTS)
    reserve(order_id=7, wants=[Want(1, "MUG", 2)], expires_at=None)
    WmsRequest.objects.create(link="main", warehouse=level.warehouse, order_id=7, version=1, kind="fulfil")
    client, fact = office(), WmsFact.objects.get()
    seen = {}
    for on_hand in (58, 50):
        StockLevel.objects.update(on_hand=on_hand)
        (row,) = client.get(f"{PAGES}/wmsfact/").context["results"]
        said = [re.sub("<[^>]*>", "", cell).strip() for cell in row]
        seen[on_hand] = [cell for cell in said if cell]
        assert client.get(f"{PAGES}/wmsfact/{fact.pk}/change/").status_code == 200
    assert [seen[58][place] for place in (0, 2, 4, 5, 6, 7, 8)] == ["MUG", "58", "0", "58", "Agreed", "2", "2"]
    assert (seen[50][5], seen[50][6]) == ("50", "Differs")
    other = office(warehouses=[WarehouseFactory(code="NORTH").code], email="n@example.com")
    assert "MUG" not in other.get(f"{PAGES}/wmsfact/").content.decode().partition("<main")[2]
    assert other.get(f"{PAGES}/wmsfact/{fact.pk}/change/").status_code == 302


def test_a_run_says_within_what_numbers_are_believed():
    run = open_run(link="main", kind="changes", by=TESTS)
    page = office().get(f"{PAGES}/wmsrun/{run.pk}/change/").content.decode()
    assert "A drop of 10 units or 20 %, whichever is more; a rise of 1,000 units." in page


def test_each_page_of_one_thing_opens(difference, level):
    request = WmsRequest.objects.create(link="main", warehouse=level.warehouse, order_id=1, version=1, kind="fulfil")
    event = WmsEvent.objects.create(
        link="main", event_id="1", type="stock", subject="MUG", content={"items": [{"sku": "MUG", "on_hand": 5}]}
    )
    client = office("admin")
    for row in (difference, difference.run, request, event):
        answer = client.get(f"{PAGES}/{row._meta.model_name}/{row.pk}/change/")
        assert answer.status_code == 200
    assert "5 × MUG" in answer.content.decode()


def test_a_request_is_shown_and_found_by_the_number_of_its_order(level):
    reserve(order_id=7, wants=[Want(1, "MUG", 1)], expires_at=None, number="W1000007")
    WmsRequest.objects.create(link="main", warehouse=level.warehouse, order_id=7, version=1, kind="fulfil")
    client = office("admin")
    found = {
        q: client.get(f"{PAGES}/wmsrequest/?q={q}").content.decode().count(">W1000007<") for q in ("w1000007", "7")
    }
    assert found == {"w1000007": 1, "7": 0}
