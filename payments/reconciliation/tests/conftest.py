"""A Stripe with books of its own for each test, which is a process of its own and sends nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from payments.gateways.registry import gateway_of
from payments.tests.stripe_shop import with_stripe
from sandbox.testing import RunningSandbox, start_sandbox


@pytest.fixture
def sandbox(tmp_path: Path, settings: Any) -> Iterator[RunningSandbox]:
    with start_sandbox(home=tmp_path, shop_url="") as running:
        running.webhooks(never=True)
        with_stripe(settings, running)
        yield running
    gateway_of.cache_clear()
