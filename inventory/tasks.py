"""What workers run for stock."""

from celery import shared_task

from api.actors import Actor
from inventory.low_stock import watch_levels
from inventory.wms import forgetting, inbox, push, runs


# Each page renews the lease of its run, so that a long one is nobody else's.
@shared_task(soft_time_limit=3000, time_limit=3300)
def sync_wms() -> int:
    """Ask every WMS whose time has come what lies there; returns how many runs that were."""
    runs.open_due_runs()
    return runs.perform_runs()


@shared_task
def push_to_wms() -> int:
    """Send what WMS are asked and told; returns how much of it was answered."""
    return push.push_due()


@shared_task
def process_wms_events() -> int:
    """Take up what WMS have told; returns how much that was."""
    return inbox.process_due()


@shared_task
def forget_wms() -> int:
    """Delete runs and events of long ago; returns how many."""
    return forgetting.forget_runs() + forgetting.forget_events()


@shared_task
def tell_of_low_stock() -> int:
    """Tell once of each level that has run low; returns how many."""
    return watch_levels(by=Actor.system("watch_levels"))
