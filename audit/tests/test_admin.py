"""The pages of the log and of the history. Partners stand for every tracked model."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db import transaction
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from api.actors import Actor
from audit.admin import BackOfficeAdmin
from audit.admin.rows import in_words, said_of
from audit.kinds import kinds
from audit.log import publish
from audit.models import Delivery
from audit.relay import fan_out
from audit.tests.shelves import ShelfEmptied, ShelfFilled
from audit.verbs import act_as

pytestmark = pytest.mark.django_db
Partner: Any = apps.get_model("accounts", "Partner")
User: Any = get_user_model()
HISTORY = "/admin/audit/changerecord/"
DELIVERIES = "/admin/audit/delivery/"
ENTRIES = "/admin/audit/logentry/"


@pytest.fixture
def person() -> Any:
    return User.objects.create(email="admin@example.com", role="admin")


@pytest.fixture
def office(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def text_of(response: Any) -> str:
    """What a person reads: no tags, one space between words."""
    assert response.status_code == 200
    body = response.content.decode().partition("<main")[2] or response.content.decode()
    return " ".join(re.sub(r"<(script|style)[^>]*>.*?</\1>|<[^>]+>", " ", body, flags=re.DOTALL).split())


def change(by: Actor, **fields: Any) -> Any:
    with transaction.atomic():
        act_as(by)
        return Partner.objects.update_or_create(name=fields.pop("name"), defaults=fields)[0]


def test_an_objects_history_says_who_changed_what_from_what_to_what(office: Client, person: Any) -> None:
    partner = change(Actor.system("demo.set_up"), name="Acme")
    change(Actor.user(person.pk), name="Acme", active=False)
    page = text_of(office.get(reverse("admin:accounts_partner_history", args=[partner.pk])))
    assert "admin@example.com Active yes → no" in page
    assert "System · set up created with 3 fields" in page
    assert "Revert" not in page


def test_a_name_leads_to_its_person_for_those_who_may_see_people(office: Client, person: Any) -> None:
    partner = change(Actor.user(person.pk), name="Acme")
    address = reverse("admin:accounts_partner_history", args=[partner.pk])
    assert reverse("admin:accounts_user_change", args=[person.pk]) in office.get(address).content.decode()


def test_what_is_gone_still_has_its_history(office: Client) -> None:
    partner = change(Actor.system("test"), name="Acme")
    address = reverse("admin:accounts_partner_history", args=[partner.pk])
    partner.delete()
    page = text_of(office.get(address))
    assert "deleted with 3 fields" in page
    assert "Back to" not in page


@pytest.mark.parametrize("object_id", ["0", "abc", "9" * 30])
def test_what_never_was_has_no_page(office: Client, object_id: str) -> None:
    assert office.get(f"/admin/accounts/partner/{object_id}/history/").status_code == 404


def test_a_version_is_shown_as_it_was_and_cannot_be_brought_back(office: Client) -> None:
    partner = change(Actor.system("test"), name="Acme")
    Partner.objects.filter(pk=partner.pk).update(name="Apex")
    first = Partner.history.filter(id=partner.pk).earliest()
    address = reverse("admin:accounts_partner_version", args=[partner.pk, first.history_id])
    assert "Name Acme Active yes" in text_of(office.get(address))
    office.post(address, {"name": "Acme", "_save": "1"})
    assert Partner.objects.get(pk=partner.pk).name == "Apex"


def test_a_version_of_another_object_is_not_shown(office: Client) -> None:
    acme, apex = (change(Actor.system("test"), name=name) for name in ("Acme", "Apex"))
    other = Partner.history.get(id=apex.pk).history_id
    assert office.get(reverse("admin:accounts_partner_version", args=[acme.pk, other])).status_code == 404


def test_edits_in_the_back_office_carry_the_persons_name(office: Client, person: Any) -> None:
    office.post(reverse("admin:accounts_partner_add"), {"name": "Acme", "active": "on"}, HTTP_X_REQUEST_ID="req-1")
    assert list(Partner.history.values_list("name", "actor", "request_id")) == [("Acme", f"user:{person.pk}", "req-1")]


def test_the_page_of_all_changes_finds_them_by_what_who_and_field(office: Client, person: Any) -> None:
    partner = change(Actor.user(person.pk), name="Acme")
    change(Actor.partner(partner.pk), name="Acme", active=False)
    assert "partner Acme" in text_of(office.get(HISTORY))
    found = text_of(office.get(HISTORY, {"object_type": "partner", "user": "Acme"}))
    assert "Acme partner Acme history Active yes → no" in found
    assert "created" not in found
    assert "Nothing was changed that fits" in text_of(office.get(HISTORY, {"user": "nobody@example.com"}))
    assert "Active yes → no" in text_of(office.get(HISTORY, {"field": "active", "object_type": "partner"}))


def test_the_page_of_all_changes_says_what_it_does_not_understand(office: Client) -> None:
    assert "field: Nothing has a field of this name." in text_of(office.get(HISTORY, {"field": "nothing"}))
    assert "from: A date" in text_of(office.get(HISTORY, {"from": "then"}))
    assert "cursor: This cursor" in text_of(office.get(HISTORY, {"cursor": "x"}))


def test_long_histories_come_in_pages(office: Client) -> None:
    partner = change(Actor.system("test"), name="Acme")
    for number in range(40):
        Partner.objects.filter(pk=partner.pk).update(name=f"n{number}")
    address = reverse("admin:accounts_partner_history", args=[partner.pk])
    first = office.get(address).content.decode()
    older = re.search(r'href="([^"]+)">Older', first)
    assert older is not None
    page = text_of(office.get(older[1].replace("&amp;", "&")))
    assert "created" in page
    assert "Newer" in page
    assert office.get(f"{address}?cursor=x").status_code == 302


def test_a_page_of_history_costs_few_statements(office: Client, django_assert_max_num_queries: Any) -> None:
    acme = change(Actor.system("test"), name="Acme")
    for number in range(30):
        change(Actor.partner(acme.pk), name=f"p{number}")
    office.get(HISTORY)
    with django_assert_max_num_queries(10):
        office.get(HISTORY)


@pytest.mark.parametrize("role", ["customer_service", "warehouse"])
@pytest.mark.parametrize("page", [HISTORY, DELIVERIES, ENTRIES])
def test_the_history_of_everything_is_for_admins(role: str, page: str) -> None:
    client = Client()
    client.force_login(User.objects.create(email="staff@example.com", role=role))
    assert client.get(page).status_code in {302, 403}


@pytest.fixture
def facts(subscribe: Callable[[str], None]) -> None:
    """Three facts: one done, one parked, one still waiting."""
    subscribe("subscriptions")
    publish(ShelfFilled(shelf_id=1), by=Actor.system("test"))
    publish(ShelfEmptied(shelf_id=2), by=Actor.system("test"))
    fan_out()
    Delivery.objects.filter(handler="audit.count_it").update(state="done", done_at=timezone.now(), attempts=1)
    Delivery.objects.filter(handler="audit.fail").update(state="parked", attempts=12, last_error="ValueError: broken")
    publish(ShelfFilled(shelf_id=3), by=Actor.system("test"))


@pytest.mark.usefixtures("facts")
def test_what_is_parked_comes_first_and_what_is_done_only_when_asked(office: Client) -> None:
    page = text_of(office.get(DELIVERIES))
    assert "audit.count_it" not in page
    assert page.index("Parked 12") < page.index("On its way 0")
    assert "ValueError: broken" in page
    assert "audit.count_it Done 1" in text_of(office.get(DELIVERIES, {"state": "done"}))
    assert "audit.count_it" in text_of(office.get(DELIVERIES, {"state": "all"}))


@pytest.mark.usefixtures("facts")
@pytest.mark.parametrize("asked", ["2", "ShelfEmptied", "audit.fail"])
def test_deliveries_are_found_by_their_fact_or_handler(office: Client, asked: str) -> None:
    page = text_of(office.get(DELIVERIES, {"q": asked}))
    assert "shelf 2" in page
    assert "shelf 1" not in page


@pytest.mark.usefixtures("facts")
def test_a_parked_delivery_is_replayed_by_its_button(office: Client) -> None:
    parked = Delivery.objects.get(state="parked")
    page = f"{DELIVERIES}{parked.pk}/change/"
    address = reverse("admin:audit_delivery_replay_one", args=[parked.pk])
    assert address in office.get(page).content.decode()
    assert "runs again" in text_of(office.get(address))
    parked.refresh_from_db()
    assert parked.state == "parked"
    assert office.post(address, {"_form_submitted": "true"})["HX-Redirect"] == page
    parked.refresh_from_db()
    assert (parked.state, parked.attempts) == ("pending", 0)


@pytest.mark.usefixtures("facts")
def test_parked_deliveries_are_replayed_together_and_others_left_alone(office: Client) -> None:
    ids = list(Delivery.objects.values_list("pk", flat=True))
    body = {"action": "replay_selected", "_selected_action": ids}
    page = text_of(office.post(f"{DELIVERIES}?state=all", body, follow=True))
    assert "1 handed out again." in page
    assert "audit.count_it for shelf 1: Only a parked delivery can be replayed." in page
    assert set(Delivery.objects.values_list("handler", "state")) == {
        ("audit.count_it", "done"),
        ("audit.note_who", "pending"),
        ("audit.fail", "pending"),
        ("audit.fail_in_the_database", "pending"),
    }


@pytest.mark.usefixtures("facts")
def test_facts_are_listed_with_who_and_shown_with_what_became_of_them(office: Client) -> None:
    assert "ShelfFilled shelf 1 1 System · test" in text_of(office.get(ENTRIES, {"q": "1"}))
    entry = Delivery.objects.get(state="parked").entry
    page = text_of(office.get(f"{ENTRIES}{entry.pk}/change/"))
    assert "shelf_id: 2" in page
    assert "audit.fail Parked 12" in page
    assert f"{ENTRIES}{entry.pk}/history/" not in office.get(f"{ENTRIES}{entry.pk}/change/").content.decode()


def test_facts_are_found_by_the_number_of_what_they_are_about(office: Client) -> None:
    user = User.objects.create(email="known@example.com")
    publish(ShelfFilled(shelf_id=9), by=Actor.user(user.pk))
    assert "known@example.com" in text_of(office.get(ENTRIES, {"q": "known@example.com"}))
    assert "0 log entries" in text_of(office.get(ENTRIES, {"q": "W0"}))


@pytest.mark.usefixtures("facts")
def test_facts_that_wait_for_the_relay_are_listed(office: Client) -> None:
    page = text_of(office.get("/admin/audit/outbox/"))
    assert "ShelfFilled · shelf 3" in page
    assert "shelf 1" not in page


@pytest.mark.usefixtures("facts")
@pytest.mark.parametrize("page", [DELIVERIES, ENTRIES, "/admin/audit/outbox/"])
def test_lists_of_the_log_cost_few_statements(office: Client, page: str, django_assert_max_num_queries: Any) -> None:
    for number in range(20):
        publish(ShelfFilled(shelf_id=number), by=Actor.user(number))
    office.get(page)
    with django_assert_max_num_queries(10):
        assert office.get(page).status_code == 200


@pytest.mark.parametrize("page", [DELIVERIES, ENTRIES, "/admin/audit/outbox/", HISTORY])
def test_nothing_of_the_log_can_be_added(office: Client, page: str) -> None:
    assert office.get(f"{page}add/").status_code == 403


@pytest.mark.parametrize("kind", kinds().values(), ids=lambda kind: kind.name)
def test_every_tracked_model_with_a_page_has_a_page_of_its_history(kind: Any, person: Any) -> None:
    page = admin.site._registry.get(kind.model)
    if page is None:
        assert kind.name in WITHOUT_PAGE
        return
    assert isinstance(page, BackOfficeAdmin)
    request = RequestFactory().get("/")
    request.user = person
    assert page.has_view_or_change_permission(request)
    assert page.kind == kind


# Looked at as parts of others.
WITHOUT_PAGE = {
    *("discount_redemption", "pick_task", "return_line", "return_term", "return_unit"),
    *("shipment_line", "shipping_band", "tax_document", "tax_rate", "transfer_line"),
}


def test_actors_and_values_are_said_in_words() -> None:
    field = kinds()["partner"].fields["active"]
    assert (in_words(field, True, ""), in_words(field, None, "")) == ("yes", "")
    assert in_words(field, {"a": [1, "b"], "c": {"d": 2}}, "") == "a: 1, b · c: d: 2"
    role = kinds()["user"].fields["role"]
    assert in_words(role, "customer_service", "") == "Customer Service"
    assert said_of("system:orders.expire_order", {}) == "System · expire order"
    assert said_of("guest:cart", {}) == "Guest cart"
    assert said_of("user:7", {"user:7": "a@example.com"}) == "a@example.com"
