"""A body may say more than it is asked: whatever it says of fields that are not inputs has no effect at all."""

import copy
import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import models
from rest_framework.test import APIClient

from tests.doors.calls import GUEST, OWNER, Call, calls, values_for
from tests.doors.document import WRITES, Operation, operation, operations, resolved, send
from tests.doors.rows import OURS, Dump, Rows, dump, tried
from tests.doors.shop import Party, Shop

pytestmark = pytest.mark.django_db
ROUNDS = 3
# How many operations with a body were really answered with 2xx: a body that no longer works would prove nothing.
LEAST = 70
HOSTILE = "hostile-value"
NOT_FIELDS = ("is_staff", "is_superuser", "scopes", "permissions", "powers", "groups", "token", "by", "actor", "owner")
ANOTHERS = 987654
Extras = dict[str, Any]
Act = Callable[[Any], Any]


@cache
def _fields() -> dict[str, list["models.Field[Any, Any]"]]:
    found: dict[str, list[models.Field[Any, Any]]] = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label in OURS:
            for field in model._meta.concrete_fields:
                for name in {field.name, field.attname}:
                    found.setdefault(name, []).append(field)
    return found


def values_of(field: "models.Field[Any, Any]") -> list[Any]:
    """What somebody would like this column to be."""
    if isinstance(field, models.ForeignKey):
        row = field.related_model._base_manager.order_by("pk").first()
        return [ANOTHERS if row is None else str(row.pk) if isinstance(row.pk, UUID) else row.pk]
    if field.choices:
        return [choice for choice, _ in field.flatchoices][::-1][:ROUNDS]
    kinds: dict[type, list[Any]] = {
        models.BooleanField: [True, False],
        models.DecimalField: ["0.01", "987654.00"],
        models.DateTimeField: ["2001-01-01T00:00:00Z"],
        models.DateField: ["2001-01-01"],
        models.IntegerField: [0, ANOTHERS],
        models.UUIDField: ["11111111-1111-4111-8111-111111111111"],
        models.JSONField: [{HOSTILE: HOSTILE}],
    }
    return next((values for kind, values in kinds.items() if isinstance(field, kind)), [HOSTILE])


def extras(number: int) -> Extras:
    """Every field name of every model with one of the values it could be given."""
    hostile: Extras = dict.fromkeys(NOT_FIELDS, [True, "admin", ["*"]][number])
    for name, fields in _fields().items():
        values = list({json.dumps(value): value for field in fields for value in values_of(field)}.values())
        hostile[name] = values[number % len(values)]
    return hostile


def places(body: Any, schema: dict[str, Any], way: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], set[str]]]:
    """Where the body has objects of known fields, and which fields are inputs there."""
    inputs = resolved(schema)
    if not isinstance(body, dict) or (way and not inputs):
        return
    yield way, set(inputs) | set(body)
    for name, value in body.items():
        inner = inputs.get(name, {})
        if isinstance(value, list) and value:
            yield from places(value[0], inner.get("items", {}), (*way, name, 0))
        else:
            yield from places(value, inner, (*way, name))


def with_extras(body: Any, way: tuple[Any, ...], more: Extras) -> Any:
    changed = copy.deepcopy(body)
    place = changed
    for step in way:
        place = place[step]
    place.update(more)
    return changed


def varying(first: Rows, second: Rows) -> set[tuple[str, str, str]]:
    """Columns that differ between two runs of one call: random ones."""
    assert first.keys() == second.keys()
    return {(*key, name) for key, row in first.items() for name, value in row.items() if value != second[key].get(name)}


def effects(found: Rows, expected: Rows, random: set[tuple[str, str, str]], more: Extras) -> list[str]:
    """What was written otherwise than without the extra fields."""
    if found.keys() != expected.keys():
        return [f"other rows: {sorted(found.keys() ^ expected.keys())}"]
    told = {json.dumps(value) for value in more.values() if isinstance(value, str) and len(value) > 3}
    return [
        f"{key} {name}: {value!r}"
        for key, row in found.items()
        for name, value in row.items()
        if (value != expected[key].get(name) and (*key, name) not in random)
        or ((*key, name) in random and json.dumps(value) in told)
    ]


