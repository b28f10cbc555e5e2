from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from accounts import services
from accounts.authentication import user_for
from accounts.errors import KeyNotValid
from accounts.models import RefreshFamily, User
from accounts.services import passwords
from accounts.tests.factories import PASSWORD, UserFactory
from api.actors import Actor
from kernel.errors import Invalid

pytestmark = pytest.mark.django_db
GUEST = Actor.guest()
NEW = "another-long-and-unusual-one"


def test_a_reset_is_mailed_to_who_exists_and_nobody_else(facts):
    user = UserFactory(email="ada@example.com")
    UserFactory(email="off@example.com", is_active=False)
    for email in ("ada@example.com", "off@example.com", "stranger@example.com"):
        services.request_password_reset(email=email, by=GUEST)
    assert facts() == [("PasswordResetRequested", str(user.pk), "guest:guest")]


def test_the_key_of_the_mail_sets_a_password_once_and_ends_every_session(facts):
    user = UserFactory(unverified=True)
    services.log_in(email=user.email, password=PASSWORD)
    key = services.password_reset_key(user.pk)
    services.reset_password(key=key, password=NEW)
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert user.email_verified_at is not None
    assert RefreshFamily.objects.get().reason == "password_changed"
    assert [name for name, _, by in facts() if by == f"user:{user.pk}"] == ["PasswordChanged", "EmailVerified"]
    with pytest.raises(KeyNotValid), transaction.atomic():
        services.reset_password(key=key, password="yet-another-unusual-one")
    assert User.objects.get().check_password(NEW)


def test_of_two_uses_of_a_key_at_once_the_second_finds_it_spent():
    user = UserFactory()
    token = services.password_reset_key(user.pk).partition(".")[2]
    values = {"user_id": user.pk, "token": token, "by": user.as_actor()}
    passwords._reset(**values, hashed=make_password(NEW))
    with pytest.raises(KeyNotValid), transaction.atomic():
        passwords._reset(**values, hashed=make_password("thief's own choice"))
    assert User.objects.get().check_password(NEW)


def test_a_weak_password_leaves_the_key_good():
    user = UserFactory()
    key = services.password_reset_key(user.pk)
    with pytest.raises(Invalid) as refusal, transaction.atomic():
        services.reset_password(key=key, password="short")
    assert [(problem.field, problem.code) for problem in refusal.value.problems] == [("password", "password_too_short")]
    services.reset_password(key=key, password=NEW)


def test_the_key_dies_after_an_hour_with_the_account_and_with_a_change():
    user = UserFactory()
    key = services.password_reset_key(user.pk)
    with (
        time_machine.travel(timezone.now() + timedelta(seconds=3601)),
        pytest.raises(KeyNotValid),
        transaction.atomic(),
    ):
        services.reset_password(key=key, password=NEW)
    User.objects.update(is_active=False)
    with pytest.raises(KeyNotValid), transaction.atomic():
        services.reset_password(key=key, password=NEW)
    User.objects.update(is_active=True)
    services.change_password(user_id=user.pk, current=PASSWORD, new=NEW, by=user.as_actor())
    with pytest.raises(KeyNotValid), transaction.atomic():
        services.reset_password(key=key, password="yet-another-unusual-one")


@pytest.mark.parametrize("key", ["", ".", "1", "x.y", "999999999999999999999.a-b", "-1.a-b", "²." + "a-b"])
def test_a_forged_key_is_refused(key):
    with pytest.raises(KeyNotValid), transaction.atomic():
        services.reset_password(key=key, password=NEW)


def test_another_persons_key_with_my_number_is_refused():
    mine, theirs = UserFactory(), UserFactory()
    token = services.password_reset_key(theirs.pk).partition(".")[2]
    with pytest.raises(KeyNotValid), transaction.atomic():
        services.reset_password(key=f"{mine.pk}.{token}", password=NEW)


def test_a_change_ends_every_session_and_opens_one(facts):
    user = UserFactory()
    services.log_in(email=user.email, password=PASSWORD)
    pair = services.change_password(user_id=user.pk, current=PASSWORD, new=NEW, by=user.as_actor())
    assert user_for(pair.access) == user
    assert sorted(RefreshFamily.objects.values_list("reason", flat=True)) == ["", "password_changed"]
    assert facts() == [("PasswordChanged", str(user.pk), f"user:{user.pk}")]


def test_a_change_needs_the_present_password(facts):
    user = UserFactory()
    with pytest.raises(Invalid) as refusal, transaction.atomic():
        services.change_password(user_id=user.pk, current="wrong", new=NEW, by=user.as_actor())
    assert [problem.field for problem in refusal.value.problems] == ["current_password"]
    assert User.objects.get().check_password(PASSWORD)
    assert facts() == []


def test_an_operators_change_ends_every_session(monkeypatch, facts, capsys):
    user = UserFactory(email="ada@example.com")
    services.log_in(email=user.email, password=PASSWORD)
    monkeypatch.setattr("getpass.getpass", lambda prompt: NEW)
    call_command("changepassword", "ADA@example.com")
    assert User.objects.get().check_password(NEW)
    assert RefreshFamily.objects.get().reason == "password_changed"
    assert facts() == [("PasswordChanged", str(user.pk), "system:changepassword")]


def test_an_operator_is_told_of_a_weak_password_and_of_a_stranger(monkeypatch):
    UserFactory(email="ada@example.com")
    monkeypatch.setattr("getpass.getpass", lambda prompt: "short")
    with pytest.raises(CommandError, match="too short"):
        call_command("changepassword", "ada@example.com")
    with pytest.raises(CommandError, match="Nobody"):
        call_command("changepassword", "stranger@example.com")
    assert User.objects.get().check_password(PASSWORD)
