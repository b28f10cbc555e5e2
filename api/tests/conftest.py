import pytest
from rest_framework.test import APIClient


@pytest.fixture
def client() -> APIClient:
    """A caller who sees what the network sees: a bug is a 500, not an exception."""
    return APIClient(raise_request_exception=False)
