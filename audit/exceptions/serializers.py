"""Exceptions, in and out."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.fields import TextField
from api.inputs import CommandSerializer
from audit.exceptions.kinds import ADVICE
from audit.exceptions.models import ExceptionCase

MAX_ID = 2**63 - 1


class SubjectSerializer(serializers.Serializer[Any]):
    type = serializers.CharField(source="subject_type", help_text="A model, such as `orders.order`.")
    id = serializers.CharField(source="subject_id")
    name = serializers.CharField(source="label", help_text="What people call it, such as the number of an order.")


class ExceptionCaseSerializer(serializers.ModelSerializer[ExceptionCase]):
    subject = SubjectSerializer(source="*", read_only=True)
    state = serializers.ChoiceField(choices=("open", "snoozed", "resolved"), read_only=True)
    late = serializers.BooleanField(source="is_late", read_only=True, help_text="Open beyond `due_at`.")
    owner = serializers.IntegerField(source="owner_id", read_only=True, allow_null=True, help_text="Whose it is.")
    what_to_do = serializers.SerializerMethodField()

    class Meta:
        model = ExceptionCase
        fields = (
            *("id", "kind", "state", "subject", "detail", "what_to_do", "warehouses", "owner"),
            *("opened_at", "due_at", "late", "snoozed_until", "resolved_at", "resolved_by", "resolution"),
        )
        read_only_fields = fields

    @extend_schema_field(str)
    def get_what_to_do(self, case: ExceptionCase) -> str:
        return ADVICE[case.kind]


class ExceptionCaseList(serializers.Serializer[Any]):
    results = ExceptionCaseSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class AssignInput(CommandSerializer):
    owner = serializers.IntegerField(
        min_value=1, max_value=MAX_ID, allow_null=True, help_text="The id of a person; `null`: nobody's."
    )


class SnoozeInput(CommandSerializer):
    until = serializers.DateTimeField(help_text="When it comes back into the queue.")


class ResolveInput(CommandSerializer):
    note = TextField(max_length=500, help_text="What was done about it.")
