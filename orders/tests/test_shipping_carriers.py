"""Live rates, asked of a stand-in that is a process of its own."""

import itertools
import socket
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import override_settings

from orders.delivery import asking
from orders.delivery.asking import ask_ahead, asks_carriers, cached_rates, live_price, parcel_to
from orders.delivery.carriers.base import CarrierAway, Parcel, ParcelRefused, Place, service_key
from orders.delivery.carriers.easypost import EasyPost, _shipment
from orders.tests.factories import ADDRESS
from sandbox.testing import RunningSandbox, start_sandbox

ORIGIN = {"company": "Shop", "line1": "2 Quay", "city": "Berlin", "postal_code": "10115", "country": "DE"}
_weights = itertools.count(1000)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with start_sandbox(home=tmp_path_factory.mktemp("sandbox"), shop_url="") as found:
        yield found


@pytest.fixture
def sandbox(running: RunningSandbox, settings: Any) -> Iterator[RunningSandbox]:
    """The shop asks it, and has no memory of earlier tests."""
    for name, value in running.settings.items():
        setattr(settings, name, value)
    settings.SHOP_ORIGIN = ORIGIN
    forget()
    yield running
    running.ask("DELETE", "/knobs")
    forget()


def forget() -> None:
    cache.delete_many([f"carrier:easypost:{name}" for name in ("failed", "tried")])


def parcel(country: str = "DE", *, grams: int = 0, currency: str = "EUR") -> Parcel:
    """One of a weight that no other test has."""
    grams = grams or next(_weights)
    return parcel_to(ADDRESS | {"country": country}, weight_grams=grams, currency=currency, value=Decimal(20))


def shipments(sandbox: RunningSandbox, effect: str = "", **knob: Any) -> None:
    sandbox.knob(effect=effect, provider="easypost", method="POST", path="^/v2/shipments$", **knob)


def test_a_parcel_is_rated_and_the_answer_kept(sandbox, settings):
    asked = parcel(grams=2000)
    cache.delete(f"carrier:easypost:{asked.fingerprint}")
    assert cached_rates(asked) is None
    # 2000 g are 70.5479… oz: 70.6 by the tenth.
    expected = {
        "ups upsstandard": Decimal("5.81"), "ups upssaver": Decimal("13.33"),
        "dhlexpress expressworldwide": Decimal("16.74"),
    }  # fmt: skip
    assert ask_ahead(asked) == expected
    shipments(sandbox, "unavailable")
    assert cached_rates(asked) == ask_ahead(asked) == expected
    assert live_price(expected, "UPS", "UPSSaver") == Decimal("13.33")
    assert live_price(expected, "UPS", "Unheard") is None


def test_rates_in_another_currency_are_ignored(sandbox):
    assert ask_ahead(parcel(currency="USD")) == {}


def test_nobody_is_asked_while_it_is_switched_off_or_there_is_nothing_to_ask(sandbox, settings):
    shipments(sandbox, "unavailable")
    assert ask_ahead(parcel_to(ADDRESS, weight_grams=0, currency="EUR", value=Decimal(1))) == {}
    assert ask_ahead(parcel("")) == cached_rates(parcel("")) == {}
    settings.CARRIER_RATES = ""
    assert (asks_carriers(), ask_ahead(parcel()), cached_rates(parcel())) == (False, {}, {})


@pytest.mark.parametrize("effect", ["drop_answer", "error_after", "error_before", "unavailable", "rate_limit"])
def test_a_carrier_in_trouble_is_left_alone_by_all_but_one(sandbox, settings, effect):
    asked = parcel()
    shipments(sandbox, effect, times=1)
    assert ask_ahead(asked) is None
    assert ask_ahead(asked) is ask_ahead(parcel()) is cached_rates(asked) is None
    cache.delete("carrier:easypost:tried")  # the pause is over
    shipments(sandbox, effect, times=1)
    assert ask_ahead(asked) is ask_ahead(asked) is None
    cache.delete("carrier:easypost:tried")
    assert ask_ahead(asked)
    assert ask_ahead(parcel())


def test_a_slow_carrier_costs_one_time_out(sandbox, settings):
    settings.CARRIER_SECONDS = 0.3
    shipments(sandbox, "delay", seconds=3, times=1)
    began = time.monotonic()
    assert ask_ahead(parcel()) is None
    assert 0.25 < time.monotonic() - began < 1.5
    began = time.monotonic()
    assert [ask_ahead(parcel()) for _ in range(20)] == [None] * 20
    assert time.monotonic() - began < 20 * settings.CARRIER_SECONDS / 2  # far from waiting each time


def test_the_pause_ends_by_itself(sandbox, settings):
    settings.CARRIER_RETRY_SECONDS = 1
    shipments(sandbox, "unavailable", times=1)
    assert ask_ahead(parcel()) is None
    time.sleep(1.2)
    assert ask_ahead(parcel())


def test_a_refused_parcel_says_nothing_about_others(sandbox):
    refused = parcel("Germany")
    assert ask_ahead(refused) == cached_rates(refused) == {}
    assert ask_ahead(parcel())


def test_a_wrong_key_is_as_if_it_were_away(sandbox, settings):
    settings.EASYPOST_API_KEY = "EZTKother"
    assert ask_ahead(parcel()) is None


