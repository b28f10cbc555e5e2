"""The last unit and the repeated request, through the front door: many clients, one web process, real connections.

The negative control of the race for the last unit is in `test_reserve.py`: there the lock can be left out.
"""

import asyncio
from collections import Counter
from decimal import Decimal
from typing import Any

import httpx
import pytest

from accounts.models import Partner
from accounts.tests.factories import partner_token
from api.actors import Actor
from audit.doctor import examine
from inventory.models import Reservation, StockLevel
from orders.codes.services import NewCode, create_campaign
from orders.models import DiscountCode, Order
from orders.tests.factories import ADDRESS, buyable
from tests.conftest import Processes

UNITS = 10


def body(sku: str = "MUG") -> dict[str, Any]:
    return {"lines": [{"sku": sku, "quantity": 1}], "email": "guest@example.com", "shipping_address": ADDRESS}


def all_at_once(url: str, token: str, keys: list[str], given: dict[str, Any]) -> list[httpx.Response]:
    """One POST a key, all in flight together."""

    async def send() -> list[httpx.Response]:
        limits = httpx.Limits(max_connections=len(keys))
        async with httpx.AsyncClient(limits=limits, timeout=300, headers={"Authorization": f"Token {token}"}) as client:
            posts = [client.post(url, json=given, headers={"Idempotency-Key": key}) for key in keys]
            return await asyncio.gather(*posts)

    return asyncio.run(send())


def codes(answers: list[httpx.Response]) -> Counter[tuple[int, str]]:
    return Counter((answer.status_code, answer.json().get("code", "placed")) for answer in answers)


def broken_rules() -> list[str]:
    return [found.invariant.name for found in examine() if found.invariant.name != "events.delivered"]


@pytest.mark.parametrize("attempts", [200, pytest.param(1000, marks=pytest.mark.long)])
def test_ten_units_make_ten_orders_however_many_want_them(live_server_process: Processes, attempts: int) -> None:
    buyable("MUG", quantity=UNITS)
    token = partner_token(Partner.objects.create(name="Shop"))
    answers = all_at_once(f"{live_server_process.api}/orders", token, [f"try-{n}" for n in range(attempts)], body())
    assert codes(answers) == {(201, "placed"): UNITS, (409, "insufficient_stock"): attempts - UNITS}
    assert Order.objects.count() == UNITS
    assert StockLevel.objects.get().reserved == UNITS
    assert Reservation.objects.filter(state="held").count() == UNITS
    assert broken_rules() == []


def test_a_code_for_one_order_is_used_in_one_of_two_hundred(live_server_process: Processes) -> None:
    """Its control, without the condition, is in `test_codes.py`."""
    buyable("MUG", quantity=500)
    five = {"name": "Once", "kind": "fixed", "amount": Decimal(5), "currency": "EUR"}
    create_campaign(fields=five, codes=[NewCode("ONCE", 1)], by=Actor.system("tests"))
    token = partner_token(Partner.objects.create(name="Shop"))
    given = body() | {"discount_codes": ["ONCE"]}
    answers = all_at_once(f"{live_server_process.api}/orders", token, [f"try-{n}" for n in range(200)], given)
    assert codes(answers) == {(201, "placed"): 1, (409, "code_not_applicable"): 199}
    assert DiscountCode.objects.get().uses == Order.objects.count() == 1
    assert StockLevel.objects.get().reserved == 1
    assert broken_rules() == []


def test_the_same_key_fifty_times_at_once_makes_one_order(live_server_process: Processes) -> None:
    buyable("MUG", quantity=100)
    token = partner_token(Partner.objects.create(name="Shop"))
    answers = all_at_once(f"{live_server_process.api}/orders", token, ["the-same-key"] * 50, body())
    assert Order.objects.count() == 1
    assert StockLevel.objects.get().reserved == 1
    assert set(codes(answers)) <= {(201, "placed"), (409, "idempotency_in_progress")}
    numbers = {answer.json()["number"] for answer in answers if answer.status_code == 201}
    assert numbers == {Order.objects.get().number}
    again = all_at_once(f"{live_server_process.api}/orders", token, ["the-same-key"], body())[0]
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")


def test_control_fifty_keys_make_fifty_orders(live_server_process: Processes) -> None:
    buyable("MUG", quantity=100)
    token = partner_token(Partner.objects.create(name="Shop"))
    answers = all_at_once(f"{live_server_process.api}/orders", token, [f"key-{n}" for n in range(50)], body())
    assert codes(answers) == {(201, "placed"): 50}
    assert Order.objects.count() == 50
