"""Figures of the log for Prometheus, read when it asks."""

from collections.abc import Iterable, Iterator

from django.db import DatabaseError, connection
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

FIGURES = {
    "waybill_outbox_entries": "Facts that the relay has not yet handed to their handlers.",
    "waybill_outbox_lag_seconds": "Age of the oldest of them.",
    "waybill_deliveries_pending": "Deliveries on their way to a handler, or waiting to be tried again.",
    "waybill_deliveries_parked": "Deliveries that failed too often and wait for a person.",
}
QUERY = """
    SELECT (SELECT count(*) FROM audit_outbox),
        (SELECT coalesce(extract(epoch FROM now() - min(e.created_at)), 0)
            FROM audit_outbox o JOIN audit_logentry e ON e.id = o.entry_id),
        (SELECT count(*) FROM audit_delivery WHERE state = 'pending'),
        (SELECT count(*) FROM audit_delivery WHERE state = 'parked')
"""


class LogCollector(Collector):
    """One statement each time it is asked; nothing while the database is away."""

    def describe(self) -> Iterable[Metric]:
        return [GaugeMetricFamily(name, what) for name, what in FIGURES.items()]

    def collect(self) -> Iterator[Metric]:
        try:
            with connection.cursor() as cursor:
                cursor.execute(QUERY)
                row = cursor.fetchone()
        except DatabaseError:
            return
        for (name, what), value in zip(FIGURES.items(), row, strict=True):
            yield GaugeMetricFamily(name, what, value=float(value))
