"""The shapes of the audit API, for its documentation."""

from typing import Any

from rest_framework import serializers


class FieldChangeShape(serializers.Serializer[Any]):
    field = serializers.CharField()
    old = serializers.JSONField(allow_null=True, help_text="Amounts, decimals and instants are strings.")
    new = serializers.JSONField(allow_null=True)


class ChangeShape(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    actor = serializers.CharField(help_text="user:12, partner:3, guest:… or system:….")
    actor_name = serializers.CharField(allow_null=True, help_text="The e-mail or name of that person or partner.")
    request_id = serializers.CharField(help_text="The X-Request-ID; empty outside a request.")
    object_type = serializers.CharField()
    object_id = serializers.CharField(help_text="Number, SKU, code or slug where it has one.")
    action = serializers.ChoiceField(choices=("created", "changed", "deleted"))
    changes = FieldChangeShape(many=True)


class ChangeList(serializers.Serializer[Any]):
    results = ChangeShape(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
