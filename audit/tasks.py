"""What workers run for the log."""

from celery import shared_task

from audit.relay import deliver


@shared_task
def deliver_batch(delivery_ids: list[int]) -> None:
    """Each in its own transaction: one failing handler holds up no other."""
    for delivery_id in delivery_ids:
        deliver(delivery_id)
