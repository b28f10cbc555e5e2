"""Whose account an issuer's word opens: never one that is not proven to be theirs."""

from collections.abc import Iterator
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import UserFactory, client_for
from tests.sign_in.issuer import ScriptedIssuer, configured, scripted_issuer

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/v1/auth/social/test"
MINE = "/api/v1/me/identities"


@pytest.fixture
def issuer(settings: Any) -> Iterator[ScriptedIssuer]:
    cache.clear()
    with scripted_issuer() as found:
        settings.OIDC_ISSUERS = {"test": configured(found.address)}
        yield found


def sign_in(issuer: ScriptedIssuer, **claims: Any) -> Any:
    return APIClient().post(URL, {"id_token": issuer.sign(**claims), "nonce": "n-1"})


def link(issuer: ScriptedIssuer, client: APIClient, **claims: Any) -> Any:
    return client.post(f"{MINE}/test", {"id_token": issuer.sign(**claims), "nonce": "n-1"})


def links() -> list[tuple[int, str]]:
    return list(SocialAccount.objects.order_by("id").values_list("user_id", "uid"))


def test_an_e_mail_proven_on_both_sides_links(issuer: ScriptedIssuer) -> None:
    person = UserFactory(email="ada@example.com")
    assert sign_in(issuer, email="Ada@Example.com").status_code == 200
    assert links() == [(person.pk, "s-1")]


@pytest.mark.parametrize(
    ("here", "there"),
    [({"unverified": True}, True), ({}, False), ({}, None), ({}, "false"), ({"is_active": False}, True)],
)
def test_an_e_mail_that_is_not_takes_over_nothing(issuer: ScriptedIssuer, here: dict[str, Any], there: Any) -> None:
    UserFactory(email="ada@example.com", **here)
    answer = sign_in(issuer, email_verified=there)
    assert (answer.status_code, answer.data["code"]) == (409, "email_unproven")
    assert (links(), User.objects.count()) == ([], 1)


def test_an_issuer_whose_word_counts_for_every_e_mail_is_a_setting(issuer: ScriptedIssuer, settings: Any) -> None:
    settings.OIDC_ISSUERS["test"]["trusts_emails"] = True
    UserFactory(email="ada@example.com")
    assert sign_in(issuer, email_verified=None).status_code == 200


def test_a_newcomer_with_an_unproven_e_mail_is_unverified(issuer: ScriptedIssuer) -> None:
    assert sign_in(issuer, email_verified=False).status_code == 200
    assert not User.objects.get().email_verified


def test_without_an_e_mail_there_is_no_account(issuer: ScriptedIssuer) -> None:
    assert sign_in(issuer, email=None).data["code"] == "identity_not_valid"
    assert not User.objects.exists()


def test_the_subject_counts_and_not_the_e_mail_of_today(issuer: ScriptedIssuer) -> None:
    other = UserFactory(email="eve@example.com")
    sign_in(issuer)
    person = User.objects.exclude(pk=other.pk).get()
    answer = sign_in(issuer, email="eve@example.com")
    who = APIClient(HTTP_AUTHORIZATION=f"Bearer {answer.data['access']}").get("/api/v1/me").data
    assert who["id"] == person.pk


def test_two_accounts_of_one_issuer_do_not_open_one_person(issuer: ScriptedIssuer) -> None:
    UserFactory(email="ada@example.com")
    assert sign_in(issuer).status_code == 200
    assert sign_in(issuer, sub="s-2").data["code"] == "identity_taken"
    assert len(links()) == 1


def test_a_deactivated_person_stays_out(issuer: ScriptedIssuer) -> None:
    sign_in(issuer)
    User.objects.update(is_active=False)
    assert sign_in(issuer, jti="2").data["code"] == "identity_not_valid"


def test_who_is_logged_in_links_and_unlinks(issuer: ScriptedIssuer) -> None:
    person = UserFactory(email="other@example.com", unverified=True)
    client = client_for(person)
    assert link(issuer, client).status_code == 204
    assert [row["issuer"] for row in client.get(MINE).data["results"]] == ["test"]
    assert sign_in(issuer, jti="2").status_code == 200
    assert client.delete(f"{MINE}/test").status_code == 204
    assert links() == []
    assert client.delete(f"{MINE}/test").status_code == 404


def test_what_is_linked_to_another_stays_theirs(issuer: ScriptedIssuer) -> None:
    sign_in(issuer)
    before = links()
    assert link(issuer, client_for(UserFactory()), jti="2").data["code"] == "identity_taken"
    assert links() == before


def test_the_last_way_in_stays(issuer: ScriptedIssuer) -> None:
    access = sign_in(issuer).data["access"]
    answer = APIClient(HTTP_AUTHORIZATION=f"Bearer {access}").delete(f"{MINE}/test")
    assert (answer.status_code, answer.data["code"]) == (409, "not_allowed_now")
    assert len(links()) == 1
