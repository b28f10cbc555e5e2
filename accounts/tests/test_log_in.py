import pytest
from django.db import transaction

from accounts import services
from accounts.authentication import user_for
from accounts.errors import InvalidCredentials
from accounts.models import RefreshFamily, RefreshToken, User
from accounts.services import sessions
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tokens import Refresh

pytestmark = pytest.mark.django_db


def test_the_pair_opens_and_only_digests_are_kept():
    user = UserFactory(email="ada@example.com")
    pair = services.log_in(email="ada@example.com", password=PASSWORD)
    assert user_for(pair.access) == user
    row = RefreshToken.objects.get()
    refresh = Refresh(pair.refresh)
    assert (row.digest, row.consumed_at, row.family.user) == (refresh.digest, None, user)
    assert row.digest not in pair.refresh
    assert refresh["jti"] not in str(list(RefreshToken.objects.values()))


def test_an_unverified_customer_may_log_in():
    user = UserFactory(unverified=True)
    assert user_for(services.log_in(email=user.email, password=PASSWORD).access) == user


@pytest.mark.parametrize(
    ("email", "password"),
    [("ada@example.com", "wrong"), ("other@example.com", PASSWORD), ("off@example.com", PASSWORD)],
)
def test_every_reason_gets_the_same_refusal(email, password):
    UserFactory(email="ada@example.com")
    UserFactory(email="off@example.com", is_active=False)
    with pytest.raises(InvalidCredentials) as refusal, transaction.atomic():
        services.log_in(email=email, password=password)
    assert refusal.value.text == "This e-mail and password do not belong together."
    assert not RefreshFamily.objects.exists()


@pytest.mark.parametrize("change", [{"is_active": False}, {"password": "changed"}])
def test_what_changed_while_the_password_was_hashed_is_seen(change):
    user = UserFactory()
    User.objects.update(**change)
    with pytest.raises(InvalidCredentials), transaction.atomic():
        sessions._open_for(user_id=user.pk, seen_password=user.password, device="", by=user.as_actor())
    assert not RefreshFamily.objects.exists()


def test_logging_in_costs_six_statements(django_assert_num_queries):
    user = UserFactory()
    services.log_in(email=user.email, password=PASSWORD)  # the hash is brought up to date once
    with django_assert_num_queries(6):
        services.log_in(email=user.email, password=PASSWORD)
