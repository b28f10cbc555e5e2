"""What of EasyPost's API is there: shipments with the rates of two carriers, by weight and distance."""

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from starlette.routing import BaseRoute, Route

from sandbox.calls import Answer, Call, Refused, Sandbox, endpoint
from sandbox.easypost.door import DOOR, failure, unprocessable

KIND = "easypost.shipment"
HEXADECIMAL = "0123456789abcdef"
ADDRESSES = ("from_address", "to_address")
# What carriers charge in, by the country a parcel starts from.
CURRENCIES = {"US": "USD", "GB": "GBP", "CH": "CHF", "JP": "JPY", "SE": "SEK", "PL": "PLN"}
EUROS = frozenset({"AT", "BE", "DE", "ES", "FI", "FR", "IE", "IT", "LU", "NL", "PT"})
CENT = Decimal("0.01")
# carrier, service, at home: first price and each ounce, working days; abroad both prices double and days are added.
SERVICES = (
    ("UPS", "UPSStandard", Decimal("4.40"), Decimal("0.02"), 3),
    ("UPS", "UPSSaver", Decimal("9.80"), Decimal("0.05"), 1),
    ("DHLExpress", "ExpressWorldwide", Decimal("12.50"), Decimal("0.06"), 1),
)
DAYS_ABROAD = 2


def install(sandbox: Sandbox) -> None:
    """It sends no webhooks and keeps no keys."""


def create_shipment(call: Call) -> Answer:
    """https://docs.easypost.com/docs/shipments"""
    asked = _asked(call)
    for name in ADDRESSES:
        address = asked.get(name)
        if not isinstance(address, dict) or len(str(address.get("country", ""))) != 2:
            raise unprocessable("An address has a country.", name)
    ounces = _ounces(asked.get("parcel"))
    shipment_id = call.books.next_id("shp_", length=32, alphabet=HEXADECIMAL)
    rates = [
        rate | {"id": call.books.next_id("rate_", length=32, alphabet=HEXADECIMAL), "shipment_id": shipment_id}
        for rate in rates_of(asked["from_address"], asked["to_address"], ounces)
    ]
    shipment = {name: asked[name] for name in (*ADDRESSES, "parcel")}
    shipment |= {"id": shipment_id, "object": "Shipment", "mode": "test", "status": "unknown"}
    return Answer(201, call.books.put(KIND, shipment_id, shipment | {"rates": rates, "messages": []}))


def show_shipment(call: Call) -> Answer:
    shipment = call.books.get(KIND, call.ids["id"])
    return Answer(200, shipment) if shipment else failure(404, "NOT_FOUND", "There is no such shipment.")


def rates_of(start: Mapping[str, Any], end: Mapping[str, Any], ounces: Decimal) -> list[dict[str, Any]]:
    """What each service asks, the cheapest first."""
    at_home, currency = start["country"] == end["country"], currency_of(start["country"])
    unit = Decimal(1) if currency == "JPY" else CENT
    return [
        {
            "object": "Rate",
            "mode": "test",
            "carrier": carrier,
            "service": service,
            "rate": str(((first + each * ounces) * (1 if at_home else 2)).quantize(unit)),
            "currency": currency,
            "delivery_days": days if at_home else days + DAYS_ABROAD,
        }
        for carrier, service, first, each, days in SERVICES
    ]


def currency_of(country: str) -> str:
    return "EUR" if country in EUROS else CURRENCIES.get(country, "USD")


def _asked(call: Call) -> dict[str, Any]:
    try:
        body = json.loads(call.body)
    except ValueError:
        body = None
    asked = body.get("shipment") if isinstance(body, dict) else None
    if not isinstance(asked, dict):
        raise Refused(failure(400, "BAD_REQUEST", "A JSON object with a shipment is expected."))
    return asked


def _ounces(parcel: Any) -> Decimal:
    try:
        ounces = Decimal(str(parcel["weight"]))
    except (KeyError, TypeError, InvalidOperation):
        ounces = Decimal(0)
    if not (ounces.is_finite() and ounces > 0):
        raise unprocessable("A parcel has a weight in ounces.", "parcel.weight")
    return ounces


routes: list[BaseRoute] = [
    Route("/v2/shipments", endpoint(DOOR, create_shipment), methods=["POST"]),
    Route("/v2/shipments/{id}", endpoint(DOOR, show_shipment), methods=["GET"]),
]
