"""What an order can be, and how each status follows from stored facts.

Nothing here reads or writes: the services load the facts under the order's lock, and store what is derived.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import TextChoices


class Status(TextChoices):
    """The stage that all live units (ordered less cancelled) have reached."""

    PENDING = "pending"
    PAID = "paid"
    PACKED = "packed"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    RETURNED = "returned"
    CANCELLED = "cancelled"


class PaymentStatus(TextChoices):
    UNPAID = "unpaid"
    AUTHORIZED = "authorized"
    PARTIALLY_PAID = "partially_paid"
    PAID = "paid"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    FAILED = "failed"


class FulfillmentStatus(TextChoices):
    UNFULFILLED = "unfulfilled"
    PARTIALLY_PACKED = "partially_packed"
    PACKED = "packed"
    PARTIALLY_SHIPPED = "partially_shipped"
    SHIPPED = "shipped"
    PARTIALLY_DELIVERED = "partially_delivered"
    DELIVERED = "delivered"


class ReturnStatus(TextChoices):
    NONE = "none"
    REQUESTED = "requested"
    PARTIALLY_RETURNED = "partially_returned"
    RETURNED = "returned"


# What a carrier says of a package that it has trouble with.
CARRIER_TROUBLE = ("exception", "returned_to_sender")


class ShipmentStatus(TextChoices):
    PACKED = "packed"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    LOST = "lost"


class ReturnState(TextChoices):
    """One return authorisation (RMA)."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    RECEIVED = "received"


class ReturnReason(TextChoices):
    CHANGED_MIND = "changed_mind"
    DAMAGED = "damaged"
    WRONG_ITEM = "wrong_item"
    NOT_AS_DESCRIBED = "not_as_described"
    OTHER = "other"
    # The carrier brings it back: nobody asks for such a return.
    UNDELIVERED = "undelivered"


# Why customers send something back.
ASKED_REASONS = [choice for choice in ReturnReason.choices if choice[0] != ReturnReason.UNDELIVERED]


class Condition(TextChoices):
    """How a unit came back, the best first."""

    NEW = "new"
    OPENED = "opened"
    DAMAGED = "damaged"


class Disposition(TextChoices):
    """What becomes of a unit that came back. Only restocked ones go on sale again."""

    RESTOCK = "restock"
    REFURBISH = "refurbish"
    SCRAP = "scrap"
    BACK_TO_SUPPLIER = "back_to_supplier"


# What becomes of units that cannot be refurbished after all.
WRITTEN_OFF = (Disposition.SCRAP, Disposition.BACK_TO_SUPPLIER)
WRITE_OFFS = [(kind.value, kind.label) for kind in WRITTEN_OFF]


class LabelPayer(TextChoices):
    """Who pays the way back."""

    SHOP = "shop"
    CUSTOMER = "customer"


class HoldKind(TextChoices):
    PAYMENT_REVIEW = "payment_review"
    FRAUD = "fraud"
    ADDRESS = "address"
    STOCK = "stock"
    CUSTOMER_REQUEST = "customer_request"


# Who may let an order go on, by why it was stopped.
HOLD_RELEASED_BY: dict[str, frozenset[str]] = {
    HoldKind.PAYMENT_REVIEW: frozenset({"admin", "customer_service"}),
    HoldKind.FRAUD: frozenset({"admin"}),
    HoldKind.ADDRESS: frozenset({"admin", "customer_service"}),
    HoldKind.STOCK: frozenset({"admin", "warehouse"}),
    HoldKind.CUSTOMER_REQUEST: frozenset({"admin", "customer_service"}),
}

SHIPMENT_MOVES: dict[str, frozenset[str]] = {
    ShipmentStatus.PACKED: frozenset({ShipmentStatus.SHIPPED, ShipmentStatus.CANCELLED}),
    ShipmentStatus.SHIPPED: frozenset({ShipmentStatus.DELIVERED, ShipmentStatus.LOST, ShipmentStatus.RETURNED}),
    # It has turned up after all.
    ShipmentStatus.LOST: frozenset({ShipmentStatus.DELIVERED, ShipmentStatus.RETURNED}),
    ShipmentStatus.DELIVERED: frozenset({ShipmentStatus.RETURNED}),
}
# They have left, and the customer does not have them.
UNDELIVERED = frozenset({ShipmentStatus.SHIPPED, ShipmentStatus.LOST})
RETURN_MOVES: dict[str, frozenset[str]] = {
    ReturnState.REQUESTED: frozenset({ReturnState.APPROVED, ReturnState.REJECTED}),
    ReturnState.APPROVED: frozenset({ReturnState.RECEIVED, ReturnState.REJECTED}),
}