def test_only_so_many_calls_are_under_way_at_once(sandbox, settings):
    taken = [asking._slots.acquire(blocking=False) for _ in range(settings.CARRIER_CALLS_AT_ONCE)]
    try:
        assert ask_ahead(parcel()) is None
    finally:
        for _ in taken:
            asking._slots.release()
    assert ask_ahead(parcel())


def test_without_the_cache_nobody_is_asked(sandbox, settings):
    away = settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"}
    with override_settings(CACHES={"default": away}):
        assert cached_rates(parcel()) is ask_ahead(parcel()) is None


@pytest.mark.django_db
def test_a_carrier_is_never_asked_within_a_transaction(sandbox):
    with transaction.atomic(), pytest.raises(RuntimeError, match="outside any transaction"):
        ask_ahead(parcel())


def test_a_fingerprint_is_of_what_the_price_depends_on():
    one = parcel(grams=500)
    same = parcel_to(
        ADDRESS | {"city": " berlin ", "last_name": "Other", "phone": "1"}, weight_grams=500, currency="EUR",
        value=Decimal("20.00"),
    )  # fmt: skip
    assert (one.fingerprint, len(one.fingerprint)) == (same.fingerprint, 64)
    others = [parcel("FR", grams=500), parcel(grams=501), parcel(grams=500, currency="USD")]
    assert len({one.fingerprint, *(other.fingerprint for other in others)}) == 4


def test_a_carrier_is_told_no_names():
    start = Place(**ORIGIN)
    asked = Parcel(start, Place.of(ADDRESS | {"first_name": "Ann", "company": "Example Ltd"}), 1, "EUR", Decimal(1))
    assert _shipment(asked) == {
        "from_address": {
            "company": "Shop", "street1": "2 Quay", "city": "Berlin", "zip": "10115", "country": "DE",
        },
        "to_address": {"street1": "1 High Street", "city": "Berlin", "zip": "10115", "country": "DE"},
        "parcel": {"weight": 0.1},
    }  # fmt: skip
    assert service_key(" UPS", "Next  Day ") == "ups next day"


# Answers that no stand-in gives


class Rogue:
    """Answers each connection with these bytes, a pause between them."""

    def __init__(self, *pieces: bytes, pause: float = 0) -> None:
        self.pieces, self.pause = pieces, pause
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listening.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        try:
            connection, _ = self.listening.accept()
            connection.recv(65_536)
            for piece in self.pieces:
                connection.sendall(piece)
                time.sleep(self.pause)
            connection.close()
        except OSError:
            return

    def rates(self, *, seconds: float = 2.0) -> Any:
        try:
            return dict(EasyPost(url=self.url, key="key", seconds=seconds).rates(parcel()))
        finally:
            self.listening.close()


def answer(body: bytes, status: str = "201 Created", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        ("200 OK", b"", ()),
        ("200 OK", b"<html>", ()),
        ("200 OK", b"[]", ()),
        ("200 OK", b'{"rates": null}', ()),
        ("200 OK", b"[" * 100_000, ()),
        ("200 OK", b'{"rates": [], "x": "' + b"x" * 1_100_000 + b'"}', ()),
        ("200 OK", b"\x1f\x8b\x08\x00", ("Content-Encoding: gzip",)),
        ("302 Found", b"", ("Location: http://127.0.0.1:1/",)),
        ("401 Unauthorized", b"{}", ()),
        ("402 Payment Required", b"{}", ()),
        ("404 Not Found", b"{}", ()),
    ],
)
def test_what_cannot_be_understood_is_as_no_answer(status, body, headers):
    with pytest.raises(CarrierAway):
        Rogue(answer(body, status, *headers)).rates()


@pytest.mark.parametrize("status", ["400 Bad Request", "422 Unprocessable Entity"])
def test_a_refusal_is_about_the_parcel(status):
    with pytest.raises(ParcelRefused):
        Rogue(answer(b"{}", status)).rates()


def test_an_answer_that_drips_is_not_waited_for():
    began = time.monotonic()
    with pytest.raises(CarrierAway):
        Rogue(answer(b" " * 100)[:-100], *[b" "] * 100, pause=0.05).rates(seconds=0.4)
    assert time.monotonic() - began < 1.5


def test_rates_that_are_none_are_left_out_and_the_cheapest_of_two_is_taken():
    body = b"""{"rates": [
        {"carrier": "UPS", "service": "A", "rate": "7.10", "currency": "EUR"},
        {"carrier": "UPS", "service": "A", "rate": "6.90", "currency": "EUR"},
        {"carrier": "UPS", "service": "B", "rate": "-1", "currency": "EUR"},
        {"carrier": "UPS", "service": "C", "rate": "NaN", "currency": "EUR"},
        {"carrier": "UPS", "service": "D", "rate": "1e99", "currency": "EUR"},
        {"carrier": "UPS", "service": "E", "rate": null, "currency": "EUR"},
        {"carrier": "UPS", "service": "F", "rate": "1.00", "currency": "USD"},
        null, 7
    ]}"""
    assert Rogue(answer(body)).rates() == {"ups a": Decimal("6.90")}
