from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from payments.forgetting import forget_webhooks
from payments.gateways.base import Notice
from payments.models import WebhookEvent
from payments.services.inbox import store

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _days(settings: Any) -> None:
    settings.INBOX_DAYS = 90


def told(event_id: str, *, state: str, days: int) -> None:
    assert store(provider="stripe", notice=Notice(event_id=event_id, type="t", payment_reference="pi", object_id=""))
    at = timezone.now() - timedelta(days=days)
    done = at if state == "processed" else None
    WebhookEvent.objects.filter(event_id=event_id).update(state=state, processed_at=done, received_at=at)


def test_what_was_understood_long_ago_goes() -> None:
    told("old", state="processed", days=91)
    told("young", state="processed", days=89)
    told("parked", state="parked", days=500)
    told("waiting", state="received", days=500)
    assert forget_webhooks() == 1
    assert set(WebhookEvent.objects.values_list("event_id", flat=True)) == {"young", "parked", "waiting"}
