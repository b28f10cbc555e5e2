import pytest
from django.contrib.auth import get_user_model
from rest_framework.test import APIClient

from inventory.tests.factories import TESTS, WarehouseFactory, stock
from inventory.wms.apply import apply_facts
from inventory.wms.links import link_named
from inventory.wms.models import WmsRun
from inventory.wms.tests.links import LINK, at, says

pytestmark = pytest.mark.django_db
RUNS = "/api/v1/wms/runs"


@pytest.fixture(autouse=True)
def link(settings):
    settings.WMS_LINKS = {"main": LINK}


def person(role, **about):
    return get_user_model().objects.create(email=f"{role}@example.com", role=role, **about)


def client(role="warehouse", **about):
    caller = APIClient()
    caller.force_authenticate(person(role, **about))
    return caller


def ask(caller, body, key="key-1"):
    return caller.post(RUNS, body, headers={"Idempotency-Key": key} if key else {})


def a_run():
    stock("MUG", 60, warehouse=WarehouseFactory(code="MAIN"))
    run = WmsRun.objects.create(link="main", kind="changes", started_by="tests")
    facts = [says(5, at(1)), says(3, at(1), sku="CUP")]
    apply_facts(link=link_named("main"), facts=facts, cause="wms:tests", by=TESTS, run_id=run.pk)
    return run


def test_staff_ask_for_a_run_once_a_key_and_one_at_a_time():
    caller = client()
    answer = ask(caller, {"link": "main"})
    assert (answer.status_code, answer.json()["kind"], answer.json()["finished_at"]) == (202, "changes", None)
    assert ask(caller, {"link": "main"}).json()["id"] == answer.json()["id"]
    again = ask(caller, {"link": "main"}, key="key-2")
    assert (again.status_code, again.json()["code"]) == (409, "not_allowed_now")
    assert WmsRun.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "link"),
        ({"link": "moon"}, "link"),
        ({"link": "main", "kind": "all"}, "kind"),
        ({"link": "main", "x": 1}, "x"),
        ({"link": None}, "link"),
    ],
)
def test_a_bad_wish_names_its_field_and_opens_nothing(body, field):
    answer = ask(client(), body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
    assert not WmsRun.objects.exists()


def test_a_run_needs_a_key_and_staff():
    assert ask(client(), {"link": "main"}, key=None).json()["code"] == "idempotency_key_required"
    assert ask(client("customer"), {"link": "main"}).status_code == 403
    assert APIClient().get(RUNS).status_code == 401
    assert not WmsRun.objects.exists()


def test_people_of_another_warehouse_neither_run_the_link_nor_see_what_it_found():
    run = a_run()
    other = WarehouseFactory(code="NORTH")
    caller = client(warehouses=[other.code])
    assert ask(caller, {"link": "main"}).json()["errors"][0]["field"] == "link"
    assert caller.get(f"{RUNS}/{run.pk}/differences").json()["results"] == []
    assert WmsRun.objects.count() == 1


def test_a_run_tells_what_they_say_beside_what_we_say(django_assert_max_num_queries):
    run = a_run()
    caller = client("customer_service")
    with django_assert_max_num_queries(9):
        found = caller.get(f"{RUNS}/{run.pk}/differences", {"ordering": "id"}).json()["results"]
    shown = [(row["sku"], row["warehouse"], row["theirs"], row["ours"], row["state"], row["why"]) for row in found]
    assert shown == [
        ("MUG", "MAIN", 5, 60, "quarantined", "absurd_drop"),
        ("CUP", "MAIN", 3, None, "refused", "unknown_sku"),
    ]
    assert caller.get(f"{RUNS}/{run.pk}/differences", {"state": "refused"}).json()["results"] == [found[1]]
    assert caller.get(f"{RUNS}/{run.pk + 1}/differences").status_code == 404
    assert [row["id"] for row in caller.get(RUNS).json()["results"]] == [run.pk]
