"""What holds across all apps and is nobody's in particular."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from audit.doctor import examine, invariants


def test_the_openapi_document_is_valid_and_without_warnings() -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=StringIO())


@pytest.mark.parametrize(
    ("asked", "content_type"),
    [
        ("/api/v1/schema/", "application/json"),
        ("/api/v1/schema?format=yaml", "application/yaml; charset=utf-8"),
        ("/api/v1/docs/", "text/html; charset=utf-8"),
    ],
)
@pytest.mark.django_db
def test_the_document_and_its_page_are_served(client: Client, asked: str, content_type: str) -> None:
    answer = client.get(asked)
    assert (answer.status_code, answer["Content-Type"]) == (200, content_type)


@pytest.mark.django_db
def test_every_rule_of_the_doctor_runs_and_an_empty_shop_keeps_them() -> None:
    assert len(invariants()) > 30
    assert examine() == []
