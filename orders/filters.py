"""What lists of orders can be asked for."""

from typing import Any

import django_filters
from django.db.models import TextChoices

from orders.models import Order
from orders.permissions import viewer_of
from orders.querysets import OrderQuerySet
from orders.states import FulfillmentStatus, PaymentStatus, Status


class AnyOf(django_filters.BaseInFilter, django_filters.ChoiceFilter):
    """One or several values, joined by commas."""


def any_of(choices: type[TextChoices]) -> AnyOf:
    return AnyOf(choices=choices.choices, help_text=f"One or several, joined by commas: {', '.join(choices.values)}.")


class OrderFilter(django_filters.FilterSet):
    status = any_of(Status)
    payment_status = any_of(PaymentStatus)
    fulfillment_status = any_of(FulfillmentStatus)
    created_after = django_filters.IsoDateTimeFilter("created_at", "gte", help_text="RFC 3339, this instant included.")
    created_before = django_filters.IsoDateTimeFilter("created_at", "lt", help_text="RFC 3339, this instant excluded.")
    q = django_filters.CharFilter(
        method="search",
        max_length=200,
        help_text="Number, reference, SKU or tracking number; e-mail and last name for who is shown them.",
    )
    test = django_filters.ChoiceFilter(
        choices=[("true", "true"), ("false", "false")],
        method="tests",
        help_text="true: only test orders; false: all but these.",
    )

    class Meta:
        model = Order
        fields: list[str] = []

    def search(self, queryset: OrderQuerySet, name: str, text: str) -> Any:
        return queryset.search(text, people=viewer_of(self.request).sees_people)

    def tests(self, queryset: OrderQuerySet, name: str, text: str) -> Any:
        return queryset.filter(test=text == "true")
