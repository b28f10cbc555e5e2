"""Handing a whole stack of packages to the carrier: a result for each."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from api.actors import Actor
from kernel.errors import NotFound, Refused
from orders.models import Shipment
from orders.owned import warehouses_of
from orders.services import ship_shipment


@dataclass(frozen=True, slots=True)
class Handover:
    """What became of one row; without a `code` it was shipped."""

    number: str
    tracking_number: str
    package: Shipment | None = None
    code: str = ""
    detail: str = ""


def ship_packages(*, carrier: str, tracking: Sequence[tuple[str, str]], by: Actor) -> list[Handover]:
    """Ship packages, each by itself: `tracking` holds a package's number and its tracking number.

    In a transaction of the caller's each row is a savepoint; the orders are locked in one order, so that two stacks
    never wait for each other.
    """
    theirs = Shipment.objects.lying_in(warehouses_of(by)).filter(number__in=[number for number, _ in tracking])
    known = {package.number: package for package in theirs}
    done: dict[int, Handover] = {}
    rows = [(known[number].order_id if number in known else 0, at) for at, (number, _) in enumerate(tracking)]
    for _, at in sorted(rows):
        number, code = tracking[at]
        done[at] = _ship(known.get(number), number, carrier, code, by)
    return [done[at] for at in range(len(tracking))]


def _ship(package: Shipment | None, number: str, carrier: str, code: str, by: Actor) -> Handover:
    try:
        if package is None:
            raise NotFound("There is no such package.")
        with transaction.atomic():
            shipped = ship_shipment(shipment_id=package.pk, carrier=carrier, tracking_number=code, by=by)
    except Refused as refusal:
        return Handover(number, code, package, refusal.code, refusal.text)
    return Handover(number, code, shipped)
