"""What may be asked of a report, and the shape of the answer."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_date
from rest_framework import serializers

from api.fields import CurrencyField
from reporting.figures import GRANULARITIES, MAX_PERIODS, Window, periods

EARLIEST = date(1990, 1, 1)


class ReportQuery(serializers.Serializer):
    """The window of a report. Without dates: the last 30 days."""

    granularity = serializers.ChoiceField(choices=GRANULARITIES, default="day")
    currency = CurrencyField(required=False)
    format = serializers.ChoiceField(choices=("json", "csv"), required=False)

    def get_fields(self) -> dict[str, Any]:
        # `from` is a keyword of the language, so it cannot be declared as an attribute.
        dates = {"from": serializers.DateField(required=False), "to": serializers.DateField(required=False)}
        return super().get_fields() | dates

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        today = timezone.localdate(timezone=ZoneInfo(settings.SHOP_TIME_ZONE))
        last = attrs.get("to", today)
        first = attrs.get("from", last - timedelta(days=29))
        if first < EARLIEST or last.year > today.year + 10:
            raise serializers.ValidationError({"from" if first < EARLIEST else "to": "Too far away."})
        if first > last:
            raise serializers.ValidationError({"from": "The first day lies after the last."})
        window = Window(first, last, attrs.get("currency", settings.SHOP_CURRENCY))
        if periods(window, attrs["granularity"]) > MAX_PERIODS:
            raise serializers.ValidationError({"granularity": f"More than {MAX_PERIODS} rows. Take a longer period."})
        return attrs | {"window": window}


class TopProductsQuery(ReportQuery):
    by = serializers.ChoiceField(choices=("units", "revenue"), default="units")
    limit = serializers.IntegerField(min_value=1, max_value=1000, default=20)


class MomentField(serializers.DateTimeField):
    """An instant, or a day: the end of it in the shop's time."""

    def to_internal_value(self, value: Any) -> datetime:
        day = parse_date_or_none(value)
        if day is not None:
            return datetime.combine(day, time.max, ZoneInfo(settings.SHOP_TIME_ZONE))
        return super().to_internal_value(value)


def parse_date_or_none(value: Any) -> date | None:
    try:
        return parse_date(str(value))
    except ValueError:
        return None


class LiabilityQuery(serializers.Serializer):
    """A moment, and perhaps one currency. Without them: now, and all there are."""

    at = MomentField(required=False, help_text="An instant, or a day such as 2030-12-31: the end of it.")
    currency = CurrencyField(required=False)
    format = serializers.ChoiceField(choices=("json", "csv"), required=False)


class LiabilityReport(serializers.Serializer):
    """What is owed on gift cards at a moment, a row a currency."""

    report = serializers.CharField()
    at = serializers.DateTimeField()
    columns = serializers.ListField(child=serializers.CharField())
    rows = serializers.ListField(child=serializers.DictField())


class Report(serializers.Serializer):
    """A report: what it covers, its columns in order, its rows."""

    report = serializers.CharField()
    currency = serializers.CharField()
    first = serializers.DateField()
    last = serializers.DateField()
    columns = serializers.ListField(child=serializers.CharField())
    rows = serializers.ListField(child=serializers.DictField())
