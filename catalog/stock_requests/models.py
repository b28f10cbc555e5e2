"""Who wants to be told when a product can be had again."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.db.models.lookups import Exact

from accounts.models import User
from audit.history import HistoryTrigger, Tracked
from catalog.models.product import Product
from catalog.stock_requests.querysets import StockRequestQuerySet

DEFAULT_LANGUAGE = "en"
LANGUAGE = r"\A[a-z]{2}(-[A-Z]{2})?\Z"


class StockRequest(Tracked):
    """The wish of a customer, or of a guest at an address, to be told once. A guest's address goes when it has ended.

    Kept out of the history, so that it stands in one place only.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        TOLD = "told"
        WITHDRAWN = "withdrawn"

    product = models.ForeignKey(Product, models.PROTECT, related_name="stock_requests", db_index=False)
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="stock_requests")
    email = models.EmailField(blank=True, help_text="A guest's; a customer is written to at their own.")
    language = models.CharField(
        max_length=5,
        default=DEFAULT_LANGUAGE,
        validators=[RegexValidator(LANGUAGE, "A language, such as en or de-AT.")],
    )
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True, help_text="When it was told or withdrawn.")

    objects = StockRequestQuerySet.as_manager()

    class Meta(Tracked.Meta):
        app_label = "catalog"
        ordering = ("-id",)
        triggers = (HistoryTrigger(exclude=("email",)),)
        constraints = (
            models.UniqueConstraint(
                fields=("product", "user"), condition=Q(state="waiting"), name="stock_request_once_per_customer"
            ),
            models.UniqueConstraint(
                fields=("product", "email"),
                condition=Q(state="waiting", user=None),
                name="stock_request_once_per_address",
            ),
            models.CheckConstraint(condition=Exact(F("email"), Lower("email")), name="stock_request_address_is_lower"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "told", "withdrawn"]), name="stock_request_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", ended_at=None) | (~Q(state="waiting") & Q(ended_at__isnull=False)),
                name="stock_request_ended_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False, email="") | (Q(user=None) & (~Q(email="") | ~Q(state="waiting"))),
                name="stock_request_goes_to_somebody",
            ),
        )
        indexes = (
            models.Index(fields=("product", "id"), condition=Q(state="waiting"), name="stock_request_waiting"),
            models.Index(fields=("email",), condition=~Q(email=""), name="stock_request_by_address"),
            models.Index(
                fields=("ended_at",), condition=Q(ended_at__isnull=False) & ~Q(email=""), name="stock_request_ended"
            ),
        )

    def __str__(self) -> str:
        return f"request {self.pk}"

    @property
    def recipient(self) -> str:
        """The address as it is now; empty once it was forgotten."""
        return self.user.email if self.user else self.email