def pushed(act: Act, before: Dump, body: Any, way: tuple[Any, ...], more: Extras, check: Any) -> list[str]:
    """What the fields did. Refused together, they are tried in halves, so that none hides behind another."""
    answer, rows = tried(lambda: act(with_extras(body, way, more)), before)
    if answer.status_code >= 500:
        return [f"{answer.status_code} for {sorted(more)}"]
    if answer.status_code < 300:
        return [f"{way}: {effect}" for effect in check(rows, more)]
    if len(more) == 1 or _all_unknown(answer, more):
        return ["a refusal wrote something"] if rows else []
    names = sorted(more)
    halves = names[: len(names) // 2], names[len(names) // 2 :]
    return [
        effect
        for half in halves
        for effect in pushed(act, before, body, way, {name: more[name] for name in half}, check)
    ]


def _all_unknown(answer: Any, more: Extras) -> bool:
    unknown = {error["field"].rpartition(".")[2] for error in answer.json()["errors"] if error["code"] == "unknown"}
    return more.keys() <= unknown


def client_of(call: Call, owner: Party, shop: Shop) -> APIClient:
    if call.by == GUEST:
        return APIClient()
    return owner.client if call.by == OWNER else shop.staff[call.by]


def caller_of(asked: Operation, call: Call, owner: Party, shop: Shop) -> Act:
    """The call with any body."""
    client, values = client_of(call, owner, shop), values_for(asked, owner, shop) | call.values
    headers = (owner.headers(values.get("number", "")) if call.by == OWNER else {}) | call.headers
    return lambda body: send(client, asked, values, body, headers)


def attempted(asked: Operation, call: Call, party: tuple[Party, Shop], hostile: list[Extras]) -> tuple[int, list[str]]:
    """The status without extra fields, and what any of them did."""
    act, before = caller_of(asked, call, *party), dump()
    body = {} if call.body is None else call.body
    answer, expected = tried(lambda: act(body), before)
    if answer.status_code >= 300:
        return answer.status_code, []
    _, again = tried(lambda: act(body), before)
    random, wrong = varying(expected, again), []
    for way, inputs in places(body, asked.schema):
        for values in hostile:
            more = {name: value for name, value in values.items() if name not in inputs}
            wrong += pushed(act, before, body, way, more, lambda rows, m: effects(rows, expected, random, m))
    return answer.status_code, [f"{asked}: {effect}" for effect in wrong]


def writes() -> list[Operation]:
    return [each for each in operations() if each.method in WRITES]


@pytest.mark.parametrize(("name", "least"), [("ada", LEAST), ("alpha", 9), ("gus", 9)])
def test_fields_that_are_no_inputs_have_no_effect(shop: Shop, name: str, least: int) -> None:
    owner, wrong, worked, failed = shop.parties[name], [], set(), {}
    ready, hostile = calls(owner, shop), [extras(number) for number in range(ROUNDS)]
    only_owners = {each for each, call in ready.items() if call.by == OWNER}
    for asked in writes():
        if name != "ada" and asked.name not in only_owners:
            continue  # what is not of the owner is the same for each of them
        call = ready.get(asked.name, Call(asked.example))
        status, found = attempted(asked, call, (owner, shop), hostile)
        wrong += found
        if status < 300:
            worked.add(str(asked))
        else:
            failed[str(asked)] = status
    assert wrong == []
    assert len(worked) >= least, failed


def test_every_field_of_every_table_is_tried() -> None:
    names = extras(0).keys()
    assert len(names) > 250
    assert {"id", "status", "total", "price", "role", "user", "user_id", "partner", "version", "created_at"} <= names
    assert {"number", "is_staff", "email", "captured", "on_hand", "variant_of", "scopes", "order_id"} <= names


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("carts_open", "email", "hostile@example.com"),
        ("warehouses_create", "priority", ANOTHERS // 100),
        ("partners_tokens_create", "expires_at", "2099-01-01T00:00:00Z"),
    ],
)
def test_a_field_that_is_an_input_shows(shop: Shop, name: str, field: str, value: Any) -> None:
    """The control: what has an effect is seen."""
    owner, asked = shop.parties["ada"], operation(name)
    call = calls(owner, shop)[name]
    act, before = caller_of(asked, call, owner, shop), dump()
    _, expected = tried(lambda: act(call.body), before)
    _, again = tried(lambda: act(call.body), before)
    random = varying(expected, again)
    answer, rows = tried(lambda: act(with_extras(call.body, (), {field: value})), before)
    assert answer.status_code == 201
    assert effects(again, expected, random, {}) == []
    assert any(f" {field}: " in effect for effect in effects(rows, expected, random, {}))
