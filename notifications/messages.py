"""What a client may say on a socket."""

from dataclasses import dataclass

import orjson

MAX_BYTES = 8192  # an access token and some air
MAX_VERSION = 2**31 - 1


class Malformed(Exception):
    """Not one of the messages there are."""


@dataclass(frozen=True, slots=True)
class Said:
    """`token`: an access token or the order's own. `resume`: the version the client has."""

    token: str | None = None
    resume: int | None = None


def read_message(text: str | None) -> Said:
    """`{"token": "..."}`, `{"resume": 7}` or both. Raises `Malformed`."""
    if not text or len(text) > MAX_BYTES:
        raise Malformed
    try:
        body = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Malformed from error
    if not isinstance(body, dict) or not body.keys() & {"token", "resume"}:
        raise Malformed
    return Said(token=_token(body), resume=_version(body))


def _token(body: dict[str, object]) -> str | None:
    token = body.get("token")
    if token is not None and not (isinstance(token, str) and token):
        raise Malformed
    return token


def _version(body: dict[str, object]) -> int | None:
    version = body.get("resume")
    if version is None:
        return None
    if not isinstance(version, int) or isinstance(version, bool) or not 0 <= version <= MAX_VERSION:
        raise Malformed
    return version
