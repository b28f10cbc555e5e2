"""`manage.py relay`: moves facts from the outbox to the workers until told to stop."""

import signal
import threading
from typing import Any

import redis
import structlog
from django.core.management.base import BaseCommand
from django.db import Error as DatabaseError
from django.db import connection
from kombu.exceptions import OperationalError as BrokerAway

from audit.log import NUDGE, waiting_client
from audit.relay import BATCH, fan_out, hand_out
from audit.tasks import deliver_batch

SWEEP_SECONDS = 1
CHUNK = 25  # deliveries a task: small enough that a lost one costs little, large enough to spare the broker
AWAY = (DatabaseError, redis.RedisError, BrokerAway, OSError)
logger = structlog.get_logger(__name__)


def send(queue: str, ids: list[int]) -> None:
    for start in range(0, len(ids), CHUNK):
        deliver_batch.apply_async(args=[ids[start : start + CHUNK]], queue=queue, retry=False)


class Command(BaseCommand):
    help = "Hand the facts of the log to their handlers."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--once", action="store_true", help="one sweep, then stop")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        if once:
            self.sweep()
            return
        stop = threading.Event()
        before = {signum: signal.signal(signum, lambda *_: stop.set()) for signum in (signal.SIGINT, signal.SIGTERM)}
        try:
            self.run(stop)
        finally:
            for signum, handler in before.items():
                signal.signal(signum, handler)

    def run(self, stop: threading.Event) -> None:
        """Until told to stop. What is away now is tried again a little later, and nothing is lost meanwhile."""
        while not stop.is_set():
            try:
                if self.sweep() < BATCH:
                    self.wait()
            except AWAY as error:
                logger.warning("relay_waits", error=str(error))
                connection.close()
                stop.wait(SWEEP_SECONDS)

    def sweep(self) -> int:
        return max(fan_out(), hand_out(send))

    def wait(self) -> None:
        """Until the next nudge, or the sweep's time, whichever comes first."""
        waiting_client().brpop([NUDGE], timeout=SWEEP_SECONDS)
