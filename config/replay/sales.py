"""Replaying a sales ledger: each invoice becomes a real order through the same services as any other.

Every step looks at what is there first, so that a run may stop anywhere and go on later: an order is found by its
invoice number, a return by its credit note.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import F, Sum

from accounts.models import Partner, User
from api.actors import Actor
from catalog.models import Product
from catalog.services import create_product
from config.replay.countries import country_code
from config.replay.sales_file import CURRENCY, Invoice, Row
from inventory.services import receive_stock
from kernel.errors import Refused
from orders.models import Order, OrderLine, Return
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
    receive_return,
    request_return,
    ship_shipment,
)
from orders.states import ReturnState, ShipmentStatus, Status
from payments.services import record_manual_payment

BY = Actor.system("replay_sales")
WAREHOUSE = "MAIN"
PARTNER = "Online retail ledger"


@dataclass(slots=True)
class Tally:
    """What a run did and what it left out, by reason."""

    done: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)


def set_up_shop(invoices: Iterable[Invoice], tally: Tally) -> None:
    """Make every product the invoices sell and put on the shelf what they will need, where it is missing."""
    rows: dict[str, Row] = {}
    needed: Counter[str] = Counter()
    for invoice in invoices:
        for row in invoice.rows:
            if not invoice.is_credit:
                needed[row.sku] += row.units
                if row.sku not in rows or not rows[row.sku].name:
                    rows[row.sku] = row
    known = set(Product.objects.filter(sku__in=rows).values_list("sku", flat=True))
    for sku, row in rows.items():
        if sku not in known:
            create_product(
                sku=sku,
                fields={"name": row.name or sku, "price": row.unit_price, "currency": CURRENCY, "published": True},
                by=BY,
            )
            tally.done["products"] += 1
    _stock_up(needed, tally)


def _stock_up(needed: Counter[str], tally: Tally) -> None:
    """Receive what is missing. What the shelf and the shipped orders hold together was received before."""
    there = dict(
        Product.objects.filter(sku__in=needed).annotate(n=Sum("item__levels__on_hand")).values_list("sku", "n")
    )
    shipped = dict(
        OrderLine.objects.filter(order__partner__name=PARTNER)
        .values_list("sku")
        .annotate(n=Sum(F("shipped") - F("returned")))
    )
    for sku, units in needed.items():
        missing = units - (there.get(sku) or 0) - shipped.get(sku, 0)
        if missing > 0:
            receive_stock(sku=sku, warehouse_code=WAREHOUSE, quantity=missing, cause="sales ledger", by=BY)
            tally.done["units received"] += missing


def replay(invoice: Invoice, partner: Partner, tally: Tally) -> None:
    """One invoice: place, pay, pack, ship, deliver. One credit note: cancel or return what it takes back."""
    try:
        if invoice.is_credit:
            _credit(invoice, partner, tally)
        else:
            _sell(invoice, partner, tally)
    except Refused as refusal:
        tally.skipped[f"{'credit note' if invoice.is_credit else 'invoice'}: {refusal.code}"] += 1


def _sell(invoice: Invoice, partner: Partner, tally: Tally) -> None:
    order = Order.objects.filter(partner=partner, reference=invoice.number).first()
    if order is None:
        order = place_direct_order(direct=_direct(invoice, partner), by=BY)
        tally.done["orders placed"] += 1
    else:
        tally.done["orders found"] += 1
    if order.status == Status.PENDING:
        record_manual_payment(order_id=order.pk, note=f"Invoice {invoice.number}", by=BY)
        tally.done["orders paid"] += 1
    if order.status in {Status.PENDING, Status.PAID}:
        pack_shipment(order_id=order.pk, by=BY)
    for shipment in order.shipments.model.objects.filter(order=order):
        if shipment.status == ShipmentStatus.PACKED:
            ship_shipment(shipment_id=shipment.pk, carrier="Post", tracking_number=invoice.number, by=BY)
        if shipment.status in {ShipmentStatus.PACKED, ShipmentStatus.SHIPPED}:
            deliver_shipment(shipment_id=shipment.pk, by=BY)
            tally.done["orders delivered"] += 1


def _direct(invoice: Invoice, partner: Partner) -> DirectOrder:
    owner = _customer(invoice, partner)
    name = f"Customer {invoice.customer}" if invoice.customer else "Counter sale"
    address = {"last_name": name, "line1": "Not recorded", "city": "Not recorded", "postal_code": ""}
    return DirectOrder(
        owner=owner,
        email=owner.email,
        lines=[(row.sku, row.units) for row in invoice.rows],
        agreed_prices={index: row.unit_price for index, row in enumerate(invoice.rows)},
        shipping_address=address | {"country": country_code(invoice.country)},
        reference=invoice.number,
        currency=CURRENCY,
        placed_at=invoice.at,
    )


def _customer(invoice: Invoice, partner: Partner) -> Owner:
    if not invoice.customer:
        return Owner(partner_id=partner.pk, email="counter@example.com")
    email = f"customer-{invoice.customer}@example.com"
    user, _ = User.objects.get_or_create(email=email, defaults={"last_name": f"Customer {invoice.customer}"})
    return Owner(user_id=user.pk, partner_id=partner.pk, email=email)


def _credit(invoice: Invoice, partner: Partner, tally: Tally) -> None:
    """Take units back from the customer's newest orders that still have them; the rest matches nothing."""
    note = f"Credit note {invoice.number}"
    if Return.objects.filter(order__partner=partner, note=note, status=ReturnState.RECEIVED).exists():
        tally.done["credit notes found"] += 1
        return
    if not invoice.customer:
        tally.skipped["credit note: no customer to match an order by"] += 1
        return
    wanted: Counter[str] = Counter()
    for row in invoice.rows:
        wanted[row.sku] += row.units
    for order, lines in _matches(invoice, partner, wanted).items():
        _take_back(order, lines, note, tally)
    if left := sum(wanted.values()):
        tally.skipped["unit on a credit note: no order has it"] += left


