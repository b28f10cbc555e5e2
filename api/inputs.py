"""Bodies of commands."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError


class CommandSerializer(serializers.Serializer[Any]):
    """A body whose members all count: a misspelt `lines` must not turn a part into the whole."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = [name for name in data if name not in self.fields]
            if unknown:
                detail = ErrorDetail("There is no such field.", code="unknown")
                raise ValidationError({str(name)[:100]: [detail] for name in unknown})
        return super().to_internal_value(data)
