"""What opens a download and takes back a wish: signed, never stored."""

from django.conf import settings
from django.core import signing

from accounts.errors import KeyNotValid

DOWNLOAD, KEEP = "accounts.export", "accounts.keep"


def download_key(export_id: int) -> str:
    return signing.dumps(export_id, salt=DOWNLOAD)


def read_download_key(key: str) -> int:
    """The export it opens. Raises `KeyNotValid` for a forged key, and `EXPORT_LINK_SECONDS` after it was made."""
    try:
        return int(signing.loads(key, salt=DOWNLOAD, max_age=settings.EXPORT_LINK_SECONDS))
    except signing.BadSignature as error:
        raise KeyNotValid() from error


def keep_key(erasure_id: int) -> str:
    return signing.dumps(erasure_id, salt=KEEP)


def read_keep_key(key: str) -> int:
    """The wish it takes back. Raises `KeyNotValid`."""
    try:
        return int(signing.loads(key, salt=KEEP))
    except signing.BadSignature as error:
        raise KeyNotValid() from error
