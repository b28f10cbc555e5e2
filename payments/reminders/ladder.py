"""The ladder of reminders: each rung a message with a way to pay, until the order is paid, cancelled or expires."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from orders.models import Order
from orders.services import extend_reservation, record_reminder
from orders.services.read import lock_order
from orders.states import Status
from payments.events import PaymentReminderDue
from payments.models import Payment, PaymentReminder
from payments.states import PaymentStatus

# While an attempt is under way nobody is asked to make another; it is looked at again after this long.
PATIENCE = timedelta(hours=1)
BATCH = 500


@verb
def start_reminder_ladder(*, order_id: int, by: Actor) -> list[PaymentReminder]:
    """Plan the reminders of an order whose payment failed, and keep its stock until the last chance.

    Once per order: another failure neither starts the ladder again nor keeps the stock for longer. Nothing for an
    order that no longer waits for money.
    """
    order = lock_order(order_id)
    hours = sorted(settings.PAYMENT_REMINDER_HOURS)
    planned = PaymentReminder.objects.filter(order=order).exists()
    if not hours or planned or order.status != Status.PENDING:
        return []
    now = timezone.now()
    rungs = [
        PaymentReminder(order=order, rung=number, due_at=now + timedelta(hours=hour), created_at=now)
        for number, hour in enumerate(hours, start=1)
    ]
    PaymentReminder.objects.bulk_create(rungs)
    if settings.PAYMENT_REMINDERS_EXTEND_RESERVATION:
        _keep_stock(order, rungs[-1].due_at + timedelta(hours=settings.PAYMENT_LAST_CHANCE_HOURS), by=by)
    return rungs


def _keep_stock(order: Order, until: datetime, *, by: Actor) -> None:
    if order.expires_at is None or order.expires_at < until:
        extend_reservation(order_id=order.pk, until=until, by=by)


def send_due_reminders(*, by: Actor) -> int:
    """Send every reminder that is due; returns how many. Workers share the work, and each reminder goes out once."""
    due = PaymentReminder.objects.filter(ended_at=None, due_at__lte=timezone.now()).order_by("due_at")
    return sum(_send(reminder_id=pk, by=by) for pk in due.values_list("pk", flat=True)[:BATCH])


@verb
def _send(*, reminder_id: int, by: Actor) -> bool:
    """One reminder, unless another worker has it, the order no longer waits for money, or an attempt is under way."""
    now = timezone.now()
    waiting = PaymentReminder.objects.select_for_update(skip_locked=True, of=("self",))
    reminder = waiting.filter(pk=reminder_id, ended_at=None, due_at__lte=now).first()
    if reminder is None:
        return False
    order = lock_order(reminder.order_id)
    if order.status == Status.PENDING and _is_under_way(order.pk):
        reminder.due_at = now + PATIENCE
    else:
        reminder.ended_at, reminder.is_sent = now, order.status == Status.PENDING
    reminder.save(update_fields=["due_at", "ended_at", "is_sent"])
    if reminder.is_sent:
        order = record_reminder(order_id=order.pk, detail=f"reminder {reminder.rung}", by=by)
        publish(PaymentReminderDue(order_id=order.pk, version=order.version, rung=reminder.rung), by=by)
    return reminder.is_sent


def _is_under_way(order_id: int) -> bool:
    """Whether money is being moved, or has been authorised and only waits to be taken."""
    moving = Q(status=PaymentStatus.UNKNOWN) | Q(authorized__gt=F("captured"))
    return Payment.objects.filter(moving, order=order_id).exists()
