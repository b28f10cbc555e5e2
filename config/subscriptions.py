"""What follows from what: the urlconf of events."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from accounts.events import (
    DataExportReady,
    ErasureAsked,
    IdentityLinked,
    IdentityUnlinked,
    PasswordChanged,
    PasswordResetRequested,
    RecoveryCodesRenewed,
    RegistrationRepeated,
    SecondFactorAdded,
    SecondFactorRemoved,
    UserRegistered,
)
from audit.events import Event
from audit.exceptions.services import ExceptionResolved
from catalog import handlers as catalog
from catalog.events import BackInStock, CategoryChanged, DiscountRuleChanged, ProductImageAdded, ProductImageRemoved
from inventory.events import ShortfallChanged, ShortfallClosed, ShortfallOpened
from inventory.wms.events import WmsShipmentReported
from notifications import handlers as notifications
from orders import fulfilment_requests as fulfilment
from orders import handlers as orders
from orders.events import (
    AddressChanged,
    CarrierException,
    HoldPlaced,
    HoldReleased,
    OrderCancelled,
    OrderEdited,
    OrderExpired,
    OrderLinesCancelled,
    OrderPaid,
    OrderPlaced,
    OrderRevived,
    PaymentRecorded,
    ReservationExtended,
    ReturnApproved,
    ReturnExchanged,
    ReturnReceived,
    ReturnRejected,
    ReturnRequested,
    ReturnRestocked,
    ReturnWrittenOff,
    ShipmentCameBack,
    ShipmentCancelled,
    ShipmentDelivered,
    ShipmentLost,
    ShipmentPacked,
    ShipmentShipped,
    WaitingAllocated,
)
from orders.exceptions import handlers as exceptions
from payments import handlers as payments
from payments.events import DisputeOpened, PaymentCaptured, PaymentFailed, PaymentReminderDue, RefundSucceeded
from payments.gift_cards import handlers as gift_cards
from payments.gift_cards.events import GiftCardIssued

subscriptions: Mapping[type[Event], Sequence[Callable[[Any], None]]] = {
    OrderPlaced: [notifications.email_order_placed, notifications.broadcast_status],
    OrderPaid: [
        gift_cards.issue_gift_cards,
        orders.commit_tax,
        fulfilment.request_fulfilment,
        exceptions.hold_when_short,
        notifications.email_order_paid,
        notifications.broadcast_status,
    ],
    OrderCancelled: [
        payments.refund_cancelled,
        orders.void_tax,
        fulfilment.request_fulfilment,
        gift_cards.freeze_cancelled,
        notifications.email_order_cancelled,
        notifications.broadcast_status,
    ],
    OrderExpired: [
        payments.refund_cancelled,
        orders.void_tax,
        gift_cards.freeze_cancelled,
        notifications.email_order_cancelled,
        notifications.broadcast_status,
    ],
    OrderRevived: [notifications.broadcast_status],
    OrderLinesCancelled: [
        payments.refund_cancelled_lines,
        orders.void_tax,
        fulfilment.request_fulfilment,
        gift_cards.freeze_cancelled,
        notifications.email_order_cancelled,
        notifications.broadcast_status,
    ],
    ShortfallOpened: [exceptions.hold_short_orders],
    ShortfallChanged: [exceptions.hold_short_orders],
    ShortfallClosed: [exceptions.hold_short_orders],
    OrderEdited: [
        payments.refund_cancelled_lines,
        orders.void_tax,
        fulfilment.request_fulfilment,
        gift_cards.freeze_cancelled,
        notifications.email_order_edited,
        notifications.broadcast_status,
    ],
    # What an edit made it cost more has come: it may be shipped again.
    PaymentRecorded: [fulfilment.follow_payment, notifications.broadcast_status],
    ReservationExtended: [notifications.broadcast_status],
    AddressChanged: [fulfilment.request_fulfilment, notifications.broadcast_status],
    HoldPlaced: [fulfilment.request_fulfilment, notifications.broadcast_status],
    HoldReleased: [fulfilment.request_fulfilment, notifications.broadcast_status],
    WaitingAllocated: [fulfilment.request_fulfilment, notifications.broadcast_status],
    ShipmentPacked: [notifications.broadcast_status],
    ShipmentShipped: [
        payments.capture_what_left,
        notifications.email_order_shipped,
        notifications.broadcast_status,
    ],
    ShipmentDelivered: [notifications.broadcast_status],
    ShipmentLost: [notifications.broadcast_status],
    ShipmentCameBack: [notifications.broadcast_status],
    CarrierException: [exceptions.raise_carrier_exception, notifications.broadcast_status],
    ShipmentCancelled: [fulfilment.request_fulfilment, notifications.broadcast_status],
    ReturnRequested: [notifications.email_return_requested, notifications.broadcast_status],
    ReturnApproved: [notifications.email_return_approved, notifications.broadcast_status],
    ReturnRejected: [notifications.email_return_rejected, notifications.broadcast_status],
    ReturnReceived: [notifications.email_return_received, notifications.broadcast_status],
    ReturnRestocked: [notifications.broadcast_status],
    ReturnWrittenOff: [notifications.broadcast_status],
    ReturnExchanged: [notifications.broadcast_status],
    PaymentCaptured: [gift_cards.issue_gift_cards, payments.answer_money],
    RefundSucceeded: [payments.reverse_tax],
    DisputeOpened: [gift_cards.freeze_disputed],
    ExceptionResolved: [payments.resolve_money_case],
    GiftCardIssued: [notifications.email_gift_card],
    BackInStock: [notifications.email_back_in_stock],
    PaymentFailed: [payments.start_reminders],
    PaymentReminderDue: [notifications.email_payment_reminder, notifications.broadcast_status],
    WmsShipmentReported: [fulfilment.ship_reported],
    UserRegistered: [notifications.email_verification],
    RegistrationRepeated: [notifications.email_already_registered],
    PasswordResetRequested: [notifications.email_password_reset],
    PasswordChanged: [notifications.email_security_notice],
    SecondFactorAdded: [notifications.email_security_notice],
    SecondFactorRemoved: [notifications.email_security_notice],
    RecoveryCodesRenewed: [notifications.email_security_notice],
    IdentityLinked: [notifications.email_security_notice],
    IdentityUnlinked: [notifications.email_security_notice],
    DataExportReady: [notifications.email_export_ready],
    ErasureAsked: [notifications.email_account_closed],
    DiscountRuleChanged: [catalog.refresh_prices],
    CategoryChanged: [catalog.refresh_prices],
    ProductImageAdded: [catalog.make_renditions],
    ProductImageRemoved: [catalog.remove_image_files],
}
