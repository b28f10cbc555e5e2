"""Sending an order somewhere else."""

from collections.abc import Mapping

from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from orders.actions import guard
from orders.events import AddressChanged
from orders.models import Order, OrderAddress
from orders.models.order import ADDRESS_FIELDS
from orders.services.advance import advance
from orders.services.read import lock_order


@verb
def change_address(*, order_id: int, address: Mapping[str, str], by: Actor) -> Order:
    """Replace the shipping address, all its fields. Raises `NotAllowedNow` once anything is packed."""
    order = lock_order(order_id)
    guard("change_address", order)
    put_address(order, address)
    advance(order, list(order.lines.all()), verb="change_address", by=by)
    publish(AddressChanged(order_id=order.pk, version=order.version), by=by)
    return order


def put_address(order: Order, address: Mapping[str, str]) -> None:
    """Write all fields of the shipping address of an order that the caller has locked."""
    changed = _present(order) or OrderAddress(order=order, kind=OrderAddress.Kind.SHIPPING)
    for name in ADDRESS_FIELDS:
        setattr(changed, name, address.get(name, ""))
    changed.save()


def shipping_address_of(order: Order) -> dict[str, str]:
    """As pricing takes it; empty where there is none."""
    present = _present(order)
    return {name: getattr(present, name) for name in ADDRESS_FIELDS} if present else {}


def _present(order: Order) -> OrderAddress | None:
    return next((found for found in order.addresses.all() if found.kind == OrderAddress.Kind.SHIPPING), None)
