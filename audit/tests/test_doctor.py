from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction

from api.actors import Actor
from audit.doctor import examine, invariants
from audit.log import publish
from audit.relay import fan_out
from audit.tasks import run_doctor
from audit.tests.shelves import NobodyListens, ShelfFilled

pytestmark = pytest.mark.django_db
Partner: Any = apps.get_model("accounts", "Partner")


def broken(*, calm: bool = True) -> list[str]:
    return [finding.invariant.name for finding in examine(calm=calm)]


def visit(*arguments: str) -> tuple[str, int]:
    """What the command prints, and its exit code."""
    out = StringIO()
    try:
        call_command("doctor", *arguments, stdout=out, no_color=True)
    except SystemExit as ended:
        return out.getvalue(), int(ended.code or 0)
    return out.getvalue(), 0


def unguarded(sql: str, *tables: str) -> None:
    """Break a rule behind the triggers' back, as a lost disk page would."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(sql)


@pytest.mark.parametrize("invariant", invariants(), ids=lambda invariant: invariant.name)
def test_every_invariant_is_valid_sql_and_holds_in_an_empty_database(invariant: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(invariant.sql)
        assert cursor.fetchall() == []
    assert invariant.says.endswith(".")


def test_names_are_unique() -> None:
    names = [invariant.name for invariant in invariants()]
    assert len(names) == len(set(names))


def test_all_is_well_with_rows_and_history(subscribe: Callable[[str], None]) -> None:
    subscribe("counting")
    partner = Partner.objects.create(name="Acme")
    Partner.objects.filter(pk=partner.pk).update(name="Apex")
    Partner.objects.create(name="Gone").delete()
    publish(NobodyListens(shelf_id=1), by=Actor.system("test"))
    fan_out()
    assert broken() == []


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE accounts_partner SET name = 'secretly'",
        "DELETE FROM accounts_historicalpartner",
        "UPDATE accounts_historicalpartner SET history_type = '-'",
    ],
    ids=["changed", "missing", "deleted"],
)
def test_a_row_its_history_does_not_tell_is_found(sql: str) -> None:
    partner = Partner.objects.create(name="Acme")
    unguarded(sql, "accounts_partner", "accounts_historicalpartner")
    (finding,) = examine()
    assert (finding.invariant.name, finding.columns, finding.rows) == (
        "history.accounts.partner",
        ["id"],
        [(partner.pk,)],
    )


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM audit_outbox; DELETE FROM audit_logentry WHERE sequence = 1",
        "UPDATE audit_stream SET last = 7",
        "DELETE FROM audit_stream",
    ],
    ids=["gap", "ahead", "lost"],
)
def test_a_gap_in_the_facts_is_found(sql: str) -> None:
    for _ in range(2):
        publish(ShelfFilled(shelf_id=1), by=Actor.system("test"))
    for statement in sql.split(";"):
        unguarded(statement, "audit_logentry")
    assert broken(calm=False) == ["events.sequence"]


def test_what_is_under_way_is_no_finding_while_work_goes_on() -> None:
    publish(ShelfFilled(shelf_id=1), by=Actor.system("test"))
    assert (broken(calm=False), broken(calm=True)) == ([], ["events.delivered"])


def test_the_command_is_content() -> None:
    said, code = visit()
    assert (said, code) == (f"{len(invariants())} invariants hold.\n", 0)
    always = [invariant for invariant in invariants() if invariant.when == "always"]
    assert visit("--always") == (f"{len(always)} invariants hold.\n", 0)


def test_the_command_shows_the_rows_and_fails() -> None:
    entry = publish(ShelfFilled(shelf_id=1), by=Actor.system("test"))
    said, code = visit()
    assert code == 1
    assert said.splitlines() == [
        "✗ events.delivered: Every fact has left the outbox and reached each of its handlers, or is parked with a"
        " reason.",
        "    entry_id | state | handler",
        f"    {entry} | waiting | None",
    ]
    assert visit("--always")[1] == 0


def test_the_command_names_what_it_would_look_at() -> None:
    said, code = visit("--list")
    assert code == 0
    assert len(said.splitlines()) == len(invariants())


def test_the_nightly_visit_says_what_it_found_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    Partner.objects.create(name="Acme")
    run_doctor()
    assert not caplog.records
    unguarded("UPDATE accounts_partner SET name = 'secretly'", "accounts_partner")
    run_doctor()
    (record,) = caplog.records
    assert (record.levelname, record.msg["invariant"]) == ("ERROR", "history.accounts.partner")  # type: ignore[index]


@pytest.mark.django_db(transaction=True)
def test_it_may_take_longer_than_a_request() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '1ms'")
    try:
        assert broken() == []
    finally:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
