import re
from typing import Any

import pytest
import yaml
from django.test import Client

from api.document import document

SCHEMA, DOCS = "/api/v1/schema", "/api/v1/docs"
METHODS = {"get", "post", "put", "patch", "delete"}


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]


@pytest.mark.parametrize("url", [SCHEMA, f"{SCHEMA}/", f"{SCHEMA}?format=json"])
def test_the_document_is_json(client: Client, url: str) -> None:
    response = client.get(url)
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    assert response.json()["openapi"].startswith("3.")


@pytest.mark.parametrize(
    ("url", "accept"),
    [(f"{SCHEMA}?format=yaml", "*/*"), (SCHEMA, "application/yaml"), (SCHEMA, "application/vnd.oai.openapi")],
)
def test_the_document_is_yaml_when_asked(client: Client, url: str, accept: str) -> None:
    response = client.get(url, HTTP_ACCEPT=accept)
    assert response.status_code == 200
    assert yaml.safe_load(response.content)["info"]["title"] == "Waybill"


def test_another_format_is_a_400(client: Client) -> None:
    response = client.get(f"{SCHEMA}?format=xml")
    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")


def test_credentials_that_have_expired_do_not_matter(client: Client) -> None:
    for url in (SCHEMA, DOCS):
        assert client.get(url, HTTP_AUTHORIZATION="Bearer stale").status_code == 200


@pytest.mark.parametrize("url", [DOCS, f"{DOCS}/"])
def test_the_page_shows_it_from_files_of_our_own(client: Client, url: str) -> None:
    page = client.get(url, HTTP_ACCEPT="text/html").content.decode()
    assert 'url: "/api/v1/schema"' in page
    assert not re.findall(r"(?:src|href)=\"(https?:)?//", page)


def test_every_write_by_post_takes_an_idempotency_key() -> None:
    for path, method, operation in operations():
        headers = [p["name"] for p in operation.get("parameters", []) if p["in"] == "header"]
        assert ("Idempotency-Key" in headers) == (method == "post"), (method, path)


def test_every_refusal_is_a_problem_document() -> None:
    for path, method, operation in operations():
        for status, response in operation["responses"].items():
            if status >= "400":
                assert list(response["content"]) == ["application/problem+json"], (method, path, status)


def test_every_operation_says_what_it_can_refuse() -> None:
    for path, method, operation in operations():
        codes = set(operation["responses"])
        assert {"400", "406", "503"} <= codes, (method, path)
        assert ("404" in codes) or "{" not in path, (method, path)
        assert ("422" in codes) == (method == "post"), (method, path)
        assert ("401" in codes) or operation["security"] == [{}], (method, path)


def test_the_shape_of_a_refusal_is_that_of_a_real_one(client: Client) -> None:
    real = client.get("/api/v1/nowhere").json()
    problem = document()["components"]["schemas"]["Problem"]
    assert set(real) == set(problem["required"])
