"""Waking a worker. Only ever a hint: what it shall do stands in a table that a sweep reads, so Redis may be away."""

import structlog
from celery import current_app
from kombu.exceptions import OperationalError as BrokerAway

logger = structlog.get_logger(__name__)
# A hint that nobody took is worth nothing: the sweep was quicker.
EXPIRES_SECONDS = 60


def hint(task: str, *args: str, queue: str) -> None:
    """Send a task by its name, at once or not at all."""
    try:
        # Without `ignore_result` the client would wait for the result backend, too.
        current_app.send_task(
            task, args=list(args), queue=queue, retry=False, ignore_result=True, expires=EXPIRES_SECONDS
        )
    except (BrokerAway, OSError) as error:
        logger.info("worker_not_hinted", task=task, error=str(error))
