import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import UserFactory, client_for
from notifications.models import Notification, NotificationTemplate
from notifications.services import send_due
from notifications.states import Kind
from notifications.tests.factories import queued
from orders.tests.factories import buyable, place
from orders.tests.http import delete, fields, get, patch, post, staff

pytestmark = pytest.mark.django_db
TEMPLATES = "notification-templates"
PLACED = f"{TEMPLATES}/order_placed"
GERMAN = {"kind": "order_placed", "language": "de", "subject": "Danke", "text": "Danke!", "html": "<p>Danke!</p>"}


def test_waybill_comes_with_one_template_a_kind() -> None:
    rows = get(staff("admin"), TEMPLATES).json()["results"]
    assert sorted(row["kind"] for row in rows) == sorted(Kind.values)
    assert {(row["language"], row["version"]) for row in rows} == {("en", 1)}


def test_a_template_names_its_variables() -> None:
    body = get(staff("admin"), f"{TEMPLATES}/verify_email").json()
    assert body["variables"] == ["link", "person.first_name", "shop.name", "shop.url"]
    placed = get(staff("admin"), PLACED).json()["variables"]
    assert {"order.number", "order.lines[]", "order.lines[].name", "order.address[]"} < set(placed)


def test_changing_the_words_makes_a_new_version_with_its_history() -> None:
    client = staff("admin")
    first = get(client, PLACED)
    changed = patch(client, PLACED, {"subject": "Thanks for {{ order.number }}"}, if_match=first.headers["ETag"])
    assert (changed.status_code, changed.json()["version"], changed.headers["ETag"]) == (200, 2, '"2"')
    row = NotificationTemplate.objects.get(kind="order_placed")
    assert row.subject == "Thanks for {{ order.number }}"
    assert [entry.actor.partition(":")[0] for entry in row.history.all()] == ["user", "system"]
    assert get(client, PLACED, if_none_match='"2"').status_code == 304


def test_an_overtaken_version_is_refused() -> None:
    response = patch(staff("admin"), PLACED, {"subject": "x"}, if_match='"7"')
    assert (response.status_code, response.json()["code"]) == (412, "stale_version")
    assert NotificationTemplate.objects.get(kind="order_placed").version == 1


@pytest.mark.parametrize(
    ("body", "named", "detail"),
    [
        ({"html": "{{ order.nmber }}"}, "html", "Line 1: there is no order.nmber here."),
        ({"text": "{% include 'x' %}"}, "text", "Line 1: there is no tag include here."),
        ({"subject": "{% if order.number %}"}, "subject", "Unclosed tag on line 1: 'if'."),
        ({"subject": ""}, "subject", "This field may not be blank."),
        ({"subject": "a\nb"}, "subject", "A subject is one line."),
        ({"html": 7}, "html", "Not a valid string."),
    ],
)
def test_what_would_go_wrong_is_refused_with_a_sentence(body, named, detail) -> None:
    for path, call in ((PLACED, patch), (f"{PLACED}/preview", post)):
        response = call(staff("admin"), path, body)
        assert (response.status_code, response.json()["code"], fields(response)) == (400, "invalid", [named])
        assert response.json()["errors"][0]["detail"].startswith(detail)
    assert NotificationTemplate.objects.get(kind="order_placed").version == 1


def test_another_language_is_added_once_and_removed() -> None:
    client = staff("admin")
    assert post(client, TEMPLATES, GERMAN).status_code == 201
    again = post(client, TEMPLATES, GERMAN)
    assert (again.status_code, again.json()["code"]) == (409, "template_taken")
    assert get(client, f"{PLACED}?language=de").json()["subject"] == "Danke"
    assert delete(client, f"{PLACED}?language=de").status_code == 204
    assert get(client, f"{PLACED}?language=de").status_code == 404
    assert get(client, PLACED).status_code == 200


@pytest.mark.parametrize(
    ("change", "named"),
    [({"kind": "spam"}, "kind"), ({"language": "klingon"}, "language"), ({"language": "x"}, "language")],
)
def test_an_unknown_kind_or_language_is_refused(change, named) -> None:
    response = post(staff("admin"), TEMPLATES, GERMAN | change)
    assert (response.status_code, fields(response)) == (400, [named])
    assert NotificationTemplate.objects.count() == len(Kind.values)


def test_a_preview_fills_in_an_example_and_saves_nothing() -> None:
    body = post(staff("admin"), f"{PLACED}/preview", {"subject": "For {{ order.first_name }}"}).json()
    assert body["subject"] == "For Ada"
    assert "Blue teapot" in body["text"]
    assert body["html"].startswith("<!doctype html>")
    assert NotificationTemplate.objects.get(kind="order_placed").version == 1


def test_a_test_mail_goes_to_whoever_asked(mailoutbox) -> None:
    person = UserFactory(admin=True)
    response = post(client_for(person), f"{TEMPLATES}/order_shipped/send-test")
    assert (response.status_code, response.json()["status"], response.json()["to"]) == (202, "queued", person.email)
    assert send_due() == 1
    assert (mailoutbox[0].to, mailoutbox[0].subject) == ([person.email], "Your order W0042 is on its way")
    assert Notification.objects.get().requested_by == f"user:{person.pk}"


def test_an_unknown_kind_is_not_found() -> None:
    client = staff("admin")
    assert get(client, f"{TEMPLATES}/spam").status_code == 404
    assert post(client, f"{TEMPLATES}/spam/preview", {}).status_code == 404
    assert post(client, f"{TEMPLATES}/spam/send-test").status_code == 404


def test_only_admins_see_any_of_it() -> None:
    for client, status in ((staff("customer_service"), 403), (client_for(UserFactory()), 403), (client_for(), 401)):
        assert get(client, TEMPLATES).status_code == status
        assert get(client, "notifications").status_code == status
        assert patch(client, PLACED, {"subject": "x"}).status_code == status
        assert post(client, f"{PLACED}/send-test").status_code == status
    assert not Notification.objects.exists()


def test_the_log_tells_what_was_sent_and_never_a_token() -> None:
    mail = queued()
    send_due()
    client = staff("admin")
    (row,) = get(client, f"notifications?order={mail.order.number}&status=sent&kind=order_placed").json()["results"]
    assert (row["order"], row["version"], row["to"], row["status"]) == (
        mail.order.number,
        1,
        "guest@example.com",
        "sent",
    )
    assert get(client, "notifications?status=failed").json()["results"] == []
    assert get(client, "notifications?colour=red").status_code == 400
    assert get(client, "notifications?status=lost").status_code == 400


def test_a_list_costs_the_same_however_long_it_is() -> None:
    buyable()
    client, counts = staff("admin"), []
    for _ in range(3):
        queued(place())
        with CaptureQueriesContext(connection) as queries:
            get(client, "notifications")
        counts.append(len(queries))
    assert counts == [4, 4, 4]  # two, and the savepoint around them
