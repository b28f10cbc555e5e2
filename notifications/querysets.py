"""How e-mails are found."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import connection, models

if TYPE_CHECKING:
    from notifications.models import Notification  # noqa: F401  named in the base class

# One statement claims: whoever comes second finds the rows leased or locked, and takes others.
CLAIM = """
    UPDATE notifications_notification
    SET due_at = clock_timestamp() + make_interval(secs => %(lease)s), attempts = attempts + 1
    WHERE id IN (
        SELECT id FROM notifications_notification
        WHERE status = 'queued' AND handed_over_at IS NULL AND due_at <= clock_timestamp()
        ORDER BY due_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
    RETURNING id
"""


class NotificationQuerySet(models.QuerySet["Notification"]):
    """Reads of e-mails, and the one statement that claims them."""

    def with_subjects(self) -> "NotificationQuerySet":
        """With the order, the people, the gift card, the fact and the wish an e-mail is about."""
        return self.select_related(
            *("order__user", "shipment", "user", "gift_card", "fact"), "stock_request__user", "stock_request__product"
        )

    def claim(self, *, limit: int, lease: timedelta) -> list[int]:
        """Take up to so many that are due, for the time of the lease. Returns their ids."""
        with connection.cursor() as cursor:
            cursor.execute(CLAIM, {"lease": lease.total_seconds(), "limit": limit})
            return [row[0] for row in cursor.fetchall()]
