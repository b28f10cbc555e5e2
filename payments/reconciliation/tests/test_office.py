"""Runs and differences over HTTP and in the back office."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from orders.tests.http import get, post, staff
from payments.gateways.registry import gateway_of
from payments.models import Difference, ReconciliationRun
from payments.tests.stripe_shop import with_stripe

pytestmark = pytest.mark.django_db
RUNS = reverse("admin:payments_reconciliationrun_changelist")
RUN_NOW = reverse("admin:payments_reconciliationrun_run_now")
DIFFERENCES = reverse("admin:payments_difference_changelist")


@pytest.fixture(autouse=True)
def stripe(settings):
    """With keys, and nobody to talk to."""
    with_stripe(settings)
    yield
    gateway_of.cache_clear()


def desk(role: str = "customer_service") -> Client:
    client = Client()
    client.force_login(UserFactory(role=role))
    return client


def finished(**more: object) -> Difference:
    """An open difference of a run that has ended."""
    now = timezone.now()
    run = ReconciliationRun.objects.create(
        provider="stripe", window_from=now - timedelta(days=3), window_to=now, started_by="system:tests",
        finished_at=now, compared=2, open=1,
    )  # fmt: skip
    return Difference.objects.create(
        run=run, kind="missing_here", object_type="capture", reference="ch_1", theirs="29.00 EUR, succeeded",
        action="Look it up.", **more,
    )  # fmt: skip


def test_a_run_is_asked_for_and_looked_at() -> None:
    answer = post(staff("admin"), "reconciliation/runs", {"provider": "stripe"})
    assert answer.status_code == 202
    body = answer.json()
    assert (body["provider"], body["finished_at"], body["error"]) == ("stripe", None, "")
    assert get(staff("admin"), f"reconciliation/runs/{body['id']}").json()["differences"] == []
    again = post(staff("admin"), "reconciliation/runs", {"provider": "stripe"})
    assert (again.status_code, again.json()["code"]) == (409, "not_allowed_now")
    assert [run["id"] for run in get(staff("admin"), "reconciliation/runs").json()["results"]] == [body["id"]]


def test_a_run_shows_its_differences() -> None:
    difference = finished()
    (shown,) = get(staff("admin"), f"reconciliation/runs/{difference.run_id}").json()["differences"]
    assert (shown["kind"], shown["reference"], shown["state"]) == ("missing_here", "ch_1", "open")
    assert get(staff("admin"), "reconciliation/runs/99999").status_code == 404


def test_what_makes_no_sense_is_refused() -> None:
    for body in (
        {},
        {"provider": "paypal"},
        {"provider": "manual"},
        {"provider": "stripe", "since": "yesterday"},
        {"provider": "stripe", "since": "2030-01-02T00:00:00Z", "until": "2030-01-01T00:00:00Z"},
        {"provider": "stripe", "since": "2020-01-01T00:00:00Z"},
        {"provider": "stripe", "until": "0001-01-01T00:00:00Z"},
    ):
        assert post(staff("admin"), "reconciliation/runs", body).status_code == 400, body
    assert not ReconciliationRun.objects.exists()


def test_only_admins_ask_for_runs() -> None:
    finished()
    for role in ("customer_service", "warehouse"):
        assert get(staff(role), "reconciliation/runs").status_code == 403
        assert post(staff(role), "reconciliation/runs", {"provider": "stripe"}).status_code == 403
        assert desk(role).post(RUN_NOW, {"_form_submitted": "true", "provider": "stripe", "days": 3}).status_code == 403
    assert ReconciliationRun.objects.count() == 1


def test_the_button_asks_for_a_run() -> None:
    client = desk("admin")
    assert RUN_NOW in client.get(RUNS).content.decode()
    assert "Stripe" in client.get(RUN_NOW).content.decode()
    answer = client.post(RUN_NOW, {"_form_submitted": "true", "provider": "stripe", "days": 31})
    assert answer["HX-Redirect"] == RUNS
    run = ReconciliationRun.objects.get()
    assert run.started_by.startswith("user:")
    assert "Running" in client.get(RUNS).content.decode()


def test_differences_are_a_queue_with_what_to_do() -> None:
    difference = finished()
    client = desk()
    page = client.get(DIFFERENCES).content.decode()
    assert "ch_1" in page
    assert "Look it up." in page
    assert "Differs" in client.get(RUNS).content.decode()
    run_page = client.get(reverse("admin:payments_reconciliationrun_change", args=(difference.run_id,)))
    assert "29.00 EUR, succeeded" in run_page.content.decode()
    assert client.get("/admin/").context["counts"].of["differences"] == 1


def test_a_difference_is_resolved_with_a_word_about_it() -> None:
    difference, client = finished(), desk()
    button = reverse("admin:payments_difference_resolve", args=(difference.pk,))
    assert button in client.get(DIFFERENCES).content.decode()
    client.post(button, {"_form_submitted": "true", "resolution": "The other shop's."})
    difference.refresh_from_db()
    assert (difference.state, difference.resolution) == ("resolved", "The other shop's.")
    assert difference.resolved_by.startswith("user:")
    assert "ch_1" not in client.get(DIFFERENCES).content.decode()
    assert "ch_1" in client.get(f"{DIFFERENCES}?state=resolved").content.decode()
    assert client.post(button, {"_form_submitted": "true", "resolution": "Again."}).status_code == 403


def test_whom_money_does_not_concern_sees_none() -> None:
    finished()
    client = desk("warehouse")
    for address in (RUNS, DIFFERENCES):
        assert client.get(address).status_code == 403
