"""What workers run for accounts."""

from celery import shared_task

from accounts.services.sessions import forget_old_sessions


@shared_task
def forget_expired_sessions() -> None:
    forget_old_sessions()
