from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import RefreshFamily, User
from accounts.personal_data.invariants import INVARIANTS
from accounts.personal_data.models import Erasure
from accounts.personal_data.services import ask_erasure, erase_due, keep_account_key, withdraw_erasure
from accounts.tests.factories import AddressFactory, SessionFactory, UserFactory, client_for
from api.actors import Actor
from audit.doctor import check
from audit.models import Outbox
from kernel.errors import NotAllowedNow

pytestmark = pytest.mark.django_db
STAFF = Actor.system("tests")


def keep(key: str) -> Any:
    with transaction.atomic():  # so that a refusal undoes what it undoes outside
        return APIClient().post("/api/v1/auth/keep-account", {"key": key})


def due(user: User) -> None:
    """Fourteen days later, everything said about them heard."""
    User.objects.filter(pk=user.pk).update(erase_at=timezone.now() - timedelta(seconds=1))
    Erasure.objects.update(look_at=timezone.now())
    Outbox.objects.all().delete()


def broken() -> list[str]:
    return [rule.name for rule in INVARIANTS if check(rule)]


def test_a_customer_closes_their_account_at_once() -> None:
    user = UserFactory()
    other = SessionFactory(user=user)
    client = client_for(user)
    answer = client.delete("/api/v1/me")
    user.refresh_from_db()
    assert (answer.status_code, answer.json()) == (202, {"erase_at": user.erase_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")})
    assert timedelta(days=13, hours=23) < user.erase_at - timezone.now() < timedelta(days=14)
    assert user.is_active is False
    assert set(RefreshFamily.objects.values_list("reason", flat=True)) == {"erased"}
    assert RefreshFamily.objects.get(pk=other.pk).revoked_at is not None
    assert client.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize("role", ["admin", "customer_service", "warehouse"])
def test_staff_do_not_close_their_own(role: str) -> None:
    user = UserFactory(role=role)
    client = client_for(user)
    with transaction.atomic():
        answer = client.delete("/api/v1/me")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_allowed_now")
    user.refresh_from_db()
    assert (user.is_active, user.erase_at, Erasure.objects.count()) == (True, None, 0)


def test_to_ask_twice_changes_nothing() -> None:
    user = UserFactory()
    first = ask_erasure(user_id=user.pk, by=STAFF).erase_at
    assert ask_erasure(user_id=user.pk, by=STAFF).erase_at == first
    assert Erasure.objects.count() == 1


def test_the_key_of_the_mail_opens_the_account_again_once() -> None:
    user = UserFactory()
    ask_erasure(user_id=user.pk, by=user.as_actor())
    key = keep_account_key(user.pk)
    assert key is not None
    assert keep(key).status_code == 204
    user.refresh_from_db()
    assert (user.is_active, user.erase_at) == (True, None)
    assert refused(keep(key))
    ask_erasure(user_id=user.pk, by=user.as_actor())
    assert refused(keep(key))  # of an earlier wish


def refused(answer: Any) -> bool:
    problem = answer.json()
    return (answer.status_code, problem["code"], problem["errors"][0]["field"]) == (400, "invalid", "key")


@pytest.mark.parametrize("key", ["x", "MTI:1vOs:abc", "1" * 1000])
def test_any_other_key_is_refused(key: str) -> None:
    assert refused(keep(key))


def test_after_the_period_only_staff_take_it_back() -> None:
    user = UserFactory()
    ask_erasure(user_id=user.pk, by=user.as_actor())
    key = keep_account_key(user.pk)
    due(user)
    assert refused(keep(str(key)))
    assert withdraw_erasure(user_id=user.pk, by=STAFF).is_active is True
    assert erase_due() == 0


def test_who_was_deactivated_before_stays_so_when_kept() -> None:
    user = UserFactory(is_active=False)
    ask_erasure(user_id=user.pk, by=STAFF)
    assert withdraw_erasure(user_id=user.pk, by=STAFF).is_active is False


def test_nothing_is_there_to_take_back() -> None:
    with pytest.raises(NotAllowedNow):
        withdraw_erasure(user_id=UserFactory().pk, by=STAFF)


def test_an_erased_person_is_nobody_and_stays_so() -> None:
    user = UserFactory(customer_groups=["trade"])
    address = AddressFactory(user=user)
    ask_erasure(user_id=user.pk, by=user.as_actor())
    due(user)
    assert (erase_due(), erase_due()) == (1, 0)
    user.refresh_from_db()
    assert (user.first_name, user.last_name, user.password, user.customer_groups) == ("", "", "", [])
    assert (user.email_verified_at, user.is_active, user.sessions.count()) == (None, False, 0)
    assert user.email.endswith("@erased.invalid")
    assert set(user.history.values_list("email", "first_name", "last_name")) == {(user.email, "", "")}
    assert set(address.history.values_list("line1", "last_name", "city", "country")) == {("", "", "", "")}
    assert broken() == []
    with pytest.raises(NotAllowedNow):
        ask_erasure(user_id=user.pk, by=STAFF)


def test_whose_account_was_opened_again_waits_and_says_why() -> None:
    user = UserFactory()
    ask_erasure(user_id=user.pk, by=user.as_actor())
    due(user)
    User.objects.update(is_active=True)
    assert erase_due() == 0
    wish = Erasure.objects.get()
    assert wish.waits_for == "The account was opened again."
    assert wish.look_at > timezone.now()


def test_the_trouble_of_one_holds_up_nobody_else() -> None:
    first, second = UserFactory(), UserFactory()
    for user in (first, second):
        ask_erasure(user_id=user.pk, by=user.as_actor())
        due(user)
    Erasure.objects.filter(user=first).update(look_at=timezone.now() - timedelta(hours=1))
    User.objects.filter(pk=first.pk).update(is_active=True)
    assert erase_due() == 1
    assert User.objects.get(erased_at__isnull=False) == second


def test_the_doctor_sees_who_is_overdue_without_a_reason_and_who_left_traces() -> None:
    user = UserFactory()
    ask_erasure(user_id=user.pk, by=STAFF)
    User.objects.update(erase_at=F("erase_at") - timedelta(days=16))
    assert broken() == ["accounts.erased_in_time"]
    Erasure.objects.update(waits_for="Orders under way: W1.")
    assert broken() == []
    User.objects.update(erased_at=timezone.now(), first_name="", last_name="", password="")
    assert broken() == ["accounts.erased_are_nobody", "accounts.erased_leave_no_past"]
