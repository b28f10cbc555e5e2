"""The operations of the OpenAPI document, and calls of them."""

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db import transaction
from rest_framework.test import APIClient

from api.document import document

PREFIX = "/api/v1/"
PARAMETER = re.compile(r"{(\w+)}")
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
# What nothing has.
PLACEHOLDERS = {"integer": "999999999", "uuid": "00000000-0000-4000-8000-000000000000"}


@dataclass(frozen=True)
class Operation:
    """One operation as the document describes it."""

    method: str
    path: str
    name: str
    described: dict[str, Any] = field(repr=False)

    def __str__(self) -> str:
        return f"{self.method} {self.path.removeprefix(PREFIX)}"

    @property
    def parameters(self) -> list[str]:
        return PARAMETER.findall(self.path)

    @property
    def schema(self) -> dict[str, Any]:
        """The shape of its JSON body; empty where it takes none."""
        content = self.described.get("requestBody", {}).get("content", {})
        return dict(content.get("application/json", {}).get("schema", {}))

    @property
    def example(self) -> Any:
        """The first documented body, or an empty one."""
        content = self.described.get("requestBody", {}).get("content", {})
        examples = content.get("application/json", {}).get("examples", {})
        return next((each["value"] for each in examples.values()), {})

    def placeholders(self) -> dict[str, str]:
        """A value of the right type, of nothing there is, for each path parameter."""
        shapes = {each["name"]: each["schema"] for each in self.described.get("parameters", ()) if each["in"] == "path"}
        return {
            name: PLACEHOLDERS.get(shape.get("format") or shape.get("type"), "NO-SUCH-1")
            for name, shape in shapes.items()
        }

    def filled(self, values: Mapping[str, Any]) -> str:
        return PARAMETER.sub(lambda match: str(values[match[1]]), self.path)


@cache
def operations() -> list[Operation]:
    return [
        Operation(method.upper(), path, described["operationId"], described)
        for path, methods in document()["paths"].items()
        for method, described in methods.items()
    ]


@cache
def operation(name: str) -> Operation:
    return next(each for each in operations() if each.name == name)


def resolved(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The properties of a schema, of all its alternatives together."""
    if "$ref" in schema:
        return resolved(document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    properties = dict(schema.get("properties", {}))
    for kind in ("oneOf", "anyOf", "allOf"):
        for part in schema.get(kind, ()):
            properties |= resolved(part)
    return properties


def send(client: APIClient, asked: Operation, values: Mapping[str, Any], body: Any = None, headers: Any = None) -> Any:
    """Call an operation, with a new Idempotency-Key where it is a POST."""
    given = dict(headers or {})
    if asked.method == "POST":
        given.setdefault("Idempotency-Key", uuid.uuid4().hex)
    content: Any = b"" if asked.method == "GET" else json.dumps({} if body is None else body).encode()
    with transaction.atomic():
        return client.generic(asked.method, asked.filled(values), content, "application/json", headers=given)
