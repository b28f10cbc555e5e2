"""What a person has to look at."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from audit.history import Tracked
from orders.models import Order
from payments.models.payment import Payment
from payments.states import CaseKind


class MoneyCase(Tracked):
    """Something about money that no rule may decide. Open until a person has resolved it."""

    kind = models.CharField(max_length=20, choices=CaseKind)
    order = models.ForeignKey(Order, models.PROTECT, null=True, blank=True, related_name="money_cases")
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, blank=True, related_name="cases")
    about = models.CharField(max_length=255, help_text="What it is about, as one open case of a kind can be.")
    detail = models.CharField(max_length=500)
    opened_at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.CharField(max_length=200, blank=True)
    resolution = models.CharField(max_length=500, blank=True)

    class Meta(Tracked.Meta):
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=CaseKind.values), name="money_case_kind_known"),
            models.UniqueConstraint(
                fields=("kind", "about"), condition=Q(resolved_at=None), name="money_case_open_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.about}"
