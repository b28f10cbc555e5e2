from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed

from accounts import services
from accounts.authentication import partner_for
from accounts.errors import NameTaken
from accounts.models import Partner, PartnerToken
from accounts.tests.factories import PartnerFactory, PartnerTokenFactory, UserFactory, partner_token
from kernel.errors import Invalid, NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def by():
    return UserFactory(admin=True).as_actor()


def issue(partner, by, **changes):
    values = {"scopes": ["orders:write", "orders:read", "orders:read"], "expires_at": None} | changes
    return services.issue_partner_token(partner_id=partner.pk, terms=services.TokenTerms(**values), by=by)


def test_a_token_is_shown_once_and_kept_as_a_digest(by, facts):
    partner = PartnerFactory()
    row, plain = issue(partner, by)
    caller = partner_for(plain, address="192.0.2.1")
    assert (caller.partner, caller.scopes) == (partner, {"orders:read", "orders:write"})
    assert (row.prefix, row.scopes) == (plain[:12], ["orders:read", "orders:write"])
    stored = str(list(PartnerToken.objects.values())) + str(list(PartnerToken.history.values()))
    assert plain not in stored
    assert row.digest not in str(list(PartnerToken.history.values()))
    assert facts() == [("PartnerTokenIssued", str(partner.pk), str(by))]


@pytest.mark.parametrize(
    ("flaw", "field"),
    [
        ({"scopes": []}, "scopes"),
        ({"scopes": ["orders:write", "everything"]}, "scopes"),
        ({"expires_at": timezone.now() - timedelta(seconds=1)}, "expires_at"),
    ],
)
def test_a_token_without_use_or_time_is_not_issued(by, facts, flaw, field):
    with pytest.raises(Invalid) as refusal, transaction.atomic():
        issue(PartnerFactory(), by, **flaw)
    assert [problem.field for problem in refusal.value.problems] == [field]
    assert not PartnerToken.objects.exists()
    assert facts() == []


def test_a_revoked_token_opens_nothing_and_is_revoked_once(by, facts):
    partner = PartnerFactory()
    row, plain = issue(partner, by)
    for _ in range(2):
        services.revoke_partner_token(partner_id=partner.pk, token_id=row.pk, by=by)
    with pytest.raises(AuthenticationFailed):
        partner_for(plain, address="192.0.2.1")
    assert [name for name, _, _ in facts()] == ["PartnerTokenIssued", "PartnerTokenRevoked"]


def test_another_partners_token_is_not_found(by):
    token = PartnerTokenFactory()
    with pytest.raises(NotFound), transaction.atomic():
        services.revoke_partner_token(partner_id=PartnerFactory().pk, token_id=token.pk, by=by)
    assert PartnerToken.objects.get().revoked_at is None


def test_a_paused_partner_is_out_until_it_goes_on(by):
    partner = PartnerFactory()
    plain = partner_token(partner)
    services.change_partner(partner_id=partner.pk, changes={"active": False}, by=by)
    with pytest.raises(AuthenticationFailed):
        partner_for(plain, address="192.0.2.1")
    services.change_partner(partner_id=partner.pk, changes={"active": True}, by=by)
    assert partner_for(plain, address="192.0.2.1").partner == partner


def test_a_closed_partner_is_out_for_good_and_its_name_is_free(by, facts):
    partner = services.open_partner(given={"name": "Acme"}, by=by)
    plain = partner_token(partner)
    services.close_partner(partner_id=partner.pk, by=by)
    with pytest.raises(AuthenticationFailed):
        partner_for(plain, address="192.0.2.1")
    with pytest.raises(NotFound), transaction.atomic():
        services.change_partner(partner_id=partner.pk, changes={"active": True}, by=by)
    assert PartnerToken.objects.get().revoked_at is not None
    assert services.open_partner(given={"name": "Acme"}, by=by).pk != partner.pk
    assert [name for name, _, _ in facts()] == ["PartnerOpened", "PartnerClosed", "PartnerOpened"]


def test_two_partners_cannot_share_a_name_however_it_is_spelt(by, facts):
    PartnerFactory(name="Acme")
    other = PartnerFactory(name="Bolt")
    with pytest.raises(NameTaken), transaction.atomic():
        services.open_partner(given={"name": "ACME"}, by=by)
    with pytest.raises(NameTaken), transaction.atomic():
        services.change_partner(partner_id=other.pk, changes={"name": "acme"}, by=by)
    assert sorted(Partner.objects.values_list("name", flat=True)) == ["Acme", "Bolt"]
    assert facts() == []


@pytest.mark.parametrize(
    "flaw", [{"digest": "plain"}, {"scopes": []}, {"expires_at": timezone.now() - timedelta(days=1)}]
)
def test_the_database_refuses_what_must_never_be(flaw):
    with pytest.raises(IntegrityError), transaction.atomic():
        PartnerTokenFactory(**flaw)
    assert not PartnerToken.objects.exists()
