"""Runs of the WMS link and what they found, in and out."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from api.fields import TextField
from api.inputs import CommandSerializer
from inventory.wms.states import DifferenceState, RunKind, Why

RUN: dict[str, Any] = {
    "id": 12,
    "link": "main",
    "kind": "changes",
    "started_by": "system:wms",
    "started_at": "2030-03-05T02:00:00.000000Z",
    "finished_at": "2030-03-05T02:00:04.000000Z",
    "rows": 311,
    "changed": 12,
    "refused": 1,
    "quarantined": 1,
    "tolerance_units": 10,
    "tolerance_percent": 20,
    "rise_units": 1000,
    "lag_seconds": 3,
    "error": "",
}
DIFFERENCE: dict[str, Any] = {
    "id": 88,
    "sku": "MUG-BLUE",
    "warehouse": "NORTH",
    "theirs": 2,
    "as_of": "2030-03-05T01:59:58.000000Z",
    "ours": 60,
    "since": -1,
    "target": 1,
    "reserved": 4,
    "pending": 2,
    "state": "quarantined",
    "why": "absurd_drop",
    "decided_at": None,
    "decided_by": "",
}


@extend_schema_serializer(examples=[OpenApiExample("A run", value=RUN, response_only=True)])
class WmsRunSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    link = serializers.CharField()
    kind = serializers.CharField(help_text=", ".join(RunKind))
    started_by = serializers.CharField()
    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    rows = serializers.IntegerField(help_text="Numbers heard.")
    changed = serializers.IntegerField(help_text="Levels that were changed.")
    refused = serializers.IntegerField()
    quarantined = serializers.IntegerField(help_text="Numbers that wait for a person.")
    tolerance_units = serializers.IntegerField(allow_null=True, help_text="A drop of so many units is believed,")
    tolerance_percent = serializers.IntegerField(allow_null=True, help_text="or of so much of what we have,")
    rise_units = serializers.IntegerField(allow_null=True, help_text="and a rise of so many.")
    lag_seconds = serializers.IntegerField(allow_null=True, help_text="Age of the newest number when it was heard.")
    error = serializers.CharField(help_text="Why it broke off; what it had heard until then counts.")


@extend_schema_serializer(examples=[OpenApiExample("A difference", value=DIFFERENCE, response_only=True)])
class WmsDifferenceSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    sku = serializers.CharField()
    warehouse = serializers.CharField(source="code")
    theirs = serializers.IntegerField(allow_null=True, help_text="What the WMS counted at `as_of`.")
    as_of = serializers.DateTimeField(allow_null=True)
    ours = serializers.IntegerField(allow_null=True, help_text="What our books said.")
    since = serializers.IntegerField(help_text="Units that came and went here and that the WMS had not counted.")
    target = serializers.IntegerField(allow_null=True, help_text="What lies there if it is believed.")
    reserved = serializers.IntegerField(help_text="Units promised to orders.")
    pending = serializers.IntegerField(help_text="Those of them that the WMS has not yet been asked for.")
    state = serializers.CharField(help_text=", ".join(DifferenceState))
    why = serializers.CharField(help_text=", ".join(why for why in Why if why))
    decided_at = serializers.DateTimeField(allow_null=True)
    decided_by = serializers.CharField()


@extend_schema_serializer(
    examples=[
        OpenApiExample("What changed", value={"link": "main"}, request_only=True),
        OpenApiExample("All of it", value={"link": "main", "kind": "snapshot"}, request_only=True),
    ]
)
class WmsRunInput(CommandSerializer):
    link = TextField(max_length=40, help_text="One that is configured.")
    kind = TextField(max_length=10, default=RunKind.CHANGES.value, help_text=", ".join(RunKind))
