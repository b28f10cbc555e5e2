"""What happens to orders, in the past tense."""

from dataclasses import dataclass

from audit.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEvent(Event):
    """A fact about one order, at the version it brought about."""

    aggregate = "order"
    key = "order_id"

    order_id: int
    version: int


class OrderPlaced(OrderEvent):
    """The stock is promised; payment is awaited."""


class OrderPaid(OrderEvent):
    """What is due has been captured; it may be packed."""


class PaymentRecorded(OrderEvent):
    """Money moved without settling the order: a part payment, an authorisation, a refund."""


class OrderCancelled(OrderEvent):
    """Nothing of it is wanted any more; its stock is free and its money goes back."""


class OrderExpired(OrderEvent):
    """It was not paid in time; otherwise as cancelled."""


class OrderRevived(OrderEvent):
    """It had expired, was paid after all, and has its stock again."""


class OrderLinesCancelled(OrderEvent):
    """Some units are no longer wanted."""


class ReservationExtended(OrderEvent):
    """Its stock waits longer for the money."""


class OrderEdited(OrderEvent):
    """Other goods or units are wanted; what is due may be less or more."""


class AddressChanged(OrderEvent):
    """It goes somewhere else now."""


class HoldPlaced(OrderEvent):
    """It may not be packed until somebody says so."""


class HoldReleased(OrderEvent):
    """One reason not to pack is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentEvent(OrderEvent):
    """A fact about one package."""

    shipment_id: int


class ShipmentPacked(ShipmentEvent):
    """A package stands ready."""


class ShipmentShipped(ShipmentEvent):
    """The carrier has it."""


class ShipmentDelivered(ShipmentEvent):
    """The customer has it."""


class ShipmentLost(ShipmentEvent):
    """The carrier does not find it."""


class ShipmentCameBack(ShipmentEvent):
    """The carrier brings it back undelivered; an approved return awaits it."""


class ShipmentCancelled(ShipmentEvent):
    """It was unpacked again."""


class CarrierException(ShipmentEvent):
    """The carrier has trouble with it, or brings it back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnEvent(OrderEvent):
    """A fact about one return."""

    return_id: int


class ReturnRequested(ReturnEvent):
    """The customer wants to send something back."""


class ReturnApproved(ReturnEvent):
    """They may."""


class ReturnRejected(ReturnEvent):
    """They may not."""


class ReturnReceived(ReturnEvent):
    """It is back in the warehouse."""


class ReturnRestocked(ReturnEvent):
    """Units of it that were refurbished are on sale again."""


class ReturnWrittenOff(ReturnEvent):
    """Units of it that were to be refurbished never go on sale again."""


class ReturnExchanged(ReturnEvent):
    """Another order brings what replaces units of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PickedShort(Event):
    """Units that the books promise were not on their shelf."""

    aggregate = "short_pick"
    key = "short_pick_id"

    short_pick_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscountCampaignChanged(Event):
    """The terms or the codes of a campaign are different."""

    aggregate = "discount_campaign"
    key = "campaign_id"

    campaign_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingAllocated(OrderEvent):
    """Units that were not there when they were ordered have come and are reserved for the order."""

    units: int
