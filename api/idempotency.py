"""`Idempotency-Key`: a POST that is sent again gets the first answer, and happens once.

The key's row is written in the transaction of the business change itself, so neither can exist without the
other. While it runs, a transaction-level advisory lock answers for it; a crash frees the lock and leaves nothing.
After draft-ietf-httpapi-idempotency-key-header and the practice of Stripe's API.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import orjson
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.http import parse_header_parameters
from rest_framework.response import Response

from api.json import dump
from api.models import IdempotencyKey
from api.transactions import retrying
from kernel.errors import Invalid, Refused

# The status of a stored answer that is not one yet: what was begun is committed and has still to be finished.
UNFINISHED = 102
# Said before anything was tried, or for the moment only: the next attempt deserves an answer of its own.
PASSING = frozenset({429})


class IdempotencyKeyRequired(Invalid):
    code = "idempotency_key_required"
    detail = "Send an Idempotency-Key header: 1 to 255 visible ASCII characters, new for each intent."


class InProgress(Refused):
    code = "idempotency_in_progress"
    title = "In progress"
    detail = "The first request with this Idempotency-Key is still running."
    retry_after = 1


class KeyReused(Refused):
    code = "idempotency_key_reused"
    status = 422
    title = "Key reused"
    detail = "This Idempotency-Key was used with another body."


class AnswerLost(Refused):
    """The server's secret was changed since: it happened, but what was said cannot be said again."""

    code = "idempotency_answer_lost"
    title = "Answer lost"
    detail = "This Idempotency-Key was used, and its answer can no longer be read. Look at what it made instead."


class _Undo(Exception):
    """Carries a refusal out of the transaction, so that what the handler wrote is undone."""

    def __init__(self, response: Response) -> None:
        self.response = response


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose key for what: the same key of another caller or route is another key."""

    caller: str
    route: str
    key: str
    fingerprint: str

    def lock_id(self) -> int:
        digest = hashlib.sha256(f"{self.caller}\n{self.route}\n{self.key}".encode()).digest()
        return int.from_bytes(digest[:8], "big", signed=True)


def parse_key(header: str | None, *, required: bool) -> str | None:
    """The header's value, checked. Raises `IdempotencyKeyRequired` or `Invalid`."""
    if header is None:
        if required:
            raise IdempotencyKeyRequired(field="Idempotency-Key")
        return None
    if not 1 <= len(header) <= 255 or not all("!" <= char <= "~" for char in header):
        raise Invalid("1 to 255 visible ASCII characters.", field="Idempotency-Key")
    return header


def fingerprint(query: str, body: bytes, content_type: str = "") -> str:
    """Of what was sent; keyed, since a body may be an e-mail and a password and a plain hash could be guessed at.

    The boundary between the parts of a multipart body is left out: clients make up a new one each time.
    """
    boundary = parse_header_parameters(content_type)[1].get("boundary", "").encode()
    said = body.replace(boundary, b"") if boundary else body
    return hmac.new(settings.TOKEN_KEY, query.encode() + b"\n" + said, hashlib.sha256).hexdigest()


def once(scope: Scope, respond: Callable[[], Response]) -> Response:
    """The stored answer, or `respond()` stored with all it did. A refusal undoes what it did, a 5xx is not stored.

    `respond` lets database errors pass: only a new transaction can try again. Raises `InProgress`, `KeyReused`,
    `AnswerLost`.
    """
    return retrying(lambda: _once(scope, respond))


def finished(scope: Scope, begun: Response, finish: Callable[[Response], Response]) -> Response:
    """`finish(begun)` outside any transaction, stored as the answer in place of the unfinished one.

    For what asks somebody else in between: `respond` has committed what is to be done, and answered `UNFINISHED`.
    Whoever repeats the request after a crash finds that and finishes it. `finish` may run twice, and says
    "not now" (503) when it runs already.
    """
    response = finish(begun)
    if response.status_code < 500 and response.status_code not in PASSING:
        retrying(lambda: _replace(scope, response))
    return response


def _replace(scope: Scope, response: Response) -> None:
    with transaction.atomic():
        _store(scope, response)


def _once(scope: Scope, respond: Callable[[], Response]) -> Response:
    try:
        with transaction.atomic():
            stored = _find(scope)
            if stored is not None:
                return _replay(stored, scope)
            response = respond()
            if response.status_code >= 400:
                raise _Undo(response)
            _store(scope, response)
            return response
    except _Undo as refusal:
        return _keep(scope, refusal.response)


def _keep(scope: Scope, response: Response) -> Response:
    """Store a refusal after its transaction was undone: what succeeds needs no savepoint.

    Somebody with the same key may have come between; then theirs is the first answer.
    """
    if response.status_code >= 500 or response.status_code in PASSING:
        return response
    with transaction.atomic():
        stored = _find(scope)
        if stored is not None:
            return _replay(stored, scope)
        _store(scope, response)
    return response


def _find(scope: Scope) -> IdempotencyKey | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [scope.lock_id()])
        (free,) = cursor.fetchone()
    if not free:
        raise InProgress()
    alive = timezone.now() - timedelta(hours=settings.IDEMPOTENCY_HOURS)
    return IdempotencyKey.objects.filter(
        caller=scope.caller, route=scope.route, key=scope.key, created_at__gt=alive
    ).first()


def _replay(stored: IdempotencyKey, scope: Scope) -> Response:
    if stored.fingerprint != scope.fingerprint:
        raise KeyReused(field="Idempotency-Key")
    try:
        answer = orjson.loads(_cipher().decrypt(bytes(stored.answer)))
    except InvalidToken as error:
        raise AnswerLost() from error
    headers = answer["headers"] | {"Idempotent-Replayed": "true"}
    return Response(answer["data"], status=stored.status, content_type=answer["content_type"], headers=headers)


def _store(scope: Scope, response: Response) -> None:
    headers = {name: value for name, value in response.items() if name != "Content-Type"}
    answer = {"data": response.data, "content_type": response.content_type, "headers": headers}
    values = {
        "fingerprint": scope.fingerprint,
        "status": response.status_code,
        "answer": _cipher().encrypt(dump(answer)),
        "created_at": timezone.now(),
    }
    row = IdempotencyKey(caller=scope.caller, route=scope.route, key=scope.key, **values)
    # An expired row of the same key gives way.
    IdempotencyKey.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["caller", "route", "key"], update_fields=list(values)
    )


def _cipher() -> Fernet:
    return Fernet(settings.IDEMPOTENCY_CIPHER_KEY)


def forget_expired() -> int:
    """Delete the rows past their time; returns how many."""
    old = timezone.now() - timedelta(hours=settings.IDEMPOTENCY_HOURS)
    deleted, _ = IdempotencyKey.objects.filter(created_at__lt=old).delete()
    return deleted
