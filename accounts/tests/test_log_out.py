from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed

from accounts import services
from accounts.authentication import user_for
from accounts.errors import RefreshNotValid
from accounts.models import RefreshFamily, RefreshToken
from accounts.services.sessions import forget_old_sessions
from accounts.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


def test_logging_out_ends_this_session_and_no_other():
    user = UserFactory()
    here, there = (services.log_in(email=user.email, password=PASSWORD) for _ in range(2))
    services.log_out(refresh=here.refresh)
    with pytest.raises(AuthenticationFailed):
        user_for(here.access)
    with pytest.raises(RefreshNotValid), transaction.atomic():
        services.refresh_pair(refresh=here.refresh)
    assert user_for(there.access) == user
    assert sorted(RefreshFamily.objects.values_list("reason", flat=True)) == ["", "logged_out"]


def test_a_spent_token_logs_its_session_out_too():
    first = services.log_in(email=UserFactory().email, password=PASSWORD)
    second = services.refresh_pair(refresh=first.refresh)
    services.log_out(refresh=first.refresh)
    with pytest.raises(RefreshNotValid), transaction.atomic():
        services.refresh_pair(refresh=second.refresh)


def test_logging_out_twice_changes_nothing():
    pair = services.log_in(email=UserFactory().email, password=PASSWORD)
    services.log_out(refresh=pair.refresh)
    ended_at = RefreshFamily.objects.get().revoked_at
    services.log_out(refresh=pair.refresh)
    assert RefreshFamily.objects.get().revoked_at == ended_at


def test_a_token_that_means_nothing_is_no_error():
    pair = services.log_in(email=UserFactory().email, password=PASSWORD)
    for token in ("nonsense", pair.access):
        services.log_out(refresh=token)
    assert RefreshFamily.objects.get().revoked_at is None


def test_sessions_are_forgotten_once_nothing_can_refresh_them():
    user = UserFactory()
    services.log_in(email=user.email, password=PASSWORD)
    with time_machine.travel(timezone.now() + timedelta(days=29)):
        live = services.log_in(email=user.email, password=PASSWORD)
        assert forget_old_sessions() == 0
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert forget_old_sessions() == 1
        assert services.refresh_pair(refresh=live.refresh)
    assert RefreshToken.objects.count() == 2
