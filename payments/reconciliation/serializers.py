"""Runs and differences, in and out."""

from rest_framework import serializers

from api.fields import TextField
from api.inputs import CommandSerializer
from payments.models import Difference, ReconciliationRun


class RunSerializer(serializers.ModelSerializer[ReconciliationRun]):
    class Meta:
        model = ReconciliationRun
        fields = (
            "id",
            "provider",
            "window_from",
            "window_to",
            "started_by",
            "started_at",
            "finished_at",
            "compared",
            "repaired",
            "open",
            "error",
        )
        read_only_fields = fields


class DifferenceSerializer(serializers.ModelSerializer[Difference]):
    payment = serializers.UUIDField(source="payment_id", read_only=True, allow_null=True)

    class Meta:
        model = Difference
        fields = (
            "id",
            "kind",
            "state",
            "object_type",
            "reference",
            "payment",
            "ours",
            "theirs",
            "action",
            "resolved_at",
            "resolved_by",
            "resolution",
        )
        read_only_fields = fields


class RunWithDifferencesSerializer(RunSerializer):
    differences = DifferenceSerializer(many=True, read_only=True, help_text="Open ones first, at most a thousand.")

    class Meta(RunSerializer.Meta):
        fields = (*RunSerializer.Meta.fields, "differences")  # type: ignore[assignment]
        read_only_fields = fields  # type: ignore[assignment]


class RunInput(CommandSerializer):
    provider = TextField(max_length=20, help_text="One that is configured: stripe, paypal.")
    since = serializers.DateTimeField(required=False, help_text="Without it, three days before the end.")
    until = serializers.DateTimeField(required=False, help_text="Without it, now.")
