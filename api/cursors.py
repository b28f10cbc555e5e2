"""Opaque positions in lists: signed, and good only for the list and the order they were given for."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from kernel.errors import Invalid

PARAMETER = "cursor"
SIGNATURE_BYTES = 12
AnyRequest = HttpRequest | Request


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: after (or, `backwards`, before) the row with these values in the columns of the order."""

    columns: Sequence[str]
    backwards: bool
    position: list[Any]


def write_cursor(request: AnyRequest, cursor: Cursor) -> str:
    payload = orjson.dumps([cursor.backwards, *cursor.position], default=str)
    return base64.urlsafe_b64encode(_signature(request, cursor.columns, payload) + payload).rstrip(b"=").decode()


def read_cursor(request: AnyRequest, columns: Sequence[str]) -> Cursor | None:
    """The cursor of the request, or None on a first page. Raises `Invalid` when it was not given for this list."""
    text = request.GET.get(PARAMETER)
    if not text:
        return None
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise _not_ours() from error
    signature, payload = raw[:SIGNATURE_BYTES], raw[SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _signature(request, columns, payload)):
        raise _not_ours()
    backwards, *position = orjson.loads(payload)
    return Cursor(columns=columns, backwards=backwards, position=position)


def cursor_link(request: AnyRequest, cursor: Cursor) -> str:
    """The address of the page that begins there, with the filters of this one."""
    return str(replace_query_param(request.build_absolute_uri(), PARAMETER, write_cursor(request, cursor)))


def _signature(request: AnyRequest, columns: Sequence[str], payload: bytes) -> bytes:
    signed = f"cursor:{request.path}:{','.join(columns)}:".encode() + payload
    return hmac.new(settings.TOKEN_KEY, signed, hashlib.sha256).digest()[:SIGNATURE_BYTES]


def _not_ours() -> Invalid:
    return Invalid("This cursor was not given for this list in this order.", field=PARAMETER)
