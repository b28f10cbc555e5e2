"""What workers run for notifications."""

from celery import shared_task

from notifications import personal_data, services


@shared_task
def send_due() -> int:
    """Send the e-mails that are due; returns how many were taken."""
    return services.send_due()


@shared_task
def tell_of_low_stock() -> int:
    """Have the people of the warehouse told what has run low; returns how many of them."""
    return services.queue_low_stock_mails()


@shared_task
def forget_answers() -> int:
    """Blank what mail servers answered long ago; returns of how many e-mails."""
    return personal_data.forget_answers()