def _matches(invoice: Invoice, partner: Partner, wanted: Counter[str]) -> dict[Order, dict[int, int]]:
    """{order: {line id: units}}, newest order first; takes what it matches out of `wanted`."""
    found: dict[Order, dict[int, int]] = {}
    candidates = (
        OrderLine.objects.filter(
            order__partner=partner,
            order__user__email=f"customer-{invoice.customer}@example.com",
            order__created_at__lte=invoice.at,
            sku__in=list(wanted),
            quantity__gt=F("cancelled") + F("returned"),
        )
        .select_related("order")
        .order_by("-order__created_at", "id")
    )
    for line in candidates:
        units = min(wanted[line.sku], line.units.live - line.returned)
        if units:
            found.setdefault(line.order, {})[line.pk] = units
            wanted[line.sku] -= units
    return found


def _take_back(order: Order, lines: dict[int, int], note: str, tally: Tally) -> None:
    if order.status in {Status.PENDING, Status.PAID}:
        cancel_order(order_id=order.pk, reason=note, lines=lines, by=BY)
        tally.done["orders cancelled in part or whole"] += 1
        return
    ret = Return.objects.filter(order=order, note=note).first()
    if ret is None:
        wishes = [Wish(line_id=line, quantity=units, reason="other") for line, units in lines.items()]
        ret = request_return(order_id=order.pk, wishes=wishes, note=note, by=BY)
    if ret.status == ReturnState.REQUESTED:
        ret = approve_return(return_id=ret.pk, by=BY)
    if ret.status == ReturnState.APPROVED:
        arrivals = [
            Arrival(line_id=part.line_id, quantity=part.quantity, condition="opened", restock=True)
            for part in ret.lines.all()
        ]
        receive_return(return_id=ret.pk, arrivals=arrivals, by=BY)
        tally.done["returns received"] += 1


def value_replayed(partner: Partner) -> Decimal:
    """The total of all orders of the ledger, for the summary."""
    return Order.objects.filter(partner=partner).aggregate(n=Sum("total"))["n"] or Decimal(0)
