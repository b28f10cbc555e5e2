"""What workers run for the log."""

import structlog
from celery import shared_task
from django.db import Error as DatabaseError
from django.db import connection

from api.actors import Actor
from audit import retention
from audit.doctor import examine
from audit.exceptions.sweep import sweep
from audit.models import Delivery
from audit.relay import deliver

logger = structlog.get_logger(__name__)


@shared_task
def deliver_batch(delivery_ids: list[int]) -> None:
    """Each in its own transaction: one failing handler holds up no other."""
    # Work that waited longer than its lease was handed out again: what is done costs one statement a batch.
    pending = Delivery.objects.filter(pk__in=delivery_ids, state=Delivery.State.PENDING)
    for delivery_id in pending.order_by("pk").values_list("pk", flat=True):
        try:
            deliver(delivery_id)
        except DatabaseError as error:
            logger.warning("delivery_given_up", delivery=delivery_id, error=str(error))
            connection.close_if_unusable_or_obsolete()


@shared_task(soft_time_limit=3500, time_limit=3600)
def run_doctor() -> None:
    """The nightly visit; what it finds is in the log, as an error."""
    for finding in examine(calm=False):
        logger.error("invariant_broken", invariant=finding.invariant.name, rows=[str(row) for row in finding.rows])


@shared_task
def look_for_exceptions() -> int:
    """Open a row for every cause there is, and close those whose cause is gone; returns how many were opened."""
    return sweep(by=Actor.system("look_for_exceptions")).opened


@shared_task
def forget_deliveries() -> int:
    """Delete the deliveries that were done long ago; returns how many. The facts are kept."""
    return retention.forget_deliveries()
