"""What workers run for accounts."""

from importlib import import_module

from celery import shared_task
from django.conf import settings

from accounts.personal_data import services as personal_data
from accounts.services.sessions import forget_old_sessions


@shared_task
def forget_expired_sessions() -> None:
    forget_old_sessions()


@shared_task
def make_exports() -> int:
    """Make the copies of their data that people asked for; returns how many are ready."""
    return personal_data.make_exports()


@shared_task
def erase_due_people() -> int:
    """Erase everybody whose time has come; returns how many."""
    return personal_data.erase_due()


@shared_task
def delete_needless_files() -> int:
    """Let go the copies whose time is over, and the files nobody needs; returns how many files."""
    personal_data.forget_exports()
    return personal_data.delete_discarded()


@shared_task
def forget_browser_sessions() -> None:
    """Delete the browser sessions that have ended."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
