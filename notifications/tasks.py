"""What workers run for notifications."""

from celery import shared_task

from notifications import services


@shared_task
def send_due() -> int:
    """Send the e-mails that are due; returns how many were taken."""
    return services.send_due()
