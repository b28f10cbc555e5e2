"""Bodies of commands."""

from collections.abc import Mapping
from typing import Any, TypeVar

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

S = TypeVar("S", bound=serializers.BaseSerializer[Any])


def read_input(serializer: type[S], request: Request, *, partial: bool = False) -> S:
    """The serializer with the body read and valid. Raises DRF's `ValidationError`."""
    given = serializer(data=request.data, partial=partial)
    given.is_valid(raise_exception=True)
    return given


class CommandSerializer(serializers.Serializer[Any]):
    """A body whose members all count: a misspelt `lines` must not turn a part into the whole."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = [name for name in data if name not in self.fields]
            if unknown:
                detail = ErrorDetail("There is no such field.", code="unknown")
                raise ValidationError({str(name)[:100]: [detail] for name in unknown})
        return super().to_internal_value(data)


class WholeSerializer(CommandSerializer):
    """A member that is replaced as a whole: its own required members are required in a PATCH too, where DRF lets
    them go.
    """

    def to_internal_value(self, data: Any) -> Any:
        value = super().to_internal_value(data)
        missing = [name for name, field in self.fields.items() if field.required and name not in value]
        if missing:
            raise ValidationError(
                {name: [ErrorDetail(str(self.error_messages["required"]), code="required")] for name in missing}
            )
        return value
