"""The stand-in rates parcels as EasyPost's reference says, and has the trouble it is told to have."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from sandbox.testing import RunningSandbox, start_sandbox

BERLIN = {"street1": "1 High Street", "city": "Berlin", "zip": "10115", "country": "DE"}
PARIS = {"street1": "2 Rue Haute", "city": "Paris", "zip": "75001", "country": "FR"}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with start_sandbox(home=tmp_path_factory.mktemp("sandbox"), shop_url="") as running:
        yield running


@pytest.fixture
def client(sandbox: RunningSandbox) -> Iterator[httpx.Client]:
    key = sandbox.settings["EASYPOST_API_KEY"]
    with httpx.Client(base_url=sandbox.easypost_url, auth=(key, ""), timeout=30, trust_env=False) as found:
        yield found
    sandbox.ask("DELETE", "/knobs")


def shipment(**more: Any) -> dict[str, Any]:
    return {"shipment": {"from_address": BERLIN, "to_address": BERLIN, "parcel": {"weight": 10.0}} | more}


def rates(client: httpx.Client, **more: Any) -> dict[str, tuple[str, str, int]]:
    answer = client.post("/v2/shipments", json=shipment(**more))
    assert answer.status_code == 201
    return {rate["service"]: (rate["rate"], rate["currency"], rate["delivery_days"]) for rate in answer.json()["rates"]}


def test_a_parcel_costs_by_weight_and_twice_abroad(client: httpx.Client) -> None:
    assert rates(client) == {
        "UPSStandard": ("4.60", "EUR", 3),
        "UPSSaver": ("10.30", "EUR", 1),
        "ExpressWorldwide": ("13.10", "EUR", 1),
    }
    assert rates(client, to_address=PARIS)["UPSStandard"] == ("9.20", "EUR", 5)
    assert rates(client, parcel={"weight": 100})["UPSStandard"] == ("6.40", "EUR", 3)
    assert rates(client, from_address=BERLIN | {"country": "US"})["UPSSaver"] == ("20.60", "USD", 3)
    assert rates(client, from_address=BERLIN | {"country": "JP"})["UPSSaver"][0] == "21"


def test_a_shipment_can_be_looked_up(client: httpx.Client) -> None:
    made = client.post("/v2/shipments", json=shipment()).json()
    assert (made["object"], made["id"][:4], made["rates"][0]["carrier"]) == ("Shipment", "shp_", "UPS")
    assert client.get(f"/v2/shipments/{made['id']}").json() == made
    assert client.get("/v2/shipments/shp_0").json()["error"]["code"] == "NOT_FOUND"


def test_without_the_key_nobody_is_let_in(sandbox: RunningSandbox) -> None:
    for auth in (None, ("other", ""), ("", "EZTKsandbox")):
        with httpx.Client(base_url=sandbox.easypost_url, auth=auth, trust_env=False) as nobody:
            assert nobody.post("/v2/shipments", json=shipment()).status_code == 401


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"to_address": {}}, "to_address"),
        ({"from_address": None}, "from_address"),
        ({"parcel": {}}, "parcel.weight"),
        ({"parcel": {"weight": 0}}, "parcel.weight"),
        ({"parcel": {"weight": "much"}}, "parcel.weight"),
    ],
)
def test_what_is_missing_is_named(client: httpx.Client, wrong: dict[str, Any], field: str) -> None:
    answer = client.post("/v2/shipments", json=shipment(**wrong))
    assert (answer.status_code, answer.json()["error"]["errors"][0]["field"]) == (422, field)


def test_a_body_that_is_no_shipment_is_refused(client: httpx.Client) -> None:
    assert [client.post("/v2/shipments", content=body).status_code for body in (b"", b"[]", b"{")] == [400, 400, 400]


@pytest.mark.parametrize(
    ("effect", "status"), [("unavailable", 503), ("rate_limit", 429), ("error_before", 500), ("error_after", 500)]
)
def test_knobs_make_trouble(sandbox: RunningSandbox, client: httpx.Client, effect: str, status: int) -> None:
    sandbox.knob(effect=effect, provider="easypost", times=1)
    assert client.post("/v2/shipments", json=shipment()).status_code == status
    assert client.post("/v2/shipments", json=shipment()).status_code == 201


def test_an_answer_is_dropped(sandbox: RunningSandbox, client: httpx.Client) -> None:
    sandbox.knob(effect="drop_answer", provider="easypost", times=1)
    with pytest.raises(httpx.TransportError):
        client.post("/v2/shipments", json=shipment())
