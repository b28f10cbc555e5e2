"""How tests call, and what they look at beside the answer."""

from typing import Any

from django.db import transaction
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import UserFactory, access_token, partner_token
from audit.doctor import check
from audit.models import LogEntry
from catalog.invariants import INVARIANTS


class Client(APIClient):
    """Calls the API; a savepoint stands for the transaction that a request's verb is otherwise."""

    def request(self, **kwargs: Any) -> Any:
        with transaction.atomic():
            return super().request(**kwargs)


def client(user: User | None = None) -> Client:
    caller = Client()
    if user is not None:
        caller.credentials(HTTP_AUTHORIZATION=f"Bearer {access_token(user)}")
    return caller


def admin() -> Client:
    return client(UserFactory(admin=True))


def partner(*scopes: str) -> Client:
    caller = Client()
    caller.credentials(HTTP_AUTHORIZATION=f"Token {partner_token(scopes=list(scopes))}")
    return caller


def facts(aggregate: str = "product") -> list[tuple[str, dict[str, Any]]]:
    """The published facts, in order."""
    return list(LogEntry.objects.filter(aggregate=aggregate).order_by("id").values_list("name", "payload"))


def problem(answer: Any) -> tuple[int, str, list[str]]:
    """Status, code and the fields named by a refusal."""
    body = answer.json()
    assert answer["Content-Type"] == "application/problem+json", body
    return answer.status_code, body["code"], [error["field"] for error in body["errors"]]


def broken_rules() -> list[str]:
    """Names of the catalogue's invariants that do not hold."""
    return [rule.name for rule in INVARIANTS if check(rule)]
