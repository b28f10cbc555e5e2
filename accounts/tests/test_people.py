import pytest
from django.db import IntegrityError, transaction
from rest_framework.exceptions import AuthenticationFailed

from accounts import services
from accounts.authentication import user_for
from accounts.errors import InvalidCredentials, OwnAccount
from accounts.models import RefreshFamily, User
from accounts.tests.factories import PASSWORD, SessionFactory, UserFactory, access_token
from kernel.errors import NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return UserFactory(admin=True)


def test_a_name_is_corrected_and_what_is_left_out_stays(admin):
    user = UserFactory(first_name="Ada", last_name="Example")
    services.change_profile(user_id=user.pk, profile={"last_name": "Lovelace"}, by=user.as_actor())
    user.refresh_from_db()
    assert (user.first_name, user.last_name) == ("Ada", "Lovelace")
    newest = user.history.first()
    assert (newest.last_name, newest.actor) == ("Lovelace", f"user:{user.pk}")


def test_who_is_deactivated_is_out_at_once_and_cannot_come_back(admin, facts):
    user = UserFactory()
    token = access_token(user)
    services.deactivate_user(user_id=user.pk, by=admin.as_actor())
    with pytest.raises(AuthenticationFailed):
        user_for(token)
    with pytest.raises(InvalidCredentials):
        services.log_in(email=user.email, password=PASSWORD)
    assert RefreshFamily.objects.get().reason == "deactivated"
    assert facts() == [("UserDeactivated", str(user.pk), f"user:{admin.pk}")]


def test_who_is_reactivated_logs_in_anew(admin, facts):
    user = UserFactory()
    token = access_token(user)
    for _ in range(2):  # a second time changes nothing
        services.deactivate_user(user_id=user.pk, by=admin.as_actor())
    for _ in range(2):
        services.reactivate_user(user_id=user.pk, by=admin.as_actor())
    assert services.log_in(email=user.email, password=PASSWORD)
    with pytest.raises(AuthenticationFailed):
        user_for(token)
    assert [name for name, _, _ in facts()] == ["UserDeactivated", "UserReactivated"]


def test_a_change_of_role_ends_access_tokens_that_claim_the_old_one(admin, facts):
    user = UserFactory()
    token = access_token(user)
    services.change_role(user_id=user.pk, role=User.Role.WAREHOUSE, by=admin.as_actor())
    with pytest.raises(AuthenticationFailed):
        user_for(token)
    assert facts() == [("RoleChanged", str(user.pk), f"user:{admin.pk}")]


def test_nobody_shuts_themselves_out(admin, facts):
    for act in (
        lambda: services.deactivate_user(user_id=admin.pk, by=admin.as_actor()),
        lambda: services.change_role(user_id=admin.pk, role=User.Role.CUSTOMER, by=admin.as_actor()),
    ):
        with pytest.raises(OwnAccount), transaction.atomic():
            act()
    assert User.objects.filter(pk=admin.pk, role="admin", is_active=True).exists()
    assert facts() == []


def test_staff_log_a_person_out_everywhere(admin):
    user = UserFactory()
    SessionFactory.create_batch(2, user=user)
    other = SessionFactory()
    assert services.end_sessions(user_id=user.pk, by=admin.as_actor()) == 2
    assert list(RefreshFamily.objects.filter(revoked_at=None)) == [other]


def test_a_person_who_is_not_there_is_not_found(admin):
    with pytest.raises(NotFound), transaction.atomic():
        services.deactivate_user(user_id=0, by=admin.as_actor())


@pytest.mark.parametrize("flaw", [{"email": "ADA@example.com"}, {"role": "emperor"}])
def test_the_database_refuses_what_must_never_be(flaw):
    with pytest.raises(IntegrityError), transaction.atomic():
        UserFactory(**flaw)
    assert not User.objects.exists()
