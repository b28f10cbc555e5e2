import pytest

from audit.models import LogEntry


@pytest.fixture(autouse=True)
def _fast_hashing(settings):
    """Hashing is slow on purpose, which tests of what surrounds it need not wait for."""
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher",
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    ]


@pytest.fixture
def facts(db):
    """What was published so far, oldest first: `(name, aggregate id, actor)`."""

    def read() -> list[tuple[str, str, str]]:
        return list(LogEntry.objects.order_by("id").values_list("name", "aggregate_id", "actor"))

    return read
