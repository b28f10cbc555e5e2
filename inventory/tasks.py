"""What workers run for stock."""

from celery import shared_task

from api.actors import Actor
from inventory.low_stock import watch_levels


@shared_task
def tell_of_low_stock() -> int:
    """Tell once of each level that has run low; returns how many."""
    return watch_levels(by=Actor.system("watch_levels"))
