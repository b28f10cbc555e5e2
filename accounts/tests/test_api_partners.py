from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Partner, PartnerToken
from accounts.tests.factories import PartnerFactory, PartnerTokenFactory, UserFactory, client_for, partner_client

pytestmark = pytest.mark.django_db
PARTNERS = "/api/v1/partners"


@pytest.fixture
def admin():
    return client_for(UserFactory(admin=True))


@pytest.mark.django_db(transaction=True)  # a refusal spoils a transaction that surrounds the test
def test_a_partner_is_opened_paused_and_closed(admin):
    opened = admin.post(PARTNERS, {"name": "Acme", "active": False})
    assert opened.status_code == 201
    assert {name: opened.data[name] for name in ("name", "active", "tokens")} == {
        "name": "Acme",
        "active": True,
        "tokens": [],
    }
    one = f"{PARTNERS}/{opened.data['id']}"
    assert admin.patch(one, {"active": False}).data["active"] is False
    assert admin.get(one).data["active"] is False
    assert admin.delete(one).status_code == 204
    assert admin.get(one).status_code == admin.delete(one).status_code == 404
    assert Partner.objects.get().closed_at is not None


def test_a_token_is_shown_once_and_revoked(admin):
    partner = PartnerFactory()
    expires_at = (timezone.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    body = {"scopes": ["stock:read"], "expires_at": expires_at}
    issued = admin.post(f"{PARTNERS}/{partner.pk}/tokens", body)
    assert issued.status_code == 201
    assert (issued.data["scopes"], issued.json()["expires_at"]) == (["stock:read"], expires_at)
    shown = admin.get(f"{PARTNERS}/{partner.pk}").json()["tokens"]
    assert shown == [{name: value for name, value in issued.json().items() if name != "token"}]
    assert admin.delete(f"{PARTNERS}/{partner.pk}/tokens/{issued.data['id']}").status_code == 204
    assert admin.get(f"{PARTNERS}/{partner.pk}").data["tokens"][0]["revoked_at"] is not None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "scopes"),
        ({"scopes": []}, "scopes"),
        ({"scopes": "stock:read"}, "scopes"),
        ({"scopes": ["everything"]}, "scopes.0"),
        ({"scopes": ["stock:read"] * 9}, "scopes"),
        ({"scopes": ["stock:read"], "sandbox": "yes"}, "sandbox"),
        ({"scopes": ["stock:read"], "expires_at": "tomorrow"}, "expires_at"),
        ({"scopes": ["stock:read"], "expires_at": "9999-12-31T23:59:59-23:59"}, "expires_at"),
        ({"scopes": ["stock:read"], "expires_at": 4102444800}, "expires_at"),
    ],
)
def test_a_token_that_makes_no_sense_is_refused(admin, body, field):
    answer = admin.post(f"{PARTNERS}/{PartnerFactory().pk}/tokens", body)
    assert (answer.status_code, [problem["field"] for problem in answer.data["errors"]]) == (400, [field])
    assert not PartnerToken.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_token_that_has_already_expired_is_refused(admin):
    body = {"scopes": ["stock:read"], "expires_at": "2020-01-01T00:00:00Z"}
    answer = admin.post(f"{PARTNERS}/{PartnerFactory().pk}/tokens", body)
    assert (answer.status_code, [problem["field"] for problem in answer.data["errors"]]) == (400, ["expires_at"])
    assert not PartnerToken.objects.exists()


@pytest.mark.parametrize("name", ["", " ", None, "x" * 201, "a\x00b", "a\nb", 12])
def test_what_is_no_name_is_refused(admin, name):
    answer = admin.post(PARTNERS, {"name": name})
    assert (answer.status_code, [problem["field"] for problem in answer.data["errors"]]) == (400, ["name"])
    assert not Partner.objects.exists()


def test_a_taken_name_is_refused_by_field(admin):
    PartnerFactory(name="Acme")
    answer = admin.post(PARTNERS, {"name": "acme"})
    assert (answer.status_code, answer.data["code"], answer.data["errors"][0]["field"]) == (409, "name_taken", "name")


@pytest.mark.parametrize("active", ["yes", 1, None])
def test_active_is_true_or_false(admin, active):
    partner = PartnerFactory()
    assert admin.patch(f"{PARTNERS}/{partner.pk}", {"active": active}).status_code == 400
    assert Partner.objects.get().active is True


def test_a_list_of_partners_costs_three_statements(admin, django_assert_num_queries):
    for partner in PartnerFactory.create_batch(5):
        PartnerTokenFactory.create_batch(2, partner=partner)
    PartnerFactory(active=False, closed_at=timezone.now())
    with django_assert_num_queries(3):
        results = admin.get(PARTNERS).data["results"]
    assert [len(partner["tokens"]) for partner in results] == [2] * 5


@pytest.mark.parametrize("path", ["", "/1", "/1/tokens", "/1/tokens/1"])
def test_only_admins_come_here(path):
    for client, status in (
        (client_for(), 401),
        (client_for(UserFactory()), 403),
        (client_for(UserFactory(warehouse=True)), 403),
        (client_for(UserFactory(customer_service=True)), 403),
        (partner_client(), 403),
    ):
        for method in ("get", "post", "patch", "delete"):
            assert getattr(client, method)(PARTNERS + path).status_code in {status, 405}


@pytest.mark.django_db(transaction=True)  # a refusal spoils a transaction that surrounds the test
def test_an_unknown_partner_or_token_is_not_found(admin):
    token = PartnerTokenFactory()
    for path in ("/0", f"/{10**30}", f"/0/tokens/{token.pk}", f"/{token.partner_id}/tokens/0"):
        assert admin.delete(PARTNERS + path).status_code == 404
    assert admin.post(f"{PARTNERS}/0/tokens", {"scopes": ["stock:read"]}).status_code == 404
