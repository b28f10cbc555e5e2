import pytest
from django.utils import timezone

from accounts import services
from accounts.models import Partner, RefreshToken, User
from accounts.tests.factories import PASSWORD, PartnerTokenFactory, UserFactory
from audit.doctor import examine

pytestmark = pytest.mark.django_db


def failed() -> list[str]:
    return [finding.invariant.name for finding in examine() if finding.invariant.name.startswith("accounts.")]


def test_what_the_services_leave_behind_holds():
    user, admin = UserFactory(), UserFactory(admin=True)
    pair = services.log_in(email=user.email, password=PASSWORD)
    services.refresh_pair(refresh=pair.refresh)
    services.deactivate_user(user_id=user.pk, by=admin.as_actor())
    token = PartnerTokenFactory()
    services.close_partner(partner_id=token.partner_id, by=admin.as_actor())
    assert failed() == []


def test_an_open_session_of_a_deactivated_person_is_found():
    services.log_in(email=UserFactory().email, password=PASSWORD)
    User.objects.update(is_active=False)
    assert failed() == ["accounts.deactivated_are_out"]


def test_an_open_session_that_cannot_go_on_is_found():
    services.log_in(email=UserFactory().email, password=PASSWORD)
    RefreshToken.objects.update(consumed_at=timezone.now())
    assert failed() == ["accounts.open_sessions_can_go_on"]


def test_a_living_token_of_a_closed_partner_is_found():
    PartnerTokenFactory()
    Partner.objects.update(active=False, closed_at=timezone.now())
    assert failed() == ["accounts.closed_partners_are_out"]
