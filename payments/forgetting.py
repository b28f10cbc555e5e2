"""What providers told long ago."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from audit.retention import in_batches
from payments.models import WebhookEvent
from payments.states import InboxState


def forget_webhooks() -> int:
    """Delete the events that were processed `INBOX_DAYS` ago. Returns how many.

    One that is sent again after that is only another reason to look: what is so is read from the provider.
    """
    before = timezone.now() - timedelta(days=settings.INBOX_DAYS)
    old = WebhookEvent.objects.filter(state=InboxState.PROCESSED, processed_at__lt=before).order_by("pk")

    def forget(size: int) -> int:
        ids = list(old.select_for_update(skip_locked=True).values_list("pk", flat=True)[:size])
        return WebhookEvent.objects.filter(pk__in=ids).delete()[0]

    return in_batches(forget)
