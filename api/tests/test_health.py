from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from api import health

pytestmark = [pytest.mark.django_db, pytest.mark.urls("api.health")]
CHECKS = {
    "database": "api.health.check_database",
    "migrations": "api.health.check_migrations",
    "redis": "api.health.check_redis",
}


@pytest.fixture(autouse=True)
def asked_anew() -> Iterator[None]:
    health._migrated.clear()
    yield
    health._migrated.clear()


@pytest.fixture(autouse=True)
def checks(settings: Any) -> None:
    settings.HEALTH_CHECKS = dict(CHECKS)


def test_it_is_alive_even_when_everything_else_is_away(client: Client, settings: Any) -> None:
    settings.HEALTH_CHECKS = {"database": "api.health.nothing"}
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert response["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"


def test_ready_names_each_dependency(client: Client) -> None:
    response = client.get("/readyz")
    assert response.json() == {"status": "ok", "checks": dict.fromkeys(CHECKS, "ok")}
    assert response.status_code == 200


def test_not_ready_without_redis_and_says_no_more_than_its_name(client: Client, settings: Any) -> None:
    cache = settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": cache}
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (
        503,
        {"status": "away", "checks": {"database": "ok", "migrations": "ok", "redis": "away"}},
    )


def test_not_ready_while_migrations_wait(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'api'")
    assert client.get("/readyz").json()["checks"]["migrations"] == "away"


def test_the_schema_is_asked_for_until_it_is_there(client: Client, django_assert_num_queries: Any) -> None:
    client.get("/readyz")
    with django_assert_num_queries(1):
        assert client.get("/readyz").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_not_ready_without_its_database(client: Client, settings: Any) -> None:
    connection.close()
    live, connection.settings_dict["PORT"] = connection.settings_dict["PORT"], "1"
    try:
        response = client.get("/readyz")
    finally:
        connection.settings_dict["PORT"] = live
        connection.close()
    assert (response.status_code, response.json()["checks"]["database"]) == (503, "away")


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_they_are_read_only(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


def test_metrics_are_for_this_machine(client: Client) -> None:
    response = client.get("/metrics", REMOTE_ADDR="127.0.0.1")
    assert response.status_code == 200
    assert b"python_info" in response.content


@pytest.mark.parametrize(
    "asker",
    [
        {"REMOTE_ADDR": "10.0.0.5"},
        {"REMOTE_ADDR": ""},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "10.0.0.5"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": "for=10.0.0.5"},
        {"REMOTE_ADDR": "10.0.0.5", "HTTP_AUTHORIZATION": "Bearer "},
    ],
    ids=["other", "none", "proxied", "forwarded", "empty"],
)
def test_metrics_are_not_public(client: Client, asker: dict[str, str]) -> None:
    assert client.get("/metrics", **asker).status_code == 404


def test_metrics_are_for_who_has_the_token(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = "s3cret"
    asker = {"REMOTE_ADDR": "10.0.0.5"}
    assert client.get("/metrics", HTTP_AUTHORIZATION="Bearer s3cret", **asker).status_code == 200
    assert client.get("/metrics", HTTP_AUTHORIZATION="Bearer s3cre", **asker).status_code == 404
    assert client.get("/metrics", HTTP_AUTHORIZATION="Token s3cret", **asker).status_code == 404


@pytest.mark.urls("config.urls")
def test_metrics_count_requests_and_what_waits_in_the_log(client: Client) -> None:
    client.get("/api/v1/nowhere")
    said = client.get("/metrics").content.decode()
    assert 'django_http_requests_total_by_method_total{method="GET"}' in said
    for name in ("outbox_entries", "outbox_lag_seconds", "deliveries_pending", "deliveries_parked"):
        assert f"waybill_{name} 0.0" in said


def test_processes_that_share_a_folder_are_counted_together(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    said = client.get("/metrics").content.decode()
    assert "python_info" not in said
    assert "waybill_outbox_entries 0.0" in said
