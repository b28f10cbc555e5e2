"""What of money waits for a person."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from audit.exceptions.kinds import ExceptionKind
from audit.exceptions.sweep import Source

CASE = """
    SELECT 'payment_mismatch', 'payments.moneycase', c.id::text, coalesce(o.number, c.about),
           initcap(replace(c.kind, '_', ' ')) || ': ' || c.detail, '{}'::text[]
    FROM payments_moneycase c LEFT JOIN orders_order o ON o.id = c.order_id
    WHERE c.resolved_at IS NULL
"""
WEBHOOK = """
    SELECT 'failing_webhook', 'payments.webhookevent', e.id::text, e.provider || ' ' || e.type, e.last_error,
           '{}'::text[]
    FROM payments_webhookevent e WHERE e.state = 'parked'
"""
REFUND = """
    SELECT 'stuck_refund', 'payments.refund', r.id::text, o.number,
           trim_scale(r.amount) || ' ' || p.currency || ' on its way by ' || r.provider || '.', '{}'::text[]
    FROM payments_refund r
    JOIN payments_payment p ON p.id = r.payment_id
    JOIN orders_order o ON o.id = p.order_id
    WHERE r.status = 'pending' AND r.created_at < %(refunds_before)s
"""


def _refund_limit() -> Mapping[str, Any]:
    return {"refunds_before": timezone.now() - timedelta(hours=settings.REFUND_LIMIT_HOURS)}


SOURCES = (
    Source(ExceptionKind.PAYMENT_MISMATCH, CASE),
    Source(ExceptionKind.FAILING_WEBHOOK, WEBHOOK),
    Source(ExceptionKind.STUCK_REFUND, REFUND, _refund_limit),
)
