"""Certificates of exemption from outside: papers for staff's eyes, kept as they came and never shown to the public."""

from collections.abc import Iterator
from pathlib import PurePath
from typing import IO
from uuid import uuid4

from django.core.files.base import ContentFile

from kernel.errors import Invalid

MAX_BYTES = 10 * 1024 * 1024
# What a file begins with, by the ending it is kept under.
KINDS = {
    ".pdf": (b"%PDF-", "application/pdf"),
    ".jpg": (b"\xff\xd8\xff", "image/jpeg"),
    ".png": (b"\x89PNG\r\n\x1a\n", "image/png"),
}


def checked_certificate(file: IO[bytes]) -> "ContentFile[bytes]":
    """The uploaded paper under a name nobody can guess; what it is, its first bytes say. Raises `Invalid`."""
    content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise Invalid(f"At most {MAX_BYTES // 1024 // 1024} MB.", field="certificate")
    suffix = next(_suffixes(content), None)
    if suffix is None:
        raise Invalid("A PDF, or a picture as JPEG or PNG.", field="certificate")
    return ContentFile(content, name=f"{uuid4().hex}{suffix}")


def content_type(name: str) -> str:
    """What a kept certificate is sent as."""
    return KINDS[PurePath(name).suffix][1]


def _suffixes(content: bytes) -> Iterator[str]:
    return (suffix for suffix, (start, _) in KINDS.items() if content.startswith(start))
