import tempfile
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from tests.doors.shop import Shop, a_shop

# Hashing is slow on purpose. Partners are not slowed down: a walk asks more often than they may.
QUICK: dict[str, Any] = {
    "PASSWORD_HASHERS": [
        "django.contrib.auth.hashers.MD5PasswordHasher",
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    ],
    "PARTNER_REQUESTS_PER_MINUTE": 1_000_000,
}


@pytest.fixture(scope="module", autouse=True)
def _quick() -> Iterator[None]:
    with tempfile.TemporaryDirectory() as folder, override_settings(**QUICK, MEDIA_ROOT=folder):
        yield


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[Shop]:
    """The shop is built once for all tests of a module, each of which runs in a savepoint on top of it."""
    outer: Any = transaction.atomic()
    outer._from_testcase = True  # what Django's own TestCase says, so that durable blocks may stand within
    with django_db_blocker.unblock(), outer:
        yield a_shop()
        transaction.set_rollback(True)


@pytest.fixture
def shop(built: Shop, db: None) -> Shop:
    return built
