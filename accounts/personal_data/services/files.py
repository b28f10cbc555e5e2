"""Files that go: written down with what made them needless, deleted after commit."""

from collections.abc import Iterable
from datetime import timedelta

import structlog
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.personal_data.models import DiscardedFile

BATCH = 100
RETRY = timedelta(minutes=10)
logger = structlog.get_logger(__name__)


def discard(paths: Iterable[str], *, after: timedelta = timedelta()) -> None:
    """Have these files deleted once the caller's transaction is committed."""
    due_at = timezone.now() + after
    rows = [DiscardedFile(path=path, due_at=due_at) for path in set(paths) if path]
    DiscardedFile.objects.bulk_create(rows, ignore_conflicts=True)


def delete_discarded() -> int:
    """Delete the files that have to go. Returns how many; one the storage keeps for now is tried again later.

    The row goes last: who dies in between leaves it to the next run, and no storage minds a file that is gone.
    """
    deleted = 0
    due = DiscardedFile.objects.filter(due_at__lte=timezone.now()).order_by("due_at")
    for file in due[:BATCH]:
        try:
            default_storage.delete(file.path)
        except Exception as error:  # whatever keeps a storage from it, it is tried again
            logger.warning("file_not_deleted", file=file.pk, exc_info=error)
            DiscardedFile.objects.filter(pk=file.pk).update(due_at=timezone.now() + RETRY)
            continue
        deleted += DiscardedFile.objects.filter(pk=file.pk).delete()[0]
    return deleted
