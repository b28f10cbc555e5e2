"""What workers run for the HTTP conventions."""

from celery import shared_task

from api.idempotency import forget_expired


@shared_task
def forget_expired_keys() -> None:
    forget_expired()
