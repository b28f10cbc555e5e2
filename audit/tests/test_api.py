"""The audit API. Partners stand for every tracked model."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from rest_framework.test import APIClient

from api.actors import Actor, request_id
from audit.kinds import kinds
from audit.verbs import act_as

pytestmark = pytest.mark.django_db
AUDIT = "/api/v1/audit"
Partner: Any = apps.get_model("accounts", "Partner")
User: Any = get_user_model()


@pytest.fixture
def admin() -> Any:
    return User.objects.create(email="admin@example.com", role="admin")


@pytest.fixture
def client(admin: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(admin)
    return client


def change(by: Actor, request: str = "", **fields: Any) -> Any:
    """Make or change the partner of this name as this actor, as a transaction of its own would."""
    token = request_id.set(request)
    try:
        with transaction.atomic():
            act_as(by)
            name = fields.pop("name")
            return Partner.objects.update_or_create(name=name, defaults=fields)[0]
    finally:
        request_id.reset(token)


def ask(client: APIClient, **asked: Any) -> list[dict[str, Any]]:
    response = client.get(AUDIT, asked)
    assert response.status_code == 200, response.json()
    results: list[dict[str, Any]] = response.json()["results"]
    return results


def refused(client: APIClient, url: str = AUDIT, **asked: Any) -> tuple[int, str]:
    response = client.get(url, asked)
    return response.status_code, ",".join(error["field"] for error in response.json()["errors"])


def pages(client: APIClient, url: str | None, link: str = "next") -> Iterator[list[Any]]:
    while url:
        page = client.get(url).json()
        yield [(row["object_type"], row["object_id"], row["action"]) for row in page["results"]]
        url = page[link]


def test_a_change_says_who_did_what_when_and_in_which_request(client: APIClient, admin: Any) -> None:
    before = timezone.now()
    partner = change(Actor.user(admin.pk), "req-1", name="Acme", active=True)
    change(Actor.user(admin.pk), "req-2", name="Acme", active=False)
    newest, _ = ask(client, object_type="partner", object_id=partner.pk)
    assert before.isoformat()[:13] == newest.pop("at")[:13]
    assert newest == {
        "actor": f"user:{admin.pk}",
        "actor_name": "admin@example.com",
        "request_id": "req-2",
        "object_type": "partner",
        "object_id": str(partner.pk),
        "action": "changed",
        "changes": [{"field": "active", "old": True, "new": False}],
    }


def test_a_new_object_shows_its_values_and_a_deleted_one_what_it_had(client: APIClient) -> None:
    partner = change(Actor.system("test"), name="Acme")
    pk = partner.pk
    # PostgreSQL writes a fraction of a second without the zeros at its end.
    made = f"{partner.created_at:%Y-%m-%dT%H:%M:%S.%f}".rstrip("0").rstrip(".") + "Z"
    partner.delete()
    gone, new = ask(client, object_type="partner", object_id=pk)
    assert (new["action"], gone["action"]) == ("created", "deleted")
    assert new["changes"] == [
        {"field": "name", "old": None, "new": "Acme"},
        {"field": "active", "old": None, "new": True},
        {"field": "created_at", "old": None, "new": made},
    ]
    assert gone["changes"] == [{"field": c["field"], "old": c["new"], "new": None} for c in new["changes"]]


def test_each_change_is_compared_with_the_one_before_it_of_its_own_object(client: APIClient) -> None:
    for name in ("a", "b"):
        change(Actor.system("test"), name=name, active=True)
    change(Actor.system("test"), name="a", active=False)
    change(Actor.system("test"), name="b", closed_at=None)
    change(Actor.system("test"), name="a", active=True)
    found = [row["changes"] for row in ask(client, object_type="partner") if row["action"] == "changed"]
    assert found == [
        [{"field": "active", "old": False, "new": True}],
        [{"field": "active", "old": True, "new": False}],
    ]


def test_all_kinds_come_in_one_order_newest_first(client: APIClient) -> None:
    began = timezone.now().isoformat()
    change(Actor.system("test"), name="Acme")
    User.objects.create(email="b@example.com")
    change(Actor.system("test"), name="Acme", active=False)
    found = ask(client, **{"from": began})
    assert [row["object_type"] for row in found] == ["partner", "user", "partner"]
    assert [row["at"] for row in found] == sorted((row["at"] for row in found), reverse=True)


@pytest.mark.parametrize("name", ["partner", "Partner", "accounts.partner", "accounts.Partner"])
def test_a_type_may_be_written_in_any_usual_form(client: APIClient, name: str) -> None:
    change(Actor.system("test"), name="Acme")
    assert [row["object_type"] for row in ask(client, object_type=name)] == ["partner"]


@pytest.mark.parametrize("asked", ["{pk}", "user:{pk}", "admin@example.com", "ADMIN@example.com"])
def test_who_did_it_can_be_asked_for_by_id_or_email(client: APIClient, admin: Any, asked: str) -> None:
    change(Actor.user(admin.pk), name="mine")
    change(Actor.partner(admin.pk), name="theirs")
    found = ask(client, user=asked.format(pk=admin.pk))
    assert [row["changes"][0]["new"] for row in found] == ["mine"]


def test_partners_and_the_system_can_be_asked_for_too(client: APIClient) -> None:
    acme = change(Actor.system("robot"), name="Acme")
    change(Actor.partner(acme.pk), name="other")
    assert [row["actor_name"] for row in ask(client, user="Acme")] == ["Acme"]
    assert [row["actor_name"] for row in ask(client, user="system:robot")] == [None]
    assert ask(client, user="nobody@example.com") == []
    assert ask(client, user="user:999999999999999999999") == []


def test_a_window_of_time_begins_with_from_and_ends_before_to(client: APIClient) -> None:
    for name in "abc":
        change(Actor.system("test"), name=name)
    instants = [row["at"] for row in ask(client, object_type="partner")]
    window = ask(client, object_type="partner", **{"from": instants[1], "to": instants[0]})
    assert [row["at"] for row in window] == [instants[1]]


def test_a_date_is_a_whole_day(client: APIClient) -> None:
    change(Actor.system("test"), name="Acme")
    today, day = timezone.now().date(), timedelta(days=1)
    assert len(ask(client, object_type="partner", **{"from": today, "to": today})) == 1
    assert ask(client, object_type="partner", to=today - day) == []
    assert ask(client, object_type="partner", **{"from": today + day}) == []


def test_a_field_finds_only_what_changed_it(client: APIClient) -> None:
    change(Actor.system("test"), name="Acme", active=True)
    change(Actor.system("test"), name="Acme", active=False)
    change(Actor.system("test"), name="Acme", closed_at=timezone.now())
    found = ask(client, field="closed_at")
    assert [(row["action"], [c["field"] for c in row["changes"]]) for row in found] == [("changed", ["closed_at"])]
    assert len(ask(client, field="active", object_type="partner")) == 2


def test_pages_walk_over_all_kinds_and_back(client: APIClient) -> None:
    began = timezone.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    for number in range(5):
        change(Actor.system("test"), name=f"p{number}")
        User.objects.create(email=f"u{number}@example.com")
    whole = [(row["object_type"], row["object_id"], row["action"]) for row in ask(client, **{"from": began})]
    assert len(whole) == 10
    forward = list(pages(client, f"{AUDIT}?page_size=3&from={began}"))
    assert ([row for page in forward for row in page], [len(page) for page in forward]) == (whole, [3, 3, 3, 1])
    last = client.get(client.get(f"{AUDIT}?page_size=8&from={began}").json()["next"]).json()
    assert last["next"] is None
    back = client.get(last["previous"]).json()
    assert ([row["object_id"] for row in back["results"]], back["previous"]) == ([row[1] for row in whole[:8]], None)


def test_rows_of_one_instant_are_walked_through_once_each(client: APIClient) -> None:
    from_sql = "UPDATE {} SET history_date = '2026-01-01Z'"
    for number in range(4):
        change(Actor.system("test"), name=f"p{number}")
        User.objects.create(email=f"u{number}@example.com")
    erase(from_sql.format("accounts_historicaluser"), from_sql.format("accounts_historicalpartner"))
    day = f"{AUDIT}?from=2026-01-01&to=2026-01-01"
    found = [row for page in pages(client, f"{day}&page_size=2") for row in page]
    assert (len(found), len(set(found))) == (9, 9)
    last = client.get(client.get(f"{day}&page_size=8").json()["next"]).json()
    assert len([row for page in pages(client, last["previous"], "previous") for row in page]) == 8


def erase(*statements: str) -> None:
    with transaction.atomic(), transaction.get_connection().cursor() as cursor:
        cursor.execute("SET LOCAL waybill.erasing = 'on'")
        for statement in statements:
            cursor.execute(statement)


def test_rows_that_come_meanwhile_shift_nothing(client: APIClient) -> None:
    for number in range(4):
        change(Actor.system("test"), name=f"p{number}")
    first = client.get(AUDIT, {"object_type": "partner", "page_size": 2}).json()
    change(Actor.system("test"), name="late")
    second = client.get(first["next"]).json()
    assert [row["changes"][0]["new"] for row in second["results"]] == ["p1", "p0"]


def test_a_page_costs_four_statements_however_many_tables(client: APIClient, django_assert_num_queries: Any) -> None:
    acme = change(Actor.system("test"), name="Acme")
    for number in range(30):
        change(Actor.partner(acme.pk), name=f"p{number}")
        change(Actor.user(1), name=f"q{number}")
    assert len(kinds()) > 3
    with django_assert_num_queries(4):  # where the rows are, the rows, the names of people, those of partners
        assert len(ask(client, page_size=50)) == 50


def test_an_empty_history_is_an_empty_page(client: APIClient) -> None:
    assert client.get(AUDIT, {"object_type": "partner"}).json() == {"results": [], "next": None, "previous": None}


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"object_type": "password"}, "object_type"),
        ({"object_id": "7"}, "object_type"),
        ({"field": "password"}, "field"),
        ({"object_type": "partner", "field": "email"}, "field"),
        ({"from": "yesterday"}, "from"),
        ({"from": "2026-13-01"}, "from"),
        ({"to": "2026-02-30T00:00:00Z"}, "to"),
        ({"to": "9999-12-31"}, "to"),
        ({"page_size": "0"}, "page_size"),
        ({"cursor": "abc"}, "cursor"),
        ({"who": "me"}, "who"),
        ({"user": "a\x00"}, "user"),
    ],
)
def test_what_cannot_be_asked_is_a_400_that_names_it(client: APIClient, asked: dict[str, str], field: str) -> None:
    assert refused(client, **asked) == (400, field)


@pytest.mark.parametrize("object_id", ["0", "-1", "abc", "9" * 30, "1.5", "é"])
def test_an_object_that_never_was_has_no_history(client: APIClient, object_id: str) -> None:
    change(Actor.system("test"), name="Acme")
    assert ask(client, object_type="partner", object_id=object_id) == []


@pytest.mark.parametrize("role", ["customer_service", "warehouse", "customer"])
def test_only_admins_may_look(role: str) -> None:
    client = APIClient()
    client.force_authenticate(User.objects.create(email="a@example.com", role=role))
    assert client.get(AUDIT).status_code == 403
    assert client.get(f"{AUDIT}/orders/W1/as-of", {"at": "2026-01-01"}).status_code == 403


def test_strangers_may_not_look() -> None:
    assert APIClient().get(AUDIT).status_code == 401


def test_the_past_needs_an_instant_and_a_known_document(client: APIClient) -> None:
    assert refused(client, f"{AUDIT}/orders/W1/as-of") == (400, "at")
    assert refused(client, f"{AUDIT}/orders/W1/as-of", at="then") == (400, "at")
    assert refused(client, f"{AUDIT}/orders/W1/as-of", at="2026-01-01", of="me") == (400, "of")
    assert refused(client, f"{AUDIT}/orders/nowhere/as-of", at="2026-01-01") == (404, "")
    assert refused(client, f"{AUDIT}/secrets/1/as-of", at="2026-01-01") == (404, "")
