"""Rates by EasyPost: https://docs.easypost.com/docs/shipments

A shipment that is created and never bought costs nothing, and its answer holds the rates of all carriers of the
account. Weights are ounces with one decimal, an amount is text beside its currency.
"""

import json
import time
from collections.abc import Mapping
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from typing import Any

import urllib3

from orders.delivery.carriers.base import CarrierAway, Parcel, ParcelRefused, Place, service_key

GRAMS_IN_OUNCE = Decimal("28.349523125")
TENTH = Decimal("0.1")
MOST_BYTES = 1_000_000
PIECE = 65_536
MOST = Decimal(10) ** 12
# What it says of the parcel; every other failure is the account's, the network's or its own.
REFUSALS = frozenset({400, 422})


class EasyPost:
    """One pool of connections. Nothing is sent elsewhere: no redirect is followed, nothing is tried twice."""

    def __init__(self, *, url: str, key: str, seconds: float) -> None:
        self._url, self._seconds = url.rstrip("/"), seconds
        self._pool = urllib3.PoolManager(
            maxsize=4, retries=False, timeout=urllib3.Timeout(connect=seconds, read=seconds, total=seconds)
        )
        self._headers = urllib3.make_headers(basic_auth=f"{key}:", user_agent="waybill") | {
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "Content-Type": "application/json",
        }

    def rates(self, parcel: Parcel) -> Mapping[str, Decimal]:
        """Those in the parcel's currency, the cheapest where two accounts have one service."""
        found: dict[str, Decimal] = {}
        for rate in self._ask(parcel):
            name, price = _read(rate, parcel.currency)
            if price is not None:
                found[name] = min(price, found.get(name, price))
        return found

    def _ask(self, parcel: Parcel) -> list[Any]:
        body = json.dumps({"shipment": _shipment(parcel)}).encode()
        ends = time.monotonic() + self._seconds
        try:
            answer = self._pool.request(
                "POST",
                f"{self._url}/v2/shipments",
                body=body,
                headers=self._headers,
                redirect=False,
                decode_content=False,
                preload_content=False,
            )
            try:
                text = _body(answer, ends)
            finally:
                answer.close()
        except (urllib3.exceptions.HTTPError, OSError) as failure:
            raise CarrierAway(f"EasyPost did not answer: {type(failure).__name__}.") from failure
        if answer.status in REFUSALS:
            raise ParcelRefused(f"EasyPost answered {answer.status}.")
        if not 200 <= answer.status < 300:
            raise CarrierAway(f"EasyPost answered {answer.status}.")
        return _rates(text)


def _body(answer: urllib3.BaseHTTPResponse, ends: float) -> bytes:
    text = b""
    while piece := answer.read1(PIECE):
        text += piece
        if len(text) > MOST_BYTES:
            raise CarrierAway("EasyPost answered without end.")
        if time.monotonic() > ends:
            raise CarrierAway("EasyPost answered too slowly.")
    return text


def _shipment(parcel: Parcel) -> dict[str, Any]:
    # Rounded up: a carrier weighs again, and charges what is missing.
    ounces = (Decimal(parcel.weight_grams) / GRAMS_IN_OUNCE).quantize(TENTH, ROUND_CEILING)
    return {
        "from_address": _address(parcel.origin),
        "to_address": _address(parcel.destination),
        "parcel": {"weight": float(ounces)},
    }


def _address(place: Place) -> dict[str, str]:
    parts = {
        "company": place.company,
        "street1": place.line1,
        "street2": place.line2,
        "city": place.city,
        "state": place.region,
        "zip": place.postal_code,
        "country": place.country,
    }
    return {name: text for name, text in parts.items() if text}


def _rates(text: bytes) -> list[Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CarrierAway("EasyPost answered no JSON.") from error
    rates = document.get("rates") if isinstance(document, dict) else None
    if not isinstance(rates, list):
        raise CarrierAway("EasyPost answered without rates.")
    return rates


def _read(rate: Any, currency: str) -> tuple[str, Decimal | None]:
    """Name and price of a rate; no price when it is in another currency or cannot be one."""
    if not isinstance(rate, dict) or rate.get("currency") != currency:
        return "", None
    name = service_key(str(rate.get("carrier", "")), str(rate.get("service", "")))
    try:
        price = Decimal(str(rate.get("rate")))
    except InvalidOperation:
        return name, None
    return name, price if price.is_finite() and 0 <= price < MOST else None
