"""Requests, in and out."""

from typing import Any

from rest_framework import serializers

from accounts.serializers import EmailAddressField
from api.fields import TextField
from api.inputs import CommandSerializer
from catalog.stock_requests.models import DEFAULT_LANGUAGE, LANGUAGE, StockRequest


class StockRequestInput(CommandSerializer):
    sku = TextField(max_length=64, is_identifier=True)
    email = EmailAddressField(required=False, help_text="A guest's address. Customers are written to at their own.")
    language = serializers.RegexField(LANGUAGE, default=DEFAULT_LANGUAGE, help_text="Such as en or de-AT.")


class StockRequestBody(serializers.Serializer[Any]):
    """What a guest is told says nothing about requests that were there before."""

    sku = serializers.CharField(source="product.sku")
    name = serializers.CharField(source="product.name")
    options = serializers.DictField(child=serializers.CharField(), source="product.options")
    state = serializers.ChoiceField(StockRequest.State.choices)
    id = serializers.IntegerField(required=False, help_text="Absent for a guest, as is all that follows.")
    language = serializers.CharField(required=False)
    created_at = serializers.DateTimeField(required=False)
    ended_at = serializers.DateTimeField(required=False, allow_null=True, help_text="When you were told.")


GUESTS_SEE = ("sku", "name", "options", "state")
