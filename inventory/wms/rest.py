"""A WMS that speaks JSON over HTTPS, both sides signing what they say. docs/wms.md describes it for its makers."""

import json
import re
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import urllib3
from django.conf import settings

from inventory.wms import signing
from inventory.wms.base import (
    PAGE,
    Away,
    BadNotice,
    CursorGone,
    Declined,
    Notice,
    Page,
    Receipt,
    Request,
    StockFact,
    Unclear,
)
from inventory.wms.documents import fact_of, instant, notice_of, text

MOST_BYTES = 8_000_000
PIECE = 65_536
# Nothing is wrong with the request: the WMS is not there, or has too much to do.
NOT_THERE = frozenset({408, 425, 429, 502, 503, 504})
# Our key or signature is not believed: every other request would fare the same.
NOT_BELIEVED = frozenset({401, 403})
KEY_KNOWN = frozenset({"idempotency_key_reused", "duplicate"})
KEY_BUSY = frozenset({"idempotency_in_progress"})


class RestAdapter:
    """One pool of connections. Nothing is sent elsewhere: no redirect is followed, nothing is tried twice."""

    def __init__(self, *, name: str, url: str, key_id: str, secrets: tuple[str, ...]) -> None:
        self._url, self._key_id, self._secrets = url, key_id, secrets
        self._path = urlsplit(url).path
        self._pool = urllib3.PoolManager(
            maxsize=4,
            retries=False,
            timeout=urllib3.Timeout(connect=settings.WMS_CONNECT_SECONDS, read=settings.WMS_READ_SECONDS),
        )

    def snapshot(self, cursor: str) -> Page:
        return self._page("/v1/stock", cursor)

    def changes(self, cursor: str) -> Page:
        return self._page("/v1/stock/changes", cursor)

    def settle(self, page: Page) -> None:
        """The next question says how far we are."""

    def push(self, request: Request) -> Receipt:
        body = json.dumps(dict(request.body), sort_keys=True).encode()
        status, said = self._ask("POST", "/v1/fulfilment-requests", body, {"Idempotency-Key": request.key})
        code = text(said.get("code"))
        if status in (200, 201, 202):
            return Receipt(
                text(said.get("id")), instant(said.get("accepted_at")), is_duplicate=said.get("duplicate") is True
            )
        if code in KEY_KNOWN:
            # It took this key before. What has changed since follows with a key of its own.
            return Receipt(is_duplicate=True)
        if code in KEY_BUSY or not 400 <= status < 500:
            raise Unclear(f"It answered {status} {code}.")
        raise Declined(f"{status} {code}: {text(said.get('detail'))}"[:400])

    def verify(self, headers: Mapping[str, str], body: bytes) -> Notice | None:
        event_id = signing.check(headers, body, secrets=self._secrets, window=settings.WMS_REPLAY_SECONDS)
        try:
            said = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise BadNotice("It is no JSON.") from error
        return notice_of(event_id, said)

    def _page(self, path: str, cursor: str) -> Page:
        query = urlencode({"limit": PAGE} | ({"cursor": cursor} if cursor else {}))
        status, said = self._ask("GET", f"{path}?{query}", b"", {})
        items = said.get("items")
        if status == 410:
            raise CursorGone("It has forgotten what changed since then.")
        if status != 200 or not isinstance(items, list) or len(items) > PAGE:
            raise Unclear(f"It answered {status} {text(said.get('code'))} and no page of numbers.")
        facts: list[StockFact] = [fact_of(item) for item in items]
        return Page(facts, next=_cursor(said.get("next")), position=_cursor(said.get("position")))

    def _ask(self, method: str, path: str, body: bytes, more: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        said = f"{method} {self._path}{path}\n".encode() + body
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "Content-Type": "application/json",
            "User-Agent": "waybill",
            **signing.signed(key_id=self._key_id, secret=self._secrets[0], message_id=f"msg_{uuid4().hex}", said=said),
            **more,
        }
        ends = time.monotonic() + settings.WMS_READ_SECONDS
        try:
            answer = self._pool.request(
                method,
                f"{self._url}{path}",
                body=body or None,
                headers=headers,
                redirect=False,
                decode_content=False,
                preload_content=False,
            )
            try:
                found = _body(answer, ends)
            finally:
                answer.close()
        except (urllib3.exceptions.HTTPError, OSError) as failure:
            raise Away(f"It did not answer: {type(failure).__name__}.") from failure
        if answer.status in NOT_THERE or answer.status in NOT_BELIEVED:
            raise Away(f"It answered {answer.status}.")
        return answer.status, _document(found)


def _body(answer: urllib3.BaseHTTPResponse, ends: float) -> bytes:
    found = bytearray()
    while piece := answer.read1(PIECE):
        found += piece
        if len(found) > MOST_BYTES:
            raise Unclear("It answered without end.")
        if time.monotonic() > ends:
            raise Away("It answered too slowly.")
    return bytes(found)


def _document(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _cursor(value: Any) -> str:
    """Of theirs, kept as it is; one that no column holds would begin nowhere."""
    if value in (None, ""):
        return ""
    # Half of a character, alone, is none that could be sent back.
    if not isinstance(value, str) or len(value) > 500 or re.search("[\x00\ud800-\udfff]", value):
        raise Unclear("Its cursor cannot be kept.")
    return value
