"""What the bench sends and is shown."""

from typing import Any

import django_filters
from rest_framework import serializers

from api.fields import QuantityField, TextField
from api.inputs import CommandSerializer
from orders.bench.lists import MOST_ORDERS
from orders.models import PickList, ShortPick
from orders.serializers.inputs import MAX_GRAMS, MAX_ID, LineUnits, NamesLines, UnitsField, list_of
from orders.serializers.shapes import instant


class PickListFilter(django_filters.FilterSet):
    warehouse = django_filters.CharFilter(field_name="warehouse__code", label="A code.")
    state = django_filters.ChoiceFilter(choices=PickList.State.choices)

    class Meta:
        model = PickList
        fields = ("warehouse", "state")


class PickListInput(CommandSerializer):
    warehouse = TextField(max_length=20, help_text="A code.")
    orders = QuantityField(default=10, max_value=MOST_ORDERS, help_text="So many at most, the oldest promises first.")


class PickInput(CommandSerializer):
    code = TextField(max_length=100, is_identifier=True, help_text="A SKU, or the barcode as it is scanned.")
    quantity = UnitsField(default=1)
    task = UnitsField(required=False, max_value=MAX_ID, help_text="For this order's line; left out: the next in turn.")


class ShortInput(CommandSerializer):
    task = UnitsField(max_value=MAX_ID)
    quantity = UnitsField(default=1)
    reason = serializers.ChoiceField(ShortPick.Reason.choices)


class PickTaskSerializer(serializers.Serializer[Any]):
    """Units of one line to be fetched."""

    id = serializers.IntegerField()
    order = serializers.CharField()
    line = serializers.IntegerField()
    sku = serializers.CharField()
    barcode = serializers.CharField()
    name = serializers.CharField()
    bin = serializers.CharField(help_text="Empty where shelves have no names.")
    quantity = serializers.IntegerField()
    picked = serializers.IntegerField()
    short = serializers.IntegerField(help_text="Units that were not there.")
    left = serializers.IntegerField(help_text="Units still to be fetched.")


class PickListSummarySerializer(serializers.Serializer[Any]):
    """A pick list without its tasks."""

    number = serializers.CharField()
    warehouse = serializers.CharField()
    state = serializers.ChoiceField(PickList.State.choices)
    assigned_to = serializers.CharField(allow_null=True, help_text="Who began to pick it.")
    orders = serializers.IntegerField()
    units = serializers.IntegerField()
    picked = serializers.IntegerField()
    short = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    finished_at = instant()


class PickListSerializer(PickListSummarySerializer):
    """A pick list with its tasks, in the order of the walk."""

    tasks = PickTaskSerializer(many=True)


class BenchOpen(CommandSerializer):
    code = TextField(max_length=100, is_identifier=True)
    warehouse = TextField(max_length=20)


class BenchNext(CommandSerializer):
    warehouse = TextField(max_length=20)
    besides = serializers.ListField(child=TextField(max_length=30), max_length=50, default=list)


class BenchPack(NamesLines):
    order = TextField(max_length=30)
    warehouse = TextField(max_length=20)
    lines = list_of(LineUnits(), allow_empty=False)
    weight_grams = UnitsField(required=False, allow_null=True, max_value=MAX_GRAMS)


class BenchShort(CommandSerializer):
    line = UnitsField(max_value=MAX_ID)
    warehouse = TextField(max_length=20)
    quantity = UnitsField(default=1)
    reason = serializers.ChoiceField(ShortPick.Reason.choices)
