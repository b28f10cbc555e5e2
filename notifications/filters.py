"""What lists of e-mails can be asked for."""

import django_filters

from notifications.models import Notification
from notifications.states import DeliveryStatus, Kind


class NotificationFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(choices=Kind.choices)
    status = django_filters.ChoiceFilter(choices=DeliveryStatus.choices)
    order = django_filters.CharFilter("order__number", max_length=40, help_text="An order's number.")
    created_after = django_filters.IsoDateTimeFilter("created_at", "gte", help_text="RFC 3339, this instant included.")
    created_before = django_filters.IsoDateTimeFilter("created_at", "lt", help_text="RFC 3339, this instant excluded.")

    class Meta:
        model = Notification
        fields: list[str] = []
