import re

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.authentication import partner_for
from accounts.models import Address, Partner, PartnerToken, RefreshFamily, User
from accounts.tests.factories import (
    PASSWORD,
    AddressFactory,
    PartnerFactory,
    PartnerTokenFactory,
    SessionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
PAGES = ["user", "address", "partner", "partnertoken"]
SUBMIT = {"_form_submitted": "True"}


def url(name: str, *args) -> str:
    return reverse(f"admin:accounts_{name}", args=args)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def admin():
    return UserFactory(admin=True)


@pytest.fixture
def client(admin):
    return client_of(admin)


def test_staff_come_in_by_e_mail_and_customers_do_not():
    staff, customer = UserFactory(warehouse=True), UserFactory()
    for user, landing in ((staff, 302), (customer, 200)):
        values = {"username": user.email.upper(), "password": PASSWORD, "next": "/admin/password_change/"}
        assert Client().post(reverse("admin:login"), values).status_code == landing


@pytest.mark.parametrize("page", PAGES)
def test_every_table_is_read_and_searched(client, page):
    AddressFactory()
    PartnerTokenFactory()
    assert client.get(url(f"{page}_changelist"), {"q": "a"}).status_code == 200


@pytest.mark.parametrize(
    ("make", "page"),
    [
        (UserFactory, "user"),
        (AddressFactory, "address"),
        (PartnerFactory, "partner"),
        (PartnerTokenFactory, "partnertoken"),
    ],
)
def test_every_row_has_its_page_and_its_history(client, make, page):
    row = make()
    assert client.get(url(f"{page}_change", row.pk)).status_code == 200
    assert client.get(url(f"{page}_history", row.pk)).status_code == 200
    assert client.get(url(f"{page}_change", "nonsense")).status_code == 302


@pytest.mark.parametrize(
    ("role", "page", "status"),
    [
        ("customer_service", "user", 200),
        ("customer_service", "address", 200),
        ("customer_service", "partner", 403),
        ("customer_service", "partnertoken", 403),
        ("warehouse", "user", 403),
        ("customer", "user", 302),
    ],
)
def test_what_a_role_may_not_do_is_not_there(role, page, status):
    assert client_of(UserFactory(role=role)).get(url(f"{page}_changelist")).status_code == status


def test_customer_service_reads_people_and_changes_none():
    client, user = client_of(UserFactory(customer_service=True)), UserFactory()
    client.post(url("user_change", user.pk), {"email": "x@example.com", "role": "admin"})
    client.post(url("user_deactivate", user.pk), SUBMIT)
    assert User.objects.values("email", "role", "is_active").get(pk=user.pk) == {
        "email": user.email,
        "role": "customer",
        "is_active": True,
    }


def test_a_colleague_is_added(client, admin):
    values = {
        "email": "New@Example.com",
        "role": "warehouse",
        "first_name": "",
        "last_name": "",
        "usable_password": "true",
        "password1": "a-long-and-unusual-one",
        "password2": "a-long-and-unusual-one",
    }
    assert client.post(url("user_add"), values).status_code == 302
    user = User.objects.get(email="new@example.com")
    assert (user.role, user.check_password("a-long-and-unusual-one")) == ("warehouse", True)
    assert {row.actor for row in user.history.all()} == {f"user:{admin.pk}"}


def person_form(user: User, **changes) -> dict:
    values = {"email": user.email, "role": user.role, "first_name": user.first_name, "last_name": user.last_name}
    names = ("addresses", "sessions", "socialaccount_set", "authenticator_set")
    inlines = {f"{name}-{part}_FORMS": "0" for name in names for part in ("TOTAL", "INITIAL")}
    return values | inlines | changes


def test_a_new_e_mail_is_not_yet_verified_and_a_new_role_is_told(client, admin, facts):
    user = UserFactory()
    answer = client.post(url("user_change", user.pk), person_form(user, email="B@example.com", role="warehouse"))
    assert answer.status_code == 302
    user.refresh_from_db()
    assert (user.email, user.role, user.email_verified_at) == ("b@example.com", "warehouse", None)
    assert facts() == [("RoleChanged", str(user.pk), f"user:{admin.pk}")]


def test_ones_own_role_stays(client, admin):
    assert client.post(url("user_change", admin.pk), person_form(admin, role="customer")).status_code == 302
    assert User.objects.get().role == "admin"


def test_a_taken_or_malformed_e_mail_is_refused(client):
    user, other = UserFactory(), UserFactory()
    for email in (other.email.upper(), "nonsense", "ädä@example.com"):
        assert client.post(url("user_change", user.pk), person_form(user, email=email)).status_code == 200
    assert User.objects.get(pk=user.pk).email == user.email


def test_a_password_set_by_staff_ends_every_session(client, admin, facts):
    session = SessionFactory()
    page = reverse("admin:auth_user_password_change", args=(session.user_id,))
    values = {"password1": "a-long-and-unusual-one", "password2": "a-long-and-unusual-one", "usable_password": "true"}
    assert client.post(page, values | {"password2": "another"}).status_code == 200
    assert RefreshFamily.objects.get().revoked_at is None
    assert client.post(page, values).status_code == 302
    assert User.objects.get(pk=session.user_id).check_password("a-long-and-unusual-one")
    assert RefreshFamily.objects.get().reason == "password_changed"
    assert facts() == [("PasswordChanged", str(session.user_id), f"user:{admin.pk}")]


def test_buttons_ask_before_they_act(client):
    user = UserFactory()
    assert b"logged out everywhere at once" in client.get(url("user_deactivate", user.pk)).content
    assert User.objects.get(pk=user.pk).is_active


def test_a_person_is_deactivated_and_reactivated_by_buttons(client):
    session = SessionFactory()
    user = session.user
    answer = client.post(url("user_deactivate", user.pk), SUBMIT)
    assert answer["HX-Redirect"] == url("user_change", user.pk)
    user.refresh_from_db()
    assert (user.is_active, RefreshFamily.objects.get().reason) == (False, "deactivated")
    assert client.post(url("user_deactivate", user.pk), SUBMIT).status_code == 403
    client.post(url("user_reactivate", user.pk), SUBMIT)
    user.refresh_from_db()
    assert user.is_active


def test_a_person_is_logged_out_everywhere_by_a_button(client):
    session = SessionFactory()
    client.post(url("user_log_out_everywhere", session.user_id), SUBMIT)
    assert RefreshFamily.objects.get().reason == "ended_by_staff"


def test_nobody_deactivates_themselves_and_nobody_is_deleted(client, admin):
    assert client.post(url("user_deactivate", admin.pk), SUBMIT).status_code == 403
    assert client.post(url("user_delete", admin.pk), {"post": "yes"}).status_code == 403
    assert User.objects.get().is_active


def test_an_address_is_corrected_with_the_name_of_who_did_it(client, admin):
    address = AddressFactory()
    fields = ("first_name", "last_name", "line1", "city", "postal_code", "country")
    values = {name: getattr(address, name) for name in fields} | {"user": address.user_id, "city": "Bonn"}
    assert client.post(url("address_change", address.pk), values).status_code == 302
    assert Address.objects.get().city == "Bonn"
    assert Address.history.first().actor == f"user:{admin.pk}"


def test_a_token_is_issued_shown_once_and_revoked(client):
    partner = PartnerFactory()
    page = client.post(url("partner_issue_token", partner.pk), SUBMIT | {"scopes": ["stock:read"], "last_day": ""})
    plain = re.search(rb"wbp_[\w-]+", page.content)[0].decode()
    assert partner_for(plain, address="192.0.2.1").scopes == {"stock:read"}
    assert plain not in client.get(url("partner_change", partner.pk)).content.decode()
    client.post(url("partnertoken_revoke", PartnerToken.objects.get().pk), SUBMIT)
    assert PartnerToken.objects.get().revoked_at is not None


@pytest.mark.django_db(transaction=True)
def test_a_token_without_scopes_or_with_a_past_day_is_refused(client):
    partner = PartnerFactory()
    for values in ({"scopes": []}, {"scopes": ["stock:read"], "last_day": "2020-01-01"}):
        assert client.post(url("partner_issue_token", partner.pk), SUBMIT | values).status_code == 200
        assert not PartnerToken.objects.exists()


def test_a_partner_is_closed_by_a_button(client):
    token = PartnerTokenFactory()
    client.post(url("partner_close", token.partner_id), SUBMIT)
    assert Partner.objects.get().closed_at is not None
    assert PartnerToken.objects.get().revoked_at is not None
    assert client.post(url("partner_issue_token", token.partner_id), SUBMIT).status_code == 403


def test_a_list_of_people_costs_few_statements(client, django_assert_max_num_queries):
    UserFactory.create_batch(60)
    with django_assert_max_num_queries(9):
        client.get(url("user_changelist"), {"q": "person"})


def test_an_operator_makes_the_first_admin():
    call_command("createsuperuser", "--noinput", "--email=Root@Example.com")
    user = User.objects.get()
    assert (user.email, user.role, user.is_superuser, user.email_verified) == ("root@example.com", "admin", True, True)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ({"all_products": "on", "skus": "A", "all_warehouses": "on"}, (None, None, None)),
        ({"skus": "A B\nC"}, ([], ["A", "B", "C"], [])),
    ],
)
def test_what_a_partner_is_given_is_all_or_what_is_chosen(client, typed, kept):
    rows = {"tokens-TOTAL_FORMS": "0", "tokens-INITIAL_FORMS": "0"}
    assert client.post(url("partner_add"), {"name": "Acme", "active": "on"} | rows | typed).status_code == 302
    partner = Partner.objects.get()
    assert (partner.categories, partner.skus, partner.warehouses) == kept
    page = client.post(url("partner_change", partner.pk), {"name": "Apex", "active": "on"} | rows | typed)
    assert page.status_code == 302
    partner.refresh_from_db()
    assert (partner.name, partner.categories, partner.skus, partner.warehouses) == ("Apex", *kept)
