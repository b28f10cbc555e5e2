"""What workers run for the HTTP conventions."""

from celery import shared_task

from api.idempotency import forget_expired
from api.limits import forget_ended


@shared_task
def forget_expired_keys() -> None:
    forget_expired()
    forget_ended()
