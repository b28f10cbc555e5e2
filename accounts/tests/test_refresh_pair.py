from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed

from accounts import services
from accounts.authentication import user_for
from accounts.errors import RefreshNotValid, RefreshReused
from accounts.models import RefreshFamily, RefreshToken, User
from accounts.tests.factories import PASSWORD, UserFactory
from api.actors import Actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair():
    return services.log_in(email=UserFactory().email, password=PASSWORD)


def test_a_refresh_token_buys_one_new_pair_in_the_same_session(pair):
    new = services.refresh_pair(refresh=pair.refresh)
    assert new.refresh != pair.refresh
    assert user_for(new.access) == User.objects.get()
    assert RefreshFamily.objects.count() == 1
    assert RefreshToken.objects.filter(consumed_at=None).count() == 1


def test_a_chain_of_refreshes_goes_on(pair):
    for _ in range(5):
        pair = services.refresh_pair(refresh=pair.refresh)
    assert RefreshToken.objects.count() == 6
    assert RefreshFamily.objects.count() == 1


def test_a_spent_one_is_refused_and_names_its_session(pair):
    services.refresh_pair(refresh=pair.refresh)
    with pytest.raises(RefreshReused) as refusal, transaction.atomic():
        services.refresh_pair(refresh=pair.refresh)
    assert refusal.value.session_id == RefreshFamily.objects.get().pk
    assert RefreshToken.objects.count() == 2


def test_the_reuse_ends_the_whole_session_once(pair, facts):
    new = services.refresh_pair(refresh=pair.refresh)
    session = RefreshFamily.objects.get()
    for _ in range(2):
        services.end_reused_session(session_id=session.pk, by=Actor.system("refresh_reuse"))
    session.refresh_from_db()
    assert session.reason == "reused"
    assert facts() == [("RefreshTokenReused", str(session.pk), "system:refresh_reuse")]
    with pytest.raises(RefreshNotValid), transaction.atomic():
        services.refresh_pair(refresh=new.refresh)
    with pytest.raises(AuthenticationFailed):
        user_for(new.access)


def test_it_ends_after_thirty_days(pair):
    with (
        time_machine.travel(timezone.now() + timedelta(days=30, seconds=1)),
        pytest.raises(RefreshNotValid),
        transaction.atomic(),
    ):
        services.refresh_pair(refresh=pair.refresh)
    assert RefreshToken.objects.get().consumed_at is None


@pytest.mark.parametrize("change", [{"is_active": False}, {"sessions": "ended"}])
def test_a_closed_account_and_an_ended_session_refresh_nothing(pair, change):
    if "is_active" in change:
        User.objects.update(is_active=False)
    else:
        RefreshFamily.objects.update(revoked_at=timezone.now(), reason="logged_out")
    with pytest.raises(RefreshNotValid), transaction.atomic():
        services.refresh_pair(refresh=pair.refresh)
    assert RefreshToken.objects.get().consumed_at is None


def test_an_access_token_and_nonsense_refresh_nothing(pair):
    for token in (pair.access, "nonsense", "a.b.c", pair.refresh[:-3] + "AAA"):
        with pytest.raises(RefreshNotValid), transaction.atomic():
            services.refresh_pair(refresh=token)
    assert RefreshToken.objects.get().consumed_at is None


def test_a_token_not_on_record_refreshes_nothing(pair):
    RefreshToken.objects.all().delete()
    with pytest.raises(RefreshNotValid), transaction.atomic():
        services.refresh_pair(refresh=pair.refresh)


def test_a_change_of_role_shows_in_the_next_pair(pair):
    User.objects.update(role="warehouse")
    assert user_for(services.refresh_pair(refresh=pair.refresh).access).role == "warehouse"


def test_it_costs_five_statements(pair, django_assert_num_queries):
    with django_assert_num_queries(5):
        services.refresh_pair(refresh=pair.refresh)
