"""Deciding that an e-mail is to be sent. Sending it is another matter, after commit."""

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.personal_data.registry import is_pseudonym
from api.actors import Actor
from audit.hints import hint
from audit.models import LogEntry
from audit.verbs import verb
from catalog.models import StockRequest
from inventory.models import StockLevel
from kernel.errors import NotFound
from notifications.errors import StillQueued
from notifications.models import Notification
from notifications.states import DEFAULT_LANGUAGE, DeliveryStatus, Kind
from orders.models import Order

# What makes an e-mail that is sent again the same one.
COPIED = (
    *("kind", "language", "order_id", "version", "shipment_id", "user_id"),
    *("gift_card_id", "fact_id", "stock_request_id", "is_sample"),
)
# Somebody new to what runs low, and everybody after a pause, is told of so much.
LOOKS_BACK = timedelta(days=1)
logger = structlog.get_logger(__name__)


def queue_order_mail(*, kind: str, order_id: int, version: int, shipment_id: int | None = None) -> None:
    """Write that an e-mail about a change of an order is due, once per change, in the caller's transaction.

    Nothing for a test order, nor for one that has no address to write to.
    """
    order = Order.objects.live().filter(pk=order_id).values("email", "user").first()
    if order is None or not (order["email"] or order["user"]):
        return
    key = f"{kind}:order:{order_id}:{version}"
    _insert(Notification(key=key, kind=kind, order_id=order_id, version=version, shipment_id=shipment_id))


def queue_person_mail(*, kind: str, user_id: int) -> None:
    """Write that an e-mail to a person is due, in the caller's transaction. Of several asked for at once, one goes."""
    mails = Notification.objects.filter(kind=kind, user_id=user_id, is_sample=False)
    if not mails.filter(status=DeliveryStatus.QUEUED, handed_over_at=None).exists():
        _insert(Notification(key=f"{kind}:user:{user_id}:{mails.count() + 1}", kind=kind, user_id=user_id))


def queue_security_mail(*, user_id: int, fact: LogEntry) -> None:
    """Write that a person is to be told of this fact, once, in the caller's transaction."""
    kind = Kind.SECURITY_NOTICE
    _insert(Notification(key=f"{kind}:fact:{fact.pk}", kind=kind, user_id=user_id, fact=fact))


def queue_gift_card_mail(*, gift_card_id: int) -> None:
    """Write that whoever a gift card is for is to be sent its code, once, in the caller's transaction."""
    key = f"{Kind.GIFT_CARD}:card:{gift_card_id}"
    _insert(Notification(key=key, kind=Kind.GIFT_CARD, gift_card_id=gift_card_id))


def queue_stock_mail(*, request_id: int) -> None:
    """Write that whoever asked for it is to be told that something is back, once, in the caller's transaction.

    Nothing for a request that has lost its address, or whose person is erased.
    """
    request = StockRequest.objects.select_related("user").get(pk=request_id)
    if not request.recipient or is_pseudonym(request.recipient):
        return
    kind = Kind.BACK_IN_STOCK
    _insert(
        Notification(key=f"{kind}:request:{request_id}", kind=kind, language=request.language, stock_request=request)
    )


def queue_low_stock_mails() -> int:
    """Write a mail to everybody of `STOCK_ALERT_ROLES` for whom something has run low since their last one."""
    queued = 0
    for user in User.objects.filter(is_active=True, role__in=settings.STOCK_ALERT_ROLES):
        with transaction.atomic():
            if StockLevel.objects.visible_to(user).selling().filter(low_since__gt=_told_until(user)).exists():
                queue_person_mail(kind=Kind.LOW_STOCK, user_id=user.pk)
                queued += 1
    return queued


def _told_until(user: User) -> datetime:
    mails = Notification.objects.filter(kind=Kind.LOW_STOCK, user=user, is_sample=False)
    last = mails.order_by("-id").values_list("created_at", flat=True).first()
    start = timezone.now() - LOOKS_BACK
    return max(last, start) if last else start


@verb
def send_test(*, kind: str, language: str = DEFAULT_LANGUAGE, user_id: int, by: Actor) -> Notification:
    """Have an e-mail filled with an example sent to this person."""
    count = Notification.objects.filter(kind=kind, user_id=user_id, is_sample=True).count()
    mail = Notification(
        key=f"{kind}:test:{user_id}:{count + 1}",
        kind=kind,
        language=language,
        user_id=user_id,
        is_sample=True,
        requested_by=str(by),
    )
    mail.save(force_insert=True)
    transaction.on_commit(nudge, robust=True)
    return mail


@verb
def send_again(*, notification_id: int, by: Actor) -> Notification:
    """Have another e-mail of the same kind about the same change sent. Raises `NotFound` and `StillQueued`."""
    first = Notification.objects.select_for_update().filter(pk=notification_id).first()
    if first is None:
        raise NotFound("There is no such e-mail.")
    if first.status == DeliveryStatus.QUEUED:
        raise StillQueued()
    origin = first.key.partition(":again:")[0]
    count = Notification.objects.filter(key__startswith=f"{origin}:again:").count()
    values: dict[str, Any] = {name: getattr(first, name) for name in COPIED}
    mail = Notification(key=f"{origin}:again:{count + 1}", requested_by=str(by), **values)
    mail.save(force_insert=True)
    transaction.on_commit(nudge, robust=True)
    return mail


def _insert(mail: Notification) -> None:
    """Two workers that tell of the same change meet here: the key lets one row in."""
    Notification.objects.bulk_create([mail], ignore_conflicts=True)
    transaction.on_commit(nudge, robust=True)


def nudge() -> None:
    """Wake a worker. Only a hint: the schedule finds the row without it, so Redis may be away."""
    hint("notifications.tasks.send_due", queue="mail")
