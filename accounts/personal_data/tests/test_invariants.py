"""Each rule about erased people finds the row that breaks it, and names it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db.models import Model
from django.utils import timezone

from accounts.models import User
from accounts.personal_data.invariants import INVARIANTS
from accounts.personal_data.models import DataExport, Erasure
from accounts.personal_data.services import ask_erasure, erase_due
from accounts.tests.factories import AddressFactory, SessionFactory, UserFactory
from api.actors import Actor
from audit.doctor import check
from audit.erasing import erasing
from audit.models import Outbox

pytestmark = pytest.mark.django_db
BY = Actor.system("tests")
NOBODY, NO_WAY_IN = "accounts.erased_are_nobody", "accounts.erased_have_no_way_in"
NO_PAST = "accounts.erased_leave_no_past"


def broken() -> dict[str, list[tuple[Any, ...]]]:
    found = {rule.name: check(rule) for rule in INVARIANTS}
    return {name: list(finding.rows) for name, finding in found.items() if finding is not None}


def with_every_way_in() -> User:
    user: User = UserFactory()
    SocialAccount.objects.create(user=user, provider="google", uid="s-1", extra_data={"name": "Ada"})
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    for kind in ("totp", "webauthn", "recovery_codes"):
        Authenticator.objects.create(user=user, type=kind, data={"name": "Ada's"})
    SessionFactory(user=user)
    AddressFactory(user=user)
    DataExport.objects.create(user=user, requested_by="user:1")
    return user


def erased(user: User) -> User:
    ask_erasure(user_id=user.pk, by=BY)
    User.objects.filter(pk=user.pk).update(erase_at=timezone.now() - timedelta(seconds=1))
    Erasure.objects.update(look_at=timezone.now())
    Outbox.objects.all().delete()
    assert erase_due() == 1, Erasure.objects.get().waits_for
    user.refresh_from_db()
    return user


def test_erasing_leaves_no_row_by_which_the_person_came_in() -> None:
    other = with_every_way_in()
    SocialAccount.objects.update(uid="s-2")
    user = erased(with_every_way_in())
    for model in (SocialAccount, EmailAddress, Authenticator):
        assert set(model.objects.values_list("user", flat=True)) == {other.pk}
    assert (user.sessions.count(), user.addresses.count(), user.exports.count()) == (0, 0, 0)
    assert broken() == {}


@pytest.mark.parametrize(
    ("table", "make"),
    [
        ("socialaccount_socialaccount", lambda user: SocialAccount(user=user, provider="test", uid=str(user.pk))),
        ("account_emailaddress", lambda user: EmailAddress(user=user, email=f"{user.pk}@example.com")),
        ("mfa_authenticator", lambda user: Authenticator(user=user, type="totp", data={})),
    ],
)
def test_a_way_in_that_is_left_is_found(table: str, make: Callable[[User], Model]) -> None:
    user = erased(UserFactory())
    make(UserFactory()).save()  # somebody else's is no matter
    assert broken() == {}
    make(user).save()
    assert broken() == {NO_WAY_IN: [(user.pk, table)]}


@pytest.mark.parametrize(
    "make",
    [
        lambda user: SessionFactory(user=user, revoked_at=timezone.now(), reason="erased"),
        lambda user: AddressFactory(user=user),
        lambda user: DataExport.objects.create(user=user, requested_by="user:1"),
        lambda user: User.objects.filter(pk=user.pk).update(email="ada@example.com"),
    ],
    ids=["session", "address", "copy", "e-mail"],
)
def test_a_trace_of_an_erased_person_is_found(make: Callable[[User], object]) -> None:
    user = erased(UserFactory())
    assert broken() == {}
    make(user)
    assert broken()[NOBODY] == [(user.pk,)]


def test_a_name_in_their_past_is_found() -> None:
    user = erased(UserFactory())
    history: Any = User.history  # type: ignore[attr-defined]
    with erasing():
        history.filter(id=user.pk).update(first_name="Ada")
    assert {row[0] for row in broken()[NO_PAST]} == {user.pk}
