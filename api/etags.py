"""Versions over HTTP: `ETag`, `If-None-Match`, `If-Match` (RFC 9110, section 13)."""

from rest_framework.request import Request

from kernel.errors import StaleVersion


def etag_for(version: object) -> str:
    """A strong entity tag of one object's version, e.g. `"7"` with its quotes."""
    return f'"{version}"'


def _tags(header: str) -> set[str]:
    # A weak tag counts as its strong one for `If-Match` too: a proxy that compresses weakens the tags it passes on,
    # and ours name a version of the object, not the bytes of an answer.
    return {tag.strip().removeprefix("W/") for tag in header.split(",") if tag.strip()}


def is_unchanged(request: Request, version: object) -> bool:
    """Whether the caller's copy (`If-None-Match`) is the present one: answer 304."""
    return bool(_tags(request.headers.get("If-None-Match", "")) & {etag_for(version), "*"})


def check_if_match(request: Request, version: object) -> None:
    """Refuse a write meant for another version. Raises `StaleVersion`; without the header it allows all."""
    header = request.headers.get("If-Match")
    if header is not None and not _tags(header) & {etag_for(version), "*"}:
        raise StaleVersion()
