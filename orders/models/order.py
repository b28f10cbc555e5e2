"""The order: what was promised, at which price, and where each unit stands."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Cast, Concat, Upper

from accounts.models import AddressFields, Partner, User
from audit.history import Tracked, append_only
from catalog.models import Product
from orders.querysets import OrderQuerySet
from orders.states import (
    FulfillmentStatus,
    HoldKind,
    Paid,
    PaymentStatus,
    ReturnStatus,
    Status,
    Units,
)

ADDRESS_FIELDS = tuple(found.name for found in AddressFields._meta.local_fields)

# Numbers go up; one that was drawn for an order that came to nothing is left out.
NEXT_NUMBER = Concat(
    Value("W"),
    Cast(Func(Value("orders_order_number"), function="nextval"), models.TextField()),
    output_field=models.CharField(),
)


def amount_field(**kwargs: Any) -> models.DecimalField:
    """Major units of the order's currency; four decimals hold every ISO 4217 exponent in use."""
    return models.DecimalField(max_digits=18, decimal_places=4, **kwargs)


class Order(Tracked):
    """A promise to deliver lines at a total. Statuses are derived, see `orders.states`; never set by hand."""

    number = models.CharField(max_length=20, unique=True, db_default=NEXT_NUMBER)
    reference = models.CharField(max_length=100, blank=True, help_text="The partner's own number.")
    test = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text="Placed by a sandbox token: it takes no stock and no money, and never ships.",
    )
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="orders")
    partner = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="orders")
    email = models.EmailField(blank=True)
    currency = models.CharField(max_length=3)
    version = models.PositiveIntegerField(default=0)

    status = models.CharField(max_length=20, choices=Status, default=Status.PENDING)
    payment_status = models.CharField(max_length=20, choices=PaymentStatus, default=PaymentStatus.UNPAID)
    fulfillment_status = models.CharField(
        max_length=20, choices=FulfillmentStatus, default=FulfillmentStatus.UNFULFILLED
    )
    return_status = models.CharField(max_length=20, choices=ReturnStatus, default=ReturnStatus.NONE)

    subtotal = amount_field()
    discount_total = amount_field(default=Decimal(0))
    shipping_total = amount_field(default=Decimal(0))
    tax_total = amount_field(default=Decimal(0), help_text="Added to the prices, the shipping's included.")
    included_tax_total = amount_field(
        default=Decimal(0), db_default=Decimal(0), help_text="Tax that the prices and the shipping hold already."
    )
    total = amount_field()
    cancelled_total = amount_field(default=Decimal(0))
    authorized_total = amount_field(default=Decimal(0))
    captured_total = amount_field(default=Decimal(0))
    refunded_total = amount_field(default=Decimal(0))

    given_back_total = amount_field(
        default=Decimal(0),
        db_default=Decimal(0),
        help_text="Of it, and of what is on its way back: what was not owed any more.",
    )

    shipping_method = models.CharField(max_length=50, blank=True)
    discount_codes = models.JSONField(default=list, blank=True)
    explanation = models.JSONField(default=list, blank=True)
    cancel_reason = models.CharField(max_length=200, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    ship_by = models.DateTimeField(null=True, blank=True, help_text="The promise: shipped by then.")
    deliver_by = models.DateField(null=True, blank=True, help_text="The promise: with the customer on that day.")
    created_at = models.DateTimeField(db_index=True)
    paid_at = models.DateTimeField(null=True, blank=True, db_index=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    objects = OrderQuerySet.as_manager()

    class Meta(Tracked.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=("partner", "reference", "test"), condition=~Q(reference=""), name="order_reference_is_unique"
            ),
            models.CheckConstraint(condition=Q(test=False) | Q(partner__isnull=False), name="order_test_is_a_partners"),
            models.CheckConstraint(
                condition=Q(total=F("subtotal") - F("discount_total") + F("shipping_total") + F("tax_total")),
                name="order_total_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(
                    subtotal__gte=0, discount_total__gte=0, shipping_total__gte=0, tax_total__gte=0, total__gte=0
                ),
                name="order_amounts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_total__gte=0, cancelled_total__lte=F("total")),
                name="order_cancelled_at_most_total",
            ),
            models.CheckConstraint(
                condition=Q(refunded_total__gte=0, refunded_total__lte=F("captured_total")),
                name="order_refunded_at_most_captured",
            ),
        )
        indexes = (
            models.Index(fields=("status", "-id"), name="order_by_status"),
            models.Index(fields=("user", "-id"), name="order_by_user"),
            models.Index(fields=("partner", "-id"), name="order_by_partner"),
            models.Index(fields=("email",), name="order_by_email"),
            models.Index(fields=("reference",), condition=~Q(reference=""), name="order_by_reference"),
            models.Index(fields=("expires_at",), condition=Q(status="pending"), name="order_expiring"),
            models.Index(
                fields=("expires_at",),
                condition=Q(paid_at__isnull=False, expires_at__isnull=False),
                name="order_edit_expiring",
            ),
            # The queues of the back office: what waits to be packed or shipped, the oldest promise first.
            models.Index(fields=("ship_by", "id"), condition=Q(status__in=["paid", "packed"]), name="order_by_promise"),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def due(self) -> Decimal:
        """What the customer owes in all: the total less what was cancelled."""
        return self.total - self.cancelled_total

    def money(self) -> Paid:
        return Paid(
            total=self.total,
            due=self.due,
            authorized=self.authorized_total,
            captured=self.captured_total,
            refunded=self.refunded_total,
            given_back=self.given_back_total,
            failed=self.payment_status == PaymentStatus.FAILED,
            counts_authorized=settings.SHOP_CAPTURE_AT_SHIPMENT,
            was_settled=self.paid_at is not None,
        )


class OrderAddress(Tracked, AddressFields):
    """Where it goes and who pays, copied when the order is placed."""

    class Kind(models.TextChoices):
        SHIPPING = "shipping"
        BILLING = "billing"

    order = models.ForeignKey(Order, models.PROTECT, related_name="addresses")
    kind = models.CharField(max_length=10, choices=Kind)

    class Meta(Tracked.Meta):
        verbose_name_plural = "order addresses"
        indexes = (models.Index(Upper("last_name"), name="order_address_by_name"),)
        constraints = (models.UniqueConstraint(fields=("order", "kind"), name="order_address_once_per_kind"),)

    def __str__(self) -> str:
        return f"{self.kind} address of order {self.order_id}"


class OrderLine(Tracked):
    """One product of the order, with what was promised copied and its units counted stage by stage."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="lines")
    product = models.ForeignKey(Product, models.PROTECT, related_name="+")
    sku = models.CharField(max_length=100)
    name = models.CharField(max_length=255)
    options = models.JSONField(default=dict, blank=True)
    unit_price = amount_field()
    quantity = models.PositiveIntegerField(help_text="Units ordered.")
    discount = amount_field(default=Decimal(0))
    tax_rate = models.DecimalField(max_digits=7, decimal_places=6, default=Decimal(0))
    tax = amount_field(default=Decimal(0), help_text="Added to the price.")
    included_tax = amount_field(default=Decimal(0), db_default=Decimal(0), help_text="Held by the price already.")
    total = amount_field(help_text="unit_price × quantity − discount + tax")
    waiting = models.PositiveIntegerField(
        default=0, db_default=0, editable=False, help_text="Live units that are not there yet."
    )
    promised_on = models.DateField(null=True, blank=True, help_text="When what was not there was to come.")
    unpaid = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text="Added to a paid order by an edit that is not paid yet: given up at the order's expiry.",
    )
    cancelled = models.PositiveIntegerField(default=0)
    packed = models.PositiveIntegerField(default=0)
    shipped = models.PositiveIntegerField(default=0)
    delivered = models.PositiveIntegerField(default=0)
    returned = models.PositiveIntegerField(default=0)

    class Meta(Tracked.Meta):
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(packed__gte=F("shipped"), shipped__gte=F("delivered"), delivered__gte=F("returned")),
                name="line_stages_in_order",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=F("cancelled") + F("packed")), name="line_packs_only_live_units"
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="line_quantity_positive"),
            models.CheckConstraint(
                condition=Q(total=F("unit_price") * F("quantity") - F("discount") + F("tax")),
                name="line_total_adds_up",
            ),
        )

    def __str__(self) -> str:
        return f"{self.quantity} × {self.sku}"

    @property
    def units(self) -> Units:
        return Units(
            ordered=self.quantity,
            cancelled=self.cancelled,
            packed=self.packed,
            shipped=self.shipped,
            delivered=self.delivered,
            returned=self.returned,
        )


class OrderTransition(models.Model):
    """One change of an order. Versions run from 1 without gap or fork; effects keyed on a row happen once."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="transitions")
    version = models.PositiveIntegerField()
    verb = models.CharField(max_length=40)
    from_status = models.CharField(max_length=20, blank=True)
    to_status = models.CharField(max_length=20, choices=Status)
    payment_status = models.CharField(max_length=20, choices=PaymentStatus)
    fulfillment_status = models.CharField(max_length=20, choices=FulfillmentStatus)
    return_status = models.CharField(max_length=20, choices=ReturnStatus)
    actor = models.CharField(max_length=200)
    reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("order", "version")
        triggers = (append_only(),)
        constraints = (models.UniqueConstraint(fields=("order", "version"), name="transition_once_per_version"),)

    def __str__(self) -> str:
        return f"{self.order_id} v{self.version} {self.verb}"


class Hold(Tracked):
    """Why an order may not be packed for now, and who may let it go on."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="holds")
    kind = models.CharField(max_length=20, choices=HoldKind)
    note = models.CharField(max_length=500, blank=True)
    placed_by = models.CharField(max_length=200)
    placed_at = models.DateTimeField()
    released_by = models.CharField(max_length=200, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta(Tracked.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=("order", "kind"), condition=Q(released_at=None), name="hold_open_once_per_kind"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} on order {self.order_id}"
