"""The file people get: a zip of JSON, and the papers they have given."""

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.conf import settings
from django.core.files.base import File
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from accounts.personal_data.registry import holders

IN_MEMORY_BYTES = 8 * 1024 * 1024


@contextmanager
def write_archive(user: User) -> Iterator[IO[bytes]]:
    """All that is held about the person, as of one moment, in a file that is gone when it is closed."""
    with SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, _one_moment():
            _write(archive, "about", {"shop": settings.SHOP_NAME, "made_at": timezone.now(), "person": user.email})
            for holder in holders():
                for name, content in holder.export(user).items():
                    _write(archive, name, content)
        file.seek(0)
        yield file


@contextmanager
def _one_moment() -> Iterator[None]:
    with transaction.atomic():
        # Only a transaction's first statement may say so; within another one, that one's moment is good enough.
        if not connection.savepoint_ids:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _write(archive: zipfile.ZipFile, name: str, content: Any) -> None:
    if isinstance(content, File):
        with content.open("rb") as paper:
            archive.writestr(name, paper.read())
        return
    text = json.dumps(content, cls=DjangoJSONEncoder, indent=2, ensure_ascii=False)
    archive.writestr(f"{name}.json", text)
