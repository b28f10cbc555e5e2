"""Customers and orders of the demo shop, through the same services as real ones."""

import random

from accounts.models import User
from api.actors import Actor
from catalog.models import Product
from kernel.errors import Refused
from orders.models import Order
from orders.services import (
    Arrival,
    DirectOrder,
    Owner,
    Wish,
    approve_return,
    cancel_order,
    deliver_shipment,
    pack_shipment,
    place_direct_order,
    place_hold,
    receive_return,
    request_return,
    ship_shipment,
)
from payments.services import record_manual_payment

BY = Actor.system("demo_data")
CITIES = [("Berlin", "10115", "DE"), ("Paris", "75001", "FR"), ("London", "EC1A 1BB", "GB"), ("Vienna", "1010", "AT")]
# How far an order gets, with how often.
STAGES = {"placed": 2, "paid": 4, "held": 1, "packed": 2, "shipped": 3, "delivered": 6, "returned": 1, "cancelled": 1}


def customers(count: int) -> list[User]:
    """So many customers; those that are there already are kept."""
    wanted = [f"customer{number}@example.com" for number in range(1, count + 1)]
    there = set(User.objects.filter(email__in=wanted).values_list("email", flat=True))
    User.objects.bulk_create(
        User(email=email, last_name=f"Customer {number}")
        for number, email in enumerate(wanted, 1)
        if email not in there
    )
    return list(User.objects.filter(email__in=wanted).order_by("id"))


def order(reference: str, people: list[User], skus: list[str], dice: random.Random) -> Order | None:
    """One order brought to a stage by chance; None when the stock does not serve it."""
    person = dice.choice(people)
    city, postal_code, country = dice.choice(CITIES)
    address = {"last_name": person.last_name, "line1": f"{dice.randint(1, 200)} High Street", "city": city}
    direct = DirectOrder(
        owner=Owner(user_id=person.pk, email=person.email),
        lines=[(sku, dice.randint(1, 3)) for sku in dice.sample(skus, min(len(skus), dice.randint(1, 4)))],
        shipping_address=address | {"postal_code": postal_code, "country": country},
        reference=reference,
    )
    try:
        placed = place_direct_order(direct=direct, by=BY)
    except Refused:
        return None
    stage = dice.choices(list(STAGES), weights=list(STAGES.values()))[0]
    if stage == "cancelled":
        cancel_order(order_id=placed.pk, reason="Changed my mind", by=BY)
    elif stage != "placed":
        _go_on(placed, stage, dice)
    return placed


def _go_on(placed: Order, stage: str, dice: random.Random) -> None:
    record_manual_payment(order_id=placed.pk, note="Bank transfer", by=BY)
    if stage == "held":
        place_hold(order_id=placed.pk, kind="address", note="House number is missing.", by=BY)
    if stage in {"paid", "held"}:
        return
    package = pack_shipment(order_id=placed.pk, by=BY)
    if stage == "packed":
        return
    tracking = f"TRK{dice.randint(10**9, 10**10 - 1)}"
    ship_shipment(shipment_id=package.pk, carrier="Demo Post", tracking_number=tracking, by=BY)
    if stage == "shipped":
        return
    deliver_shipment(shipment_id=package.pk, by=BY)
    if stage == "returned":
        _send_back(placed)


def _send_back(placed: Order) -> None:
    line = placed.lines.all()[0]
    wishes = [Wish(line_id=line.pk, quantity=1, reason="changed_mind")]
    ret = request_return(order_id=placed.pk, wishes=wishes, by=BY)
    approve_return(return_id=ret.pk, by=BY)
    arrivals = [Arrival(line_id=line.pk, quantity=1, condition="new", restock=True)]
    receive_return(return_id=ret.pk, arrivals=arrivals, by=BY)


def skus_on_sale() -> list[str]:
    return list(Product.objects.on_sale().filter(sku__startswith="D").order_by("sku").values_list("sku", flat=True))
