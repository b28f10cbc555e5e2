from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from accounts import services
from accounts.errors import KeyNotValid
from accounts.models import User
from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_the_key_of_the_mail_proves_the_mailbox_once(facts):
    user = UserFactory(unverified=True)
    key = services.verification_key(user.pk)
    services.verify_email(key=key)
    verified_at = User.objects.get().email_verified_at
    assert verified_at is not None
    services.verify_email(key=key)
    assert User.objects.get().email_verified_at == verified_at
    assert facts() == [("EmailVerified", str(user.pk), f"user:{user.pk}")]


@pytest.mark.parametrize("change", [{"email": "other@example.com"}, {"is_active": False}])
def test_the_key_dies_with_the_address_and_with_the_account(facts, change):
    user = UserFactory(unverified=True)
    key = services.verification_key(user.pk)
    User.objects.update(**change)
    with pytest.raises(KeyNotValid), transaction.atomic():
        services.verify_email(key=key)
    assert User.objects.get().email_verified_at is None
    assert facts() == []


def test_the_key_dies_after_three_days():
    user = UserFactory(unverified=True)
    key = services.verification_key(user.pk)
    with (
        time_machine.travel(timezone.now() + timedelta(days=3, seconds=1)),
        pytest.raises(KeyNotValid),
        transaction.atomic(),
    ):
        services.verify_email(key=key)
    assert User.objects.get().email_verified_at is None


@pytest.mark.parametrize("key", ["", "x", "a:b:c", "é:b:c"])
def test_a_forged_key_is_refused(key):
    with pytest.raises(KeyNotValid), transaction.atomic():
        services.verify_email(key=key)


def test_a_key_for_a_reset_verifies_nothing():
    user = UserFactory(unverified=True)
    with pytest.raises(KeyNotValid), transaction.atomic():
        services.verify_email(key=services.password_reset_key(user.pk))
