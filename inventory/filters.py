"""What lists of stock can be narrowed to."""

import django_filters
from django import forms

from inventory.models import Reservation, StockLevel, StockMovement
from inventory.querysets import LevelQuerySet

MAX_ID = 2**63 - 1


class WholeNumberFilter(django_filters.Filter):
    """An id: neither `1.5` nor more digits than a column has."""

    field_class = forms.IntegerField

    def __init__(self, **kwargs: object) -> None:
        super().__init__(min_value=1, max_value=MAX_ID, **kwargs)


class YesNoFilter(django_filters.TypedChoiceFilter):
    """`true` or `false`, and nothing that is silently neither."""

    def __init__(self, **kwargs: object) -> None:
        choices = [("true", "true"), ("false", "false")]
        super().__init__(choices=choices, coerce=lambda text: text == "true", empty_value=None, **kwargs)


class PlaceFilter(django_filters.FilterSet):
    """By SKU and by the code of a warehouse, exactly."""

    sku = django_filters.CharFilter(field_name="item__sku", max_length=64)
    warehouse = django_filters.CharFilter(field_name="warehouse__code", max_length=20)


class LevelFilter(PlaceFilter):
    low = YesNoFilter(method="filter_low")

    class Meta:
        model = StockLevel
        fields = ("sku", "warehouse", "low")

    def filter_low(self, queryset: LevelQuerySet, name: str, value: bool) -> LevelQuerySet:
        return queryset.low() if value else queryset.not_low()


class MovementFilter(PlaceFilter):
    cause = django_filters.CharFilter(max_length=100)
    kind = django_filters.ChoiceFilter(choices=StockMovement.Kind.choices)
    line = WholeNumberFilter(field_name="order_line_id")

    class Meta:
        model = StockMovement
        fields = ("sku", "warehouse", "cause", "kind", "line")


class ReservationFilter(PlaceFilter):
    order_id = WholeNumberFilter()
    state = django_filters.ChoiceFilter(choices=Reservation.State.choices)

    class Meta:
        model = Reservation
        fields = ("sku", "warehouse", "order_id", "state")
