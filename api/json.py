"""JSON by orjson: strict about what comes in (no NaN, no lone surrogates), fast about what goes out."""

from decimal import Decimal
from typing import IO, Any

import orjson
from django.conf import settings
from django.utils.functional import Promise
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from kernel.errors import Refused

MAX_DEPTH = 32
CONTAINERS = (dict, list)


class TooLarge(Refused):
    code = "too_large"
    status = 413
    title = "Too large"
    detail = "The body is larger than allowed."


class OrjsonParser(BaseParser):
    """Reads a JSON body of at most `DATA_UPLOAD_MAX_MEMORY_SIZE` bytes and `MAX_DEPTH` levels."""

    media_type = "application/json"

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None) -> Any:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise TooLarge()
        try:
            data = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise ParseError(f"The body is not JSON: {error}.") from error
        if is_deeper(data, MAX_DEPTH):
            raise ParseError(f"The body is nested more than {MAX_DEPTH} levels deep.")
        return data


def is_deeper(data: Any, levels: int) -> bool:
    """Whether lists and objects are nested more than this many levels: recursion further in must not run out."""
    level = [data] if isinstance(data, CONTAINERS) else []
    for _ in range(levels):
        members = (outer.values() if isinstance(outer, dict) else outer for outer in level)
        level = [inner for some in members for inner in some if isinstance(inner, CONTAINERS)]
    return bool(level)


class OrjsonRenderer(BaseRenderer):
    """Writes JSON; lazy texts and decimals as strings."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return b"" if data is None else dump(data)


def dump(data: Any) -> bytes:
    """The bytes of an answer, also for storing it."""
    return orjson.dumps(data, default=_plain, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)


def _plain(value: Any) -> Any:
    if isinstance(value, (Decimal, Promise)):
        return str(value)
    if isinstance(value, (list, tuple)):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON.")
