"""Templates and e-mails, in and out."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.fields import TextField
from api.inputs import CommandSerializer
from notifications.models import Notification, NotificationTemplate
from notifications.rendering import sample, variables_of
from notifications.rendering.check import MAX_LENGTH
from notifications.states import DEFAULT_LANGUAGE, Kind


class TemplateSerializer(serializers.ModelSerializer[NotificationTemplate]):
    variables = serializers.SerializerMethodField(help_text="What can be filled in; `[]` marks what a loop goes over.")

    class Meta:
        model = NotificationTemplate
        fields = ("kind", "language", "subject", "text", "html", "version", "variables", "updated_at")
        read_only_fields = fields

    def get_variables(self, template: NotificationTemplate) -> list[str]:
        return variables_of(sample(template.kind))


def part(name: str, **options: Any) -> TextField:
    """One part of a template as it was typed."""
    return TextField(max_length=MAX_LENGTH[name], trim_whitespace=name == "subject", **options)


class TemplateChanges(CommandSerializer):
    subject = part("subject", required=False)
    text = part("text", required=False)
    html = part("html", required=False)


class TemplateInput(CommandSerializer):
    kind = serializers.ChoiceField(Kind.choices)
    language = TextField(max_length=5, default=DEFAULT_LANGUAGE)
    subject = part("subject")
    text = part("text")
    html = part("html")


class PreviewSerializer(serializers.Serializer[Any]):
    subject = serializers.CharField()
    text = serializers.CharField()
    html = serializers.CharField(help_text="A whole HTML document.")


class NotificationSerializer(serializers.ModelSerializer[Notification]):
    order = serializers.SerializerMethodField(help_text="The order's number, where it is about one.")
    shipment = serializers.SerializerMethodField(help_text="The package's number, where it is about one.")
    to = serializers.CharField(source="recipient", read_only=True, help_text="The address as it is now.")

    class Meta:
        model = Notification
        fields = (
            "id",
            "kind",
            "language",
            "order",
            "version",
            "shipment",
            "to",
            "is_sample",
            "requested_by",
            "status",
            "attempts",
            "created_at",
            "due_at",
            "sent_at",
            "error",
        )
        read_only_fields = fields

    @extend_schema_field({"type": "string", "nullable": True})
    def get_order(self, mail: Notification) -> str | None:
        return mail.order.number if mail.order else None

    @extend_schema_field({"type": "string", "nullable": True})
    def get_shipment(self, mail: Notification) -> str | None:
        return mail.shipment.number if mail.shipment else None
