"""The verbs of orders, one module each."""

from orders.returning.rules import returnable
from orders.services.address import change_address
from orders.services.cancel import cancel_order, expire_edit, expire_order
from orders.services.carts import (
    Owner,
    add_item,
    change_cart,
    change_item,
    merge_cart,
    open_cart,
    read_basket,
    remember_seen,
    remove_item,
)
from orders.services.edit import Changes, edit_order
from orders.services.exchange import Swap, exchange_return
from orders.services.extend import extend_reservation, record_reminder
from orders.services.holds import place_hold, release_hold
from orders.services.many import approve_returns, deliver_all, pack_all, ship_all
from orders.services.notes import add_note
from orders.services.payment import Totals, record_payment_totals
from orders.services.place import DirectOrder, place_direct_order, place_order
from orders.services.receive_return import Arrival, receive_return
from orders.services.refurbish import restock_refurbished, write_off_refurbished
from orders.services.returns import Wish, approve_return, reject_return, request_return
from orders.services.revive import revive_order
from orders.services.ship import (
    cancel_shipment,
    deliver_shipment,
    lose_shipment,
    pack_shipment,
    ship_shipment,
    unpacked_by_warehouse,
)
from orders.services.undelivered import may_come_back, return_to_sender
from orders.services.waiting import allocate_order

__all__ = [
    "Arrival",
    "Changes",
    "DirectOrder",
    "Owner",
    "Swap",
    "Totals",
    "Wish",
    "add_item",
    "add_note",
    "allocate_order",
    "approve_return",
    "approve_returns",
    "cancel_order",
    "cancel_shipment",
    "change_address",
    "change_cart",
    "change_item",
    "deliver_all",
    "deliver_shipment",
    "edit_order",
    "exchange_return",
    "expire_edit",
    "expire_order",
    "extend_reservation",
    "lose_shipment",
    "may_come_back",
    "merge_cart",
    "open_cart",
    "pack_all",
    "pack_shipment",
    "place_direct_order",
    "place_hold",
    "place_order",
    "read_basket",
    "receive_return",
    "record_payment_totals",
    "record_reminder",
    "reject_return",
    "release_hold",
    "remember_seen",
    "remove_item",
    "request_return",
    "restock_refurbished",
    "return_to_sender",
    "returnable",
    "revive_order",
    "ship_all",
    "ship_shipment",
    "unpacked_by_warehouse",
    "write_off_refurbished",
]
