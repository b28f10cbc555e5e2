import pytest
from django.contrib.auth import get_user_model

from accounts import roles
from accounts.backends import RoleBackend
from accounts.tests.counting import CountingHasher
from accounts.tests.factories import PASSWORD, UserFactory


@pytest.mark.parametrize(
    ("role", "permission", "granted"),
    [
        ("admin", "audit.view_logentry", True),
        ("customer_service", "orders.change_order", True),
        ("customer_service", "accounts.view_user", True),
        ("customer_service", "accounts.change_user", False),
        ("customer_service", "accounts.view_partnertoken", False),
        ("customer_service", "inventory.change_stocklevel", False),
        ("warehouse", "inventory.change_stocklevel", True),
        ("warehouse", "orders.view_order", True),
        ("warehouse", "orders.change_order", False),
        ("warehouse", "payments.view_payment", False),
        ("customer", "orders.view_order", False),
        ("partner", "orders.view_order", False),
    ],
)
def test_the_table_decides(role, permission, granted):
    assert roles.may(role, permission) is granted


def test_an_app_is_entered_by_any_permission_in_it():
    assert roles.may_enter("warehouse", "orders")
    assert not roles.may_enter("warehouse", "payments")
    assert roles.may_enter("admin", "payments")


def test_every_role_has_its_rights_and_scopes():
    assert set(roles.PERMISSIONS) == set(roles.ROLE_SCOPES) == set(get_user_model().Role.values)
    assert all(set(scopes) <= set(roles.PARTNER_SCOPES) for scopes in roles.ROLE_SCOPES.values())


def test_who_is_not_active_may_nothing():
    user = UserFactory.build(admin=True, is_active=False)
    assert not user.has_perm("orders.view_order")
    assert not user.has_module_perms("orders")
    assert not user.is_superuser


@pytest.mark.django_db
def test_the_back_office_lets_in_by_e_mail_however_it_is_spelt():
    user = UserFactory(email="ada@example.com")
    assert RoleBackend().authenticate(None, username="ADA@example.com", password=PASSWORD) == user
    assert RoleBackend().get_user(user.pk) == user
    assert RoleBackend().has_perm(user, "orders.view_order") is False


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("email", "password"), [("ada@example.com", "wrong"), ("b@example.com", PASSWORD), ("ä", PASSWORD)]
)
def test_the_back_office_refuses_others(email, password):
    UserFactory(email="ada@example.com")
    assert RoleBackend().authenticate(None, username=email, password=password) is None


@pytest.mark.django_db
def test_the_back_office_refuses_who_is_not_active():
    user = UserFactory(is_active=False)
    assert RoleBackend().authenticate(None, username=user.email, password=PASSWORD) is None
    assert RoleBackend().get_user(user.pk) is None


@pytest.mark.django_db
def test_a_stranger_costs_as_much_hashing_as_a_wrong_password(settings):
    settings.PASSWORD_HASHERS = ["accounts.tests.counting.CountingHasher"]

    user = UserFactory()
    user.set_password(PASSWORD)
    user.save()
    costs = []
    for email in (user.email, "stranger@example.com"):
        CountingHasher.runs = 0
        assert RoleBackend().authenticate(None, username=email, password="wrong") is None
        costs.append(CountingHasher.runs)
    assert costs == [1, 1]
