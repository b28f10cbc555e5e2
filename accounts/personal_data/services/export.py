"""A person's copy of all that is held about them: asked for, made by a worker, kept for some days."""

from collections.abc import Iterable
from datetime import timedelta
from typing import IO
from uuid import uuid4

import structlog
from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.errors import KeyNotValid
from accounts.events import DataExportReady
from accounts.models import User
from accounts.personal_data.archive import write_archive
from accounts.personal_data.keys import read_download_key
from accounts.personal_data.models import DataExport
from accounts.personal_data.services.files import discard
from api.actors import Actor
from audit.hints import hint
from audit.log import publish
from audit.verbs import verb
from kernel.errors import NotAllowedNow

FOLDER = "exports"
UNDER_WAY = (DataExport.Status.QUEUED, DataExport.Status.RUNNING)
# Longer than a worker may take, see CELERY_TASK_TIME_LIMIT.
LEASE = timedelta(minutes=10)
ATTEMPTS = 3
BATCH = 20
logger = structlog.get_logger(__name__)


def newest_export(user: User) -> DataExport | None:
    """The newest that was asked for, unless its time is over."""
    export = user.exports.order_by("-pk").first()
    is_over = export is not None and export.expires_at is not None and export.expires_at <= timezone.now()
    return None if is_over else export


@verb
def request_export(*, user_id: int, by: Actor) -> DataExport:
    """Have a copy made of all that is held about a person; the one under way, where there is one.

    Raises `NotAllowedNow` for somebody who is erased.
    """
    user = User.objects.lock(user_id)
    if user.erased_at is not None:
        raise NotAllowedNow("This person is erased: nothing is held about them.")
    try:
        with transaction.atomic():
            export = DataExport.objects.create(user=user, requested_by=str(by))
    except IntegrityError:
        # The one that was under way: a worker may have finished it this moment.
        return DataExport.objects.filter(user=user).latest("pk")
    transaction.on_commit(nudge, robust=True)
    return export


def nudge() -> None:
    """Wake a worker. Only a hint: the sweep finds the row without it."""
    hint("accounts.tasks.make_exports", queue="reports")


def make_exports() -> int:
    """Make what was asked for, and take up again what a worker died over. Returns how many are ready."""
    ready = 0
    for _ in range(BATCH):
        export = _claim()
        if export is None:
            break
        ready += _make(export)
    return ready


@transaction.atomic
def _claim() -> DataExport | None:
    """The longest due, made due again when the lease ends; one that failed too often is given up."""
    due = DataExport.objects.filter(status__in=UNDER_WAY, due_at__lte=timezone.now())
    export = due.select_for_update(skip_locked=True).order_by("due_at").first()
    if export is None:
        return None
    # What an attempt before this one may have left.
    discard([export.path])
    export.attempts += 1
    export.status = DataExport.Status.RUNNING if export.attempts <= ATTEMPTS else DataExport.Status.FAILED
    export.path = f"{FOLDER}/{uuid4().hex}.zip" if export.status == DataExport.Status.RUNNING else ""
    export.due_at = timezone.now() + LEASE
    export.save(update_fields=["attempts", "status", "path", "due_at"])
    return export


def _make(export: DataExport) -> bool:
    if export.status == DataExport.Status.FAILED:
        return False
    try:
        with write_archive(User.objects.get(pk=export.user_id)) as archive:
            default_storage.save(export.path, File(archive))
        if _finish(export_id=export.pk, attempt=export.attempts, by=Actor.system("make_exports")):
            return True
        discard([export.path])  # nobody waits for it any more
        return False
    except Exception as error:
        # Taken up again when the lease ends, and given up after some attempts.
        logger.warning("export_failed", export=export.pk, exc_info=error)
        return False


@verb
def _finish(*, export_id: int, attempt: int, by: Actor) -> bool:
    """The copy is ready, unless another worker has taken it over. An older one of the person goes."""
    export = DataExport.objects.select_for_update().filter(pk=export_id, attempts=attempt).first()
    if export is None or export.status != DataExport.Status.RUNNING:
        return False
    now = timezone.now()
    export.status, export.ready_at = DataExport.Status.READY, now
    export.expires_at = now + timedelta(days=settings.EXPORT_DAYS)
    export.save(update_fields=["status", "ready_at", "expires_at"])
    _remove(DataExport.objects.filter(user=export.user_id, pk__lt=export.pk).values_list("pk", flat=True))
    publish(DataExportReady(user_id=export.user_id, export_id=export.pk), by=by)
    return True


def ready_file(*, key: str) -> IO[bytes]:
    """The file that the key of a link opens. Raises `KeyNotValid`, also when the file is gone."""
    export_id = read_download_key(key)
    export = DataExport.objects.filter(pk=export_id, status=DataExport.Status.READY).first()
    if export is None or export.expires_at is None or export.expires_at <= timezone.now():
        raise KeyNotValid()
    try:
        return default_storage.open(export.path)
    except FileNotFoundError as error:
        raise KeyNotValid() from error


@transaction.atomic
def forget_exports() -> int:
    """Delete the copies whose time is over, and their files. Returns how many."""
    over = DataExport.objects.filter(status=DataExport.Status.READY, expires_at__lte=timezone.now())
    return _remove(over.select_for_update(skip_locked=True).order_by("pk").values_list("pk", flat=True)[:500])


def _remove(keys: Iterable[int]) -> int:
    exports = DataExport.objects.filter(pk__in=list(keys))
    discard(exports.values_list("path", flat=True))
    return exports.delete()[0]
