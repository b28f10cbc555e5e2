import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from api.shared_redis import forget_client
from audit.relay import forget_subscriptions
from audit.tests.processes import OwnRedis

Subscribe = Callable[[str], None]


@pytest.fixture
def subscribe(settings: Any) -> Iterator[Subscribe]:
    """Use another table of subscriptions, of `audit.tests.shelves` by its name."""

    def use(name: str) -> None:
        settings.SUBSCRIPTIONS = f"audit.tests.shelves.{name}"
        forget_subscriptions()

    yield use
    forget_subscriptions()


@pytest.fixture
def own_redis(settings: Any) -> Iterator[OwnRedis]:
    """A Redis for this test alone, in use for the log and running."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        own = OwnRedis(port=probe.getsockname()[1])
    own.start()
    settings.REDIS_URL = own.url
    forget_client()
    yield own
    forget_client()
    own.kill()
