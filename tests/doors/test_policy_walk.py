"""Every operation of the OpenAPI document with every kind of caller, held to the table of `accounts.policy`."""

from collections.abc import Mapping
from io import StringIO

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from accounts import policy, roles
from accounts.tests.factories import UserFactory, partner_client
from bin.local.home import ROOT
from tests.doors.document import Operation, operations, send
from tests.doors.rows import changed, dump, undone
from tests.doors.shop import lasting_client

Table = Mapping[tuple[str, str], Mapping[str, policy.Outcome]]

PLACEHOLDER_TOKENS = dict.fromkeys(policy.TOKEN_HEADERS, "of-nothing-there-is")
GUESTS = {policy.GUEST, policy.HOLDER}
PEOPLE = (roles.CUSTOMER, roles.CUSTOMER_SERVICE, roles.WAREHOUSE, roles.ADMIN)
# Of the document and the page that shows it, which the document itself leaves out.
UNDESCRIBED = {("GET", "/api/v1/docs"), ("GET", "/api/v1/schema")}


def everybody() -> dict[str, APIClient]:
    """A client for each caller of the table; each partner is one of its own."""
    clients = {role: lasting_client(UserFactory.create(role=role)) for role in PEOPLE}
    clients |= {policy.with_scope(scope): partner_client(scopes=[scope]) for scope in roles.PARTNER_SCOPES}
    return {policy.GUEST: APIClient(), policy.HOLDER: APIClient(), **clients}


def ask(client: APIClient, operation: Operation, name: str) -> int:
    headers = PLACEHOLDER_TOKENS if name == policy.HOLDER else {}
    answer = send(client, operation, operation.placeholders(), operation.example, headers)
    return int(answer.status_code)


def refused_wrongly(operation: Operation, outcomes: Mapping[str, str], clients: Mapping[str, APIClient]) -> list[str]:
    """Callers that the table lets in and the API does not, and whoever gets an error of ours."""
    wrong = []
    for name, client in clients.items():
        if outcomes[name] != "no":
            with undone():
                status = ask(client, operation, name)
            # Who logs in with what nobody has is told so with 401.
            if status >= 500 or (status in {401, 403} and operation.described.get("security") != [{}]):
                wrong.append(f"{operation}: {name} may, and got {status}")
    return wrong


def let_in_wrongly(operation: Operation, outcomes: Mapping[str, str], clients: Mapping[str, APIClient]) -> list[str]:
    """Callers that the table keeps out and the API does not, or that leave something behind."""
    before, wrong = dump(), []
    for name, client in clients.items():
        if outcomes[name] == "no" and (status := ask(client, operation, name)) not in refusals(name):
            wrong.append(f"{operation}: {name} may not, and got {status}")
    if changed(before, dump()):
        wrong.append(f"{operation}: a refusal wrote something")
    return wrong


def refusals(name: str) -> set[int]:
    return {401} if name in GUESTS else {403, 404}


def walk(table: Table, clients: Mapping[str, APIClient]) -> list[str]:
    """What differs between the table and the API."""
    wrong = []
    for operation in operations():
        outcomes = table[(operation.method, operation.path)]
        wrong += let_in_wrongly(operation, outcomes, clients) + refused_wrongly(operation, outcomes, clients)
    return wrong


def test_the_table_has_every_route_of_the_document_and_each_caller() -> None:
    table = policy.table()
    assert table.keys() - UNDESCRIBED == {(each.method, each.path) for each in operations()}
    assert len(table) > 120
    assert {frozenset(outcomes) for outcomes in table.values()} == {frozenset(each.name for each in policy.callers())}


@pytest.mark.django_db
def test_every_door_opens_to_whom_the_table_says_and_to_nobody_else() -> None:
    assert walk(policy.table(), everybody()) == []


@pytest.mark.django_db
def test_the_walk_notices_a_wrong_entry() -> None:
    """The negative control, both ways."""
    clients, (reads,) = everybody(), [each for each in operations() if str(each) == "GET stock"]
    true = policy.table()[("GET", reads.path)]
    assert let_in_wrongly(reads, true, clients) + refused_wrongly(reads, true, clients) == []
    assert let_in_wrongly(reads, dict(true) | {"admin": "no"}, clients) == ["GET stock: admin may not, and got 200"]
    assert refused_wrongly(reads, dict(true) | {"guest": "yes"}, clients) == ["GET stock: guest may, and got 401"]


def test_what_each_kind_of_caller_may_is_no_accident() -> None:
    """Some entries by hand: were the table read wrongly, the walk would only agree with the mistake."""
    table = policy.table()
    by_hand = {
        ("GET", "orders"): "no no own yes yes yes",
        ("GET", "orders/{number}"): "no own own yes yes yes",
        ("GET", "me"): "no no own own own own",
        ("GET", "products"): "yes yes yes yes yes yes",
        ("POST", "orders/{number}/shipments"): "no no no no yes yes",
        ("POST", "payments/{payment_id}/refunds"): "no no no yes no yes",
        ("GET", "audit"): "no no no no no yes",
        ("POST", "partners"): "no no no no no yes",
    }
    names = (policy.GUEST, policy.HOLDER, *PEOPLE)
    found = {key: " ".join(table[(key[0], policy.PREFIX + key[1])][name] for name in names) for key in by_hand}
    assert found == by_hand


def test_the_page_is_what_the_command_prints() -> None:
    printed = StringIO()
    call_command("role_table", stdout=printed)
    assert (ROOT / "docs" / "roles.md").read_text() == printed.getvalue()
