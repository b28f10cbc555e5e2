"""What people are told about their copy and their closed account."""

from typing import Any

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from api.fields import TextField


class ExportSerializer(serializers.Serializer[Any]):
    status = serializers.CharField(read_only=True, help_text="queued, running, ready or failed.")
    requested_at = serializers.DateTimeField(read_only=True)
    ready_at = serializers.DateTimeField(read_only=True, allow_null=True)
    expires_at = serializers.DateTimeField(read_only=True, allow_null=True, help_text="When the file is deleted.")
    url = serializers.CharField(
        read_only=True,
        allow_null=True,
        help_text="Where the file is, when it is ready: without a header, for some minutes. Ask again for another.",
    )


class ClosedSerializer(serializers.Serializer[Any]):
    erase_at = serializers.DateTimeField(read_only=True, help_text="Until then the key of the mail opens it again.")


class KeepSerializer(serializers.Serializer[Any]):
    key = TextField(max_length=1000, is_identifier=True)


READY = OpenApiExample(
    "Ready",
    value={
        "status": "ready",
        "requested_at": "2026-11-27T08:00:00.000000Z",
        "ready_at": "2026-11-27T08:00:04.000000Z",
        "expires_at": "2026-12-04T08:00:04.000000Z",
        "url": "https://shop.example/api/v1/me/export/file?key=MTI:1vOs…",
    },
    response_only=True,
    status_codes=["200"],
)
QUEUED = OpenApiExample(
    "Under way",
    value={
        "status": "queued",
        "requested_at": "2026-11-27T08:00:00.000000Z",
        "ready_at": None,
        "expires_at": None,
        "url": None,
    },
    response_only=True,
    status_codes=["202"],
)
CLOSED = OpenApiExample(
    "Closed", value={"erase_at": "2026-12-11T08:00:00.000000Z"}, response_only=True, status_codes=["202"]
)
KEY = OpenApiExample("The key of the mail", value={"key": "MTI:1vOs…"}, request_only=True)
