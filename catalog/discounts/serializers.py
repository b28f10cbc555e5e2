"""Discount rules over HTTP, in and out; what they share with the campaigns of codes."""

from typing import Any

from rest_framework import serializers

from api.fields import AmountField, CurrencyField, QuantityField, StrictBooleanField, TextField
from api.inputs import CommandSerializer, WholeSerializer
from catalog.models import DiscountRule
from kernel.money import format_amount

MOST_NAMES = 1000
MOST_LANES = 100


def names(help_text: str) -> serializers.ListField:
    return serializers.ListField(
        child=TextField(max_length=100, is_identifier=True), max_length=MOST_NAMES, required=False, help_text=help_text
    )


def percent_field(**kwargs: Any) -> serializers.DecimalField:
    return AmountField(help_text="10 is 10 %.", **kwargs)


class TierInput(WholeSerializer):
    percent = percent_field()

    def get_fields(self) -> dict[str, Any]:
        # `from` is a word of the language.
        return {"from": QuantityField(help_text="From so many units of a line on."), **super().get_fields()}


class DiscountInput(CommandSerializer):
    """What rules and campaigns have in common. Which fields a kind needs: docs/pricing.md."""

    name = TextField(max_length=100)
    active = StrictBooleanField(required=False)
    starts_at = serializers.DateTimeField(required=False, allow_null=True)
    ends_at = serializers.DateTimeField(required=False, allow_null=True)
    percent = percent_field(required=False, allow_null=True)
    amount = AmountField(required=False, allow_null=True)
    currency = CurrencyField(required=False, allow_blank=True, help_text="Of the amounts; empty: every currency.")
    skus = names("Products it is for, with the categories and tags; none named: all.")
    categories = names("Slugs; what lies below them is meant too.")
    tags = names("Products that have one of them.")
    buy_quantity = QuantityField(required=False, allow_null=True)
    get_quantity = QuantityField(required=False, allow_null=True)
    get_skus = names("Products that buy X get Y gives; none named: the same.")
    get_categories = names("As `get_skus`.")
    get_tags = names("As `get_skus`.")
    max_times = QuantityField(required=False, allow_null=True)


class RuleInput(DiscountInput):
    kind = serializers.ChoiceField(DiscountRule.Kind.choices)
    lane = QuantityField(max_value=MOST_LANES, required=False, help_text="Lanes follow each other by number.")
    priority = QuantityField(min_value=0, max_value=32_767, required=False, help_text="The lowest comes first.")
    exclusive = StrictBooleanField(required=False, help_text="Only on lines that no rule of its lane has touched.")
    groups = names("Customer groups it is for; none named: everybody.")
    tiers: Any = serializers.ListSerializer(child=TierInput(), max_length=50, required=False)

    def fields_given(self) -> dict[str, Any]:
        """As `create_rule` takes them."""
        given = dict(self.validated_data)
        if "tiers" in given:
            given["tiers"] = [{"from": tier["from"], "percent": plain(tier["percent"])} for tier in given["tiers"]]
        return given


class DiscountBody(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    active = serializers.BooleanField()
    starts_at = serializers.DateTimeField(allow_null=True)
    ends_at = serializers.DateTimeField(allow_null=True)
    percent = serializers.CharField(allow_null=True)
    amount = serializers.CharField(allow_null=True)
    currency = serializers.CharField()
    skus = serializers.ListField(child=serializers.CharField())
    categories = serializers.ListField(child=serializers.CharField())
    tags = serializers.ListField(child=serializers.CharField())
    buy_quantity = serializers.IntegerField(allow_null=True)
    get_quantity = serializers.IntegerField(allow_null=True)
    get_skus = serializers.ListField(child=serializers.CharField())
    get_categories = serializers.ListField(child=serializers.CharField())
    get_tags = serializers.ListField(child=serializers.CharField())
    max_times = serializers.IntegerField(allow_null=True)
    version = serializers.IntegerField(help_text="Grows with each change; `If-Match` takes it, or the `ETag`.")


class TierBody(serializers.Serializer[Any]):
    percent = serializers.CharField()

    def get_fields(self) -> dict[str, Any]:
        return {"from": serializers.IntegerField(), **super().get_fields()}


class RuleBody(DiscountBody):
    """A discount that needs no code."""

    kind = serializers.ChoiceField(DiscountRule.Kind.choices)
    lane = serializers.IntegerField()
    priority = serializers.IntegerField()
    exclusive = serializers.BooleanField()
    groups = serializers.ListField(child=serializers.CharField())
    tiers = TierBody(many=True)


def plain(number: Any) -> str:
    """A number without trailing zeros."""
    return f"{number.normalize():f}"


def show_terms(common: dict[str, Any], amounts: tuple[str, ...] = ("amount",)) -> dict[str, Any]:
    """The common fields with their numbers as text."""
    currency = common["currency"]
    money = {name: None if common[name] is None else format_amount(common[name], currency) for name in amounts}
    return common | money | {"percent": None if common["percent"] is None else plain(common["percent"])}
