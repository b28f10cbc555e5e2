"""What workers run for orders."""

from celery import shared_task
from django.utils import timezone

from api.actors import Actor
from inventory.backorders.allocating import orders_to_serve
from kernel.errors import Refused
from orders import forgetting
from orders.models import Order
from orders.scans import inbox
from orders.services import allocate_order, expire_edit, expire_order
from orders.states import Status
from orders.tax import telling

BATCH = 500


@shared_task
def expire_due() -> int:
    """Expire the orders nobody paid in time, and what was added to paid ones; returns how many. One that was just paid
    refuses, rightly.
    """
    due = Order.objects.filter(status=Status.PENDING, expires_at__lte=timezone.now()).order_by("expires_at")
    expired = 0
    for order_id in due.values_list("pk", flat=True)[:BATCH]:
        try:
            expire_order(order_id=order_id, by=Actor.system("expire_orders"))
        except Refused:
            continue
        expired += 1
    return expired + _expire_edits()


def _expire_edits() -> int:
    due = Order.objects.filter(paid_at__isnull=False, expires_at__lte=timezone.now()).order_by("expires_at")
    expired = 0
    for order_id in due.values_list("pk", flat=True)[:BATCH]:
        try:
            expire_edit(order_id=order_id, by=Actor.system("expire_orders"))
        except Refused:
            continue
        expired += 1
    return expired


@shared_task
def allocate_waiting() -> int:
    """Give what came in to the orders that wait for it, the longest waiting first; returns how many were looked at."""
    waiting = orders_to_serve()
    for order_id in waiting:
        allocate_order(order_id=order_id, by=Actor.system("allocate_waiting"))
    return len(waiting)


@shared_task
def tell_tax_provider(operation_id: str) -> None:
    """Tell a tax provider, right after commit; what it does not answer is the sweep's."""
    telling.tell(int(operation_id))


@shared_task
def tell_tax_providers() -> int:
    """Tell tax providers whatever they have not heard; returns how much that was."""
    return telling.tell_due()


@shared_task
def process_carrier_scans() -> int:
    """Take in what carriers have told about parcels; returns how many scans were looked at."""
    return inbox.process_due()


@shared_task
def forget_carts() -> int:
    """Delete the baskets nobody came back to; returns how many."""
    return forgetting.forget_carts()
