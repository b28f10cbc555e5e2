"""Fifty uses of one refresh token at once, on real connections."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from accounts import services
from accounts.errors import RefreshNotValid, RefreshReused
from accounts.models import RefreshToken
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tokens import Refresh
from audit.doctor import examine

pytestmark = pytest.mark.django_db(transaction=True)
CALLERS = 50


def at_once(act: Callable[[], object]) -> list[object]:
    """What each of the callers got, a refusal included, when all start together."""
    start = Barrier(CALLERS)

    def call(_: int) -> object:
        try:
            connection.ensure_connection()
            start.wait(timeout=30)
            return act()
        except (RefreshReused, RefreshNotValid) as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(CALLERS) as pool:
        return list(pool.map(call, range(CALLERS)))


def test_one_of_fifty_gets_a_pair():
    refresh = services.log_in(email=UserFactory().email, password=PASSWORD).refresh
    answers = at_once(lambda: services.refresh_pair(refresh=refresh))
    assert sum(isinstance(answer, services.TokenPair) for answer in answers) == 1
    assert sum(isinstance(answer, RefreshReused) for answer in answers) == CALLERS - 1
    assert RefreshToken.objects.count() == 2
    assert examine() == []


def test_without_the_condition_on_the_row_several_believe_they_spent_it():
    """The negative control: looking first and spending then, as `consume` does not."""
    digest = Refresh(services.log_in(email=UserFactory().email, password=PASSWORD).refresh).digest
    everybody_looked = Barrier(CALLERS)

    def look_then_spend() -> bool:
        unspent = RefreshToken.objects.filter(digest=digest, consumed_at=None).exists()
        everybody_looked.wait(timeout=30)
        return unspent and RefreshToken.objects.filter(digest=digest).update(consumed_at=timezone.now()) == 1

    assert sum(at_once(look_then_spend)) > 1