# The moves an order's status can make in one change. Stages may be skipped: a package for all of an order takes it
# from paid to packed, the cancellation of its last open line may show that all that is left was delivered, and what
# the carrier brings back is returned without having been delivered.
ORDER_MOVES: dict[str, frozenset[str]] = {
    Status.PENDING: frozenset({Status.PAID, Status.CANCELLED}),
    Status.PAID: frozenset({Status.PACKED, Status.SHIPPED, Status.DELIVERED, Status.RETURNED, Status.CANCELLED}),
    Status.PACKED: frozenset({Status.PAID, Status.SHIPPED}),
    Status.SHIPPED: frozenset({Status.DELIVERED, Status.RETURNED}),
    Status.DELIVERED: frozenset({Status.RETURNED}),
    Status.RETURNED: frozenset(),
    # Only by money that came after the expiry, while the stock is still there.
    Status.CANCELLED: frozenset({Status.PAID}),
}


@dataclass(frozen=True, slots=True)
class Units:
    """How many units of an order (or of one line) stand where."""

    ordered: int
    cancelled: int = 0
    packed: int = 0
    shipped: int = 0
    delivered: int = 0
    returned: int = 0

    @property
    def live(self) -> int:
        return self.ordered - self.cancelled

    @property
    def unpacked(self) -> int:
        return self.live - self.packed

    @classmethod
    def total(cls, parts: Sequence["Units"]) -> "Units":
        names = ("ordered", "cancelled", "packed", "shipped", "delivered", "returned")
        return cls(**{name: sum(getattr(part, name) for part in parts) for name in names})


@dataclass(frozen=True, slots=True)
class Paid:
    """The money side: amounts in the order's currency. `due` is the total less what was cancelled."""

    total: Decimal
    due: Decimal
    authorized: Decimal
    captured: Decimal
    refunded: Decimal
    # What went back, or is on its way back, since it was not owed any more; other refunds are gifts.
    given_back: Decimal = Decimal(0)
    failed: bool = False
    # Where the shop captures at shipment, an authorisation is as good as money.
    counts_authorized: bool = False
    # Once paid, an order does not wait for its first payment again: what is missing later is for staff to see to.
    was_settled: bool = False

    @property
    def secured(self) -> Decimal:
        """What counts as paid. What went back before an order was paid has to be paid again; later only what was not
        owed does, should more be owed again.
        """
        back = self.given_back if self.was_settled else self.refunded
        return (max(self.captured, self.authorized) if self.counts_authorized else self.captured) - back

    @property
    def outstanding(self) -> Decimal:
        """What is still to be paid, never below zero."""
        return max(self.due - self.secured, Decimal(0))

    @property
    def is_settled(self) -> bool:
        return self.secured >= self.due


def order_status(units: Units, money: Paid) -> Status:
    """The one status of an order: the stage all its live units have reached."""
    if units.live == 0:
        return Status.CANCELLED
    for reached, stage in (
        (units.returned, Status.RETURNED),
        (units.delivered, Status.DELIVERED),
        (units.shipped, Status.SHIPPED),
        (units.packed, Status.PACKED),
    ):
        if reached == units.live:
            return stage
    return Status.PAID if money.is_settled or money.was_settled else Status.PENDING


def payment_status(money: Paid) -> PaymentStatus:
    """Where the money stands; a refund moves only this axis."""
    if money.was_settled and money.outstanding and money.secured > 0:  # more is wanted than was paid for
        return PaymentStatus.PARTIALLY_PAID
    if money.refunded > 0:
        whole = money.refunded >= money.captured
        return PaymentStatus.REFUNDED if whole else PaymentStatus.PARTIALLY_REFUNDED
    if money.captured >= money.due and (money.captured > 0 or money.total == 0):
        return PaymentStatus.PAID
    if money.captured > 0:
        return PaymentStatus.PARTIALLY_PAID
    if money.authorized > 0 and money.authorized >= money.due:
        return PaymentStatus.AUTHORIZED
    return PaymentStatus.FAILED if money.failed else PaymentStatus.UNPAID


def fulfillment_status(units: Units) -> FulfillmentStatus:
    """The furthest stage any live unit has reached, marked partial while others lag."""
    for reached, whole, part in (
        (units.delivered, FulfillmentStatus.DELIVERED, FulfillmentStatus.PARTIALLY_DELIVERED),
        (units.shipped, FulfillmentStatus.SHIPPED, FulfillmentStatus.PARTIALLY_SHIPPED),
        (units.packed, FulfillmentStatus.PACKED, FulfillmentStatus.PARTIALLY_PACKED),
    ):
        if reached:
            return whole if reached == units.live else part
    return FulfillmentStatus.UNFULFILLED


def return_status(units: Units, *, open_returns: bool) -> ReturnStatus:
    """What came back; an open request shows only while nothing has."""
    if units.returned:
        return ReturnStatus.RETURNED if units.returned == units.live else ReturnStatus.PARTIALLY_RETURNED
    return ReturnStatus.REQUESTED if open_returns else ReturnStatus.NONE
