import pytest


@pytest.fixture(autouse=True)
def _fast_hashing(settings):
    """Hashing is slow on purpose, which tests of what surrounds it need not wait for."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
