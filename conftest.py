"""What holds for the tests of every app."""

import pytest
from django.contrib.auth.models import Group
from pytest_django import DjangoDbBlocker


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Tests begin without the rows that `migrate` keeps in step with the code: they count their own."""
    with django_db_blocker.unblock():
        Group.objects.all().delete()
