"""`manage.py relay`: moves facts from the outbox to the workers until told to stop."""

import signal
import threading
from typing import Any

import redis
import structlog
from django.core.management.base import BaseCommand
from django.db import Error as DatabaseError
from django.db import close_old_connections, connection
from kombu.exceptions import OperationalError as BrokerAway

from audit.log import NUDGE, nudge_client
from audit.relay import BATCH, fan_out, hand_out
from audit.tasks import deliver_batch

SWEEP_SECONDS = 1
CHUNK = 25  # deliveries a task: small enough that a lost one costs little, large enough to spare the broker
logger = structlog.get_logger(__name__)


def send(queue: str, ids: list[int]) -> None:
    for start in range(0, len(ids), CHUNK):
        deliver_batch.apply_async(args=[ids[start : start + CHUNK]], queue=queue, retry=False)


class Command(BaseCommand):
    help = "Hand the facts of the log to their handlers."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--once", action="store_true", help="one sweep, then stop")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        stop = threading.Event()
        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, lambda *_: stop.set())
        while not stop.is_set():
            moved = self.sweep(stop)
            if once:
                return
            if moved < BATCH:
                self.wait(stop)

    def sweep(self, stop: threading.Event) -> int:
        """One round; what is away now is tried again a little later, and nothing is lost meanwhile."""
        try:
            return max(fan_out(), hand_out(send))
        except (DatabaseError, redis.RedisError, BrokerAway, OSError) as error:
            logger.warning("relay_waits", error=str(error))
            connection.close()
            close_old_connections()
            stop.wait(SWEEP_SECONDS)
            return 0

    def wait(self, stop: threading.Event) -> None:
        """Until the next nudge, or the sweep's time, whichever comes first."""
        try:
            nudge_client().brpop([NUDGE], timeout=SWEEP_SECONDS)
        except redis.RedisError:
            stop.wait(SWEEP_SECONDS)
