"""Campaigns and codes, in and out."""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from api.fields import AmountField, QuantityField, StrictBooleanField, TextField
from api.inputs import CommandSerializer
from catalog.discounts.fields import shown
from catalog.discounts.serializers import DiscountBody, DiscountInput, show_terms
from kernel.money import format_amount
from orders.codes.checks import AMOUNTS, LONGEST_CODE, MOST_USES, OWN, SHORTEST_CODE
from orders.codes.making import LONGEST, LONGEST_PREFIX, MOST_AT_ONCE, SHORTEST, USUAL
from orders.models import DiscountCampaign, DiscountCode

CODE_HELP = f"{SHORTEST_CODE} to {LONGEST_CODE} letters A to Z, digits, `-` and `_`; small letters count as capitals."
LIMIT_HELP = "Orders it may be used in; null: any number."


def limit_field(help_text: str, **kwargs: Any) -> QuantityField:
    return QuantityField(max_value=MOST_USES, required=False, allow_null=True, help_text=help_text, **kwargs)


class CampaignInput(DiscountInput):
    kind = serializers.ChoiceField(DiscountCampaign.Kind.choices)
    applies_to = serializers.ChoiceField(
        DiscountCampaign.Target.choices,
        required=False,
        help_text="`lines`: the goods it is for, line by line; `order`: what all goods together cost.",
    )
    cap = AmountField(required=False, allow_null=True, help_text="A percentage takes at most this off an order.")
    minimum_spend = AmountField(
        required=False, allow_null=True, help_text="What its goods must cost after the automatic rules."
    )
    first_order_only = StrictBooleanField(required=False)
    limit_per_customer = limit_field("Orders of one customer, by e-mail address; null: any number.")
    combines = StrictBooleanField(required=False, help_text="Whether other codes may be used beside it.")
    budget = AmountField(required=False, allow_null=True, help_text="All its codes together give at most this.")


class DiscountCodeInput(CampaignInput):
    """A code with terms of its own, or, with `campaign`, one more code of terms that are there."""

    code = TextField(max_length=LONGEST_CODE, help_text=CODE_HELP)
    campaign = serializers.IntegerField(
        min_value=1, max_value=2**63 - 1, required=False, help_text="Beside it only `code`, `limit` and `active`."
    )
    limit = limit_field(LIMIT_HELP)
    active = StrictBooleanField(required=False, help_text="Of the code; a campaign is switched off by itself.")
    name = TextField(max_length=100, required=False, help_text="The code, when absent.")
    kind = serializers.ChoiceField(DiscountCampaign.Kind.choices, required=False)


class DiscountCodeChanges(CampaignInput):
    """What is absent stays. The terms are the campaign's: changed here, they change for all its codes."""

    limit = limit_field(LIMIT_HELP)
    active = StrictBooleanField(required=False, help_text="Of the code; a campaign is switched off by itself.")
    name = TextField(max_length=100, required=False)
    kind = serializers.ChoiceField(DiscountCampaign.Kind.choices, required=False)


class CodeBatchInput(CommandSerializer):
    count = QuantityField(max_value=MOST_AT_ONCE)
    prefix = TextField(
        max_length=LONGEST_PREFIX, required=False, allow_blank=True, default="", help_text="What each begins with."
    )
    length = QuantityField(
        min_value=SHORTEST,
        max_value=LONGEST,
        required=False,
        default=USUAL,
        help_text="Characters after the prefix, drawn by chance.",
    )
    limit = limit_field("Orders each may be used in; null: any number.", default=1)


class CodeBatch(serializers.Serializer[Any]):
    codes = serializers.ListField(child=serializers.CharField())


class CampaignBody(DiscountBody):
    """The terms of one or many codes."""

    kind = serializers.ChoiceField(DiscountCampaign.Kind.choices)
    applies_to = serializers.ChoiceField(DiscountCampaign.Target.choices)
    cap = serializers.CharField(allow_null=True)
    minimum_spend = serializers.CharField(allow_null=True)
    first_order_only = serializers.BooleanField()
    limit_per_customer = serializers.IntegerField(allow_null=True)
    combines = serializers.BooleanField()
    budget = serializers.CharField(allow_null=True)
    spent = serializers.CharField(
        allow_null=True, help_text="What all its codes have given; null where that is in several currencies."
    )


class DiscountCodeBody(CampaignBody):
    """A code with the terms of its campaign."""

    code = serializers.CharField()
    campaign = serializers.IntegerField(help_text="Its id.")
    campaign_active = serializers.BooleanField(help_text="Switched off, none of its codes can be used.")
    limit = serializers.IntegerField(allow_null=True, help_text="Orders it may be used in.")
    uses = serializers.IntegerField(help_text="Orders it is used in, cancelled ones not counted.")
    version = serializers.IntegerField(help_text="Of the terms; `If-Match` takes it, or the `ETag`.")


def show_campaigns(campaigns: Sequence[DiscountCampaign]) -> list[dict[str, Any]]:
    """As `CampaignBody` has it, in one statement for all of them."""
    return [
        show_terms(common | {name: getattr(campaign, name) for name in OWN}, AMOUNTS) | {"spent": spent_of(campaign)}
        for campaign, common in zip(campaigns, shown(campaigns), strict=True)
    ]


def show_codes(codes: Sequence[DiscountCode]) -> list[dict[str, Any]]:
    """As `DiscountCodeBody` has it; the campaigns come with the codes."""
    terms = show_campaigns([code.campaign for code in codes])
    return [
        campaign
        | {"id": code.pk, "code": code.code, "campaign": code.campaign_id, "campaign_active": campaign["active"]}
        | {name: getattr(code, name) for name in ("limit", "uses", "active")}
        for code, campaign in zip(codes, terms, strict=True)
    ]


def spent_of(campaign: DiscountCampaign) -> str | None:
    return format_amount(campaign.spent, campaign.currency) if campaign.currency else None
