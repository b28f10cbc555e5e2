import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import PartnerToken
from accounts.tests.factories import PartnerFactory, UserFactory, client_for, partner_client

pytestmark = pytest.mark.django_db(transaction=True)
PARTNERS = "/api/v1/partners"
ORDERS = "/api/v1/orders"


def issue(partner, **body):
    answer = client_for(UserFactory(admin=True)).post(
        f"{PARTNERS}/{partner.pk}/tokens", {"scopes": ["orders:read"]} | body
    )
    assert answer.status_code == 201
    return answer.data


def caller(token: str) -> APIClient:
    return APIClient(HTTP_AUTHORIZATION=f"Token {token}")


def test_a_token_is_good_in_its_networks_alone():
    client = caller(issue(PartnerFactory(), networks=["192.0.2.7/24", "2001:db8::/32"])["token"])
    for address, status in (("192.0.2.99", 200), ("2001:db8::5", 200), ("::ffff:192.0.2.1", 200), ("192.0.3.1", 403)):
        assert client.get(ORDERS, REMOTE_ADDR=address).status_code == status, address
    refused = client.get(ORDERS, REMOTE_ADDR="198.51.100.1")
    assert refused.data["code"] == "network_not_allowed"


def test_a_forged_header_is_no_network(settings):
    client = caller(issue(PartnerFactory(), networks=["192.0.2.0/24"])["token"])
    assert client.get(ORDERS, REMOTE_ADDR="198.51.100.1", HTTP_X_FORWARDED_FOR="192.0.2.1").status_code == 403
    settings.PROXY_HOPS = 1
    behind = {"REMOTE_ADDR": "10.0.0.1"}
    assert client.get(ORDERS, HTTP_X_FORWARDED_FOR="198.51.100.1, 192.0.2.1", **behind).status_code == 200
    assert client.get(ORDERS, HTTP_X_FORWARDED_FOR="192.0.2.1, 198.51.100.1", **behind).status_code == 403


def test_what_is_no_network_is_refused():
    admin, partner = client_for(UserFactory(admin=True)), PartnerFactory()
    body = {"scopes": ["orders:read"], "networks": ["192.0.2.0/24", "everywhere"]}
    answer = admin.post(f"{PARTNERS}/{partner.pk}/tokens", body)
    assert (answer.status_code, answer.data["errors"][0]["field"]) == (400, "networks.1")
    assert not PartnerToken.objects.exists()


def test_a_rotated_token_overlaps():
    partner = PartnerFactory()
    old = issue(partner, networks=["127.0.0.0/8"], sandbox=True)
    url = f"{PARTNERS}/{partner.pk}/tokens/{old['id']}/rotate"
    answer = client_for(UserFactory(admin=True)).post(url, {"overlap_hours": 1})
    assert answer.status_code == 201
    new = answer.data
    assert {name: new[name] for name in ("scopes", "networks", "sandbox", "expires_at")} == {
        "scopes": ["orders:read"],
        "networks": ["127.0.0.0/8"],
        "sandbox": True,
        "expires_at": None,
    }
    assert [caller(row["token"]).get(ORDERS).status_code for row in (old, new)] == [200, 200]
    PartnerToken.objects.filter(pk=old["id"]).update(created_at=timezone.now() - timezone.timedelta(hours=2))
    ends = PartnerToken.objects.get(pk=old["id"]).expires_at
    assert timezone.timedelta(minutes=59) < ends - timezone.now() <= timezone.timedelta(hours=1)


def test_a_token_that_has_ended_is_not_rotated():
    partner = PartnerFactory()
    old = issue(partner)
    PartnerToken.objects.update(revoked_at=timezone.now())
    url = f"{PARTNERS}/{partner.pk}/tokens/{old['id']}/rotate"
    assert client_for(UserFactory(admin=True)).post(url, {}).status_code == 409
    assert PartnerToken.objects.count() == 1


def test_a_partner_is_told_what_is_left_of_its_minute():
    partner = PartnerFactory(requests_per_minute=3)
    first, second = partner_client(partner), partner_client(partner)
    answers = [client.get(ORDERS) for client in (first, second, first, second)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
    refused = answers[-1]
    assert (refused.data["code"], refused["RateLimit-Limit"]) == ("rate_limited", "3")
    assert 1 <= int(refused["Retry-After"]) <= 61
    assert partner_client(PartnerFactory()).get(ORDERS).status_code == 200
    assert "RateLimit-Limit" not in client_for(UserFactory()).get(ORDERS).headers


def test_what_a_partner_was_given_is_changed_and_shown():
    admin, partner = client_for(UserFactory(admin=True)), PartnerFactory()
    given = {"categories": ["mugs"], "skus": None, "warehouses": [], "requests_per_minute": 10}
    answer = admin.patch(f"{PARTNERS}/{partner.pk}", given)
    assert (answer.status_code, {name: answer.data[name] for name in given}) == (200, given)
