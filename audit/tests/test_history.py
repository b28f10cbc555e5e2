"""History is written by PostgreSQL. Partners stand for every tracked model."""

from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from api.actors import Actor, request_id
from audit.doctor import tracked_models
from audit.history import HistoryTrigger, Tracked, excluded_fields, history_table
from audit.verbs import act_as, verb

pytestmark = pytest.mark.django_db
Partner: Any = apps.get_model("accounts", "Partner")
User: Any = apps.get_model("accounts", "User")


def rows(pk: int) -> list[tuple[str, str, bool]]:
    found = Partner.history.filter(id=pk).order_by("history_id")
    return list(found.values_list("history_type", "name", "active"))


def test_saving_writes_the_new_row() -> None:
    partner = Partner.objects.create(name="Acme")
    partner.name = "Apex"
    partner.save()
    assert rows(partner.pk) == [("+", "Acme", True), ("~", "Apex", True)]


def test_an_update_of_many_writes_one_each() -> None:
    partners = [Partner.objects.create(name=name) for name in ("a", "b")]
    Partner.objects.update(active=False)
    assert [rows(partner.pk)[1:] for partner in partners] == [[("~", "a", False)], [("~", "b", False)]]


def test_a_bulk_insert_and_a_bulk_update_write_one_each() -> None:
    partners = Partner.objects.bulk_create([Partner(name=name) for name in ("a", "b")])
    for partner in partners:
        partner.name *= 2
    Partner.objects.bulk_update(partners, ["name"])
    assert [rows(partner.pk) for partner in partners] == [
        [("+", "a", True), ("~", "aa", True)],
        [("+", "b", True), ("~", "bb", True)],
    ]


def test_plain_sql_writes_too_and_has_the_database_as_its_actor() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_partner (name, active, created_at) VALUES ('sql', true, now()) RETURNING id"
        )
        pk = cursor.fetchone()[0]
        cursor.execute("UPDATE accounts_partner SET active = false WHERE id = %s", [pk])
    assert rows(pk) == [("+", "sql", True), ("~", "sql", False)]
    assert set(Partner.history.values_list("actor", "request_id")) == {("system:database", "")}


def test_deleting_keeps_the_last_row() -> None:
    partner = Partner.objects.create(name="Acme")
    pk = partner.pk
    partner.delete()
    assert rows(pk) == [("+", "Acme", True), ("-", "Acme", True)]


def test_an_update_names_the_fields_it_changed() -> None:
    partner = Partner.objects.create(name="Acme")
    Partner.objects.filter(pk=partner.pk).update(name="Apex", active=False, created_at=partner.created_at)
    Partner.objects.filter(pk=partner.pk).update(closed_at=timezone.now())
    partner.delete()
    assert list(Partner.history.order_by("history_id").values_list("changed", flat=True)) == [
        [],
        ["name", "active"],
        ["closed_at"],
        [],
    ]


def test_a_relation_is_named_by_its_field() -> None:
    acme, apex = (Partner.objects.create(name=name) for name in ("Acme", "Apex"))
    token_model: Any = apps.get_model("accounts", "PartnerToken")
    token_model.objects.create(partner=acme, prefix="a", digest="0" * 64, scopes=["orders:read"])
    token_model.objects.update(partner=apex)
    assert token_model.history.latest().changed == ["partner"]


def test_a_save_that_changes_nothing_leaves_nothing() -> None:
    partner = Partner.objects.create(name="Acme")
    partner.save()
    Partner.objects.update(name="Acme")
    assert rows(partner.pk) == [("+", "Acme", True)]


def test_what_is_kept_out_changes_without_a_row() -> None:
    user = User.objects.create(email="a@example.com")
    User.objects.filter(pk=user.pk).update(password="secret", last_login=timezone.now())
    assert User.history.filter(id=user.pk).count() == 1
    assert not {"password", "last_login"} & {field.name for field in User.history.model._meta.get_fields()}


def test_a_rollback_takes_the_history_with_it() -> None:
    with transaction.atomic():
        partner = Partner.objects.create(name="Acme")
        transaction.set_rollback(True)
    assert rows(partner.pk) == []


def test_rows_carry_who_did_it_and_in_which_request() -> None:
    token = request_id.set("req-1")
    try:
        act_as(Actor.partner(3))
        partner = Partner.objects.create(name="Acme")
    finally:
        request_id.reset(token)
    row = Partner.history.get(id=partner.pk)
    assert (row.actor, row.request_id, row.history_user) == ("partner:3", "req-1", "partner:3")


def test_a_name_too_long_for_its_column_is_cut_and_stops_nothing() -> None:
    act_as(Actor.system("x" * 300))
    partner = Partner.objects.create(name="Acme")
    assert Partner.history.get(id=partner.pk).actor == "system:" + "x" * 193


@verb
def rename(*, partner_id: int, name: str, by: Actor) -> None:
    Partner.objects.filter(pk=partner_id).update(name=name)


@verb
def rename_twice(*, partner_id: int, between: Actor, by: Actor) -> None:
    rename(partner_id=partner_id, name="first", by=by)
    rename(partner_id=partner_id, name="second", by=between)
    Partner.objects.filter(pk=partner_id).update(name="third")


def test_a_verb_within_a_verb_speaks_for_itself_and_no_further() -> None:
    partner = Partner.objects.create(name="Acme")
    rename_twice(partner_id=partner.pk, between=Actor.system("robot"), by=Actor.user(1))
    assert list(Partner.history.filter(history_type="~").order_by("history_id").values_list("name", "actor")) == [
        ("first", "user:1"),
        ("second", "system:robot"),
        ("third", "user:1"),
    ]


def test_a_verb_names_its_actor_once(django_assert_num_queries: Any) -> None:
    partner = Partner.objects.create(name="Acme")
    with django_assert_num_queries(2):
        rename(partner_id=partner.pk, name="Apex", by=Actor.user(1))
    with django_assert_num_queries(4):
        rename_twice(partner_id=partner.pk, between=Actor.user(1), by=Actor.user(1))


@verb
def refuse_within(*, partner_id: int, by: Actor) -> None:
    try:
        with transaction.atomic():
            fail_after_renaming(partner_id=partner_id, by=Actor.system("robot"))
    except ValueError:
        rename(partner_id=partner_id, name="kept", by=by)


@verb
def fail_after_renaming(*, partner_id: int, by: Actor) -> None:
    rename(partner_id=partner_id, name="undone", by=by)
    raise ValueError


def test_what_is_undone_leaves_the_actor_around_it() -> None:
    partner = Partner.objects.create(name="Acme")
    refuse_within(partner_id=partner.pk, by=Actor.user(1))
    assert list(Partner.history.filter(history_type="~").values_list("name", "actor")) == [("kept", "user:1")]


@pytest.mark.django_db(transaction=True)
def test_the_actor_ends_with_the_transaction() -> None:
    partner = Partner.objects.create(name="Acme")
    rename(partner_id=partner.pk, name="Apex", by=Actor.user(1))
    Partner.objects.update(name="Zenith")
    assert list(Partner.history.order_by("history_id").values_list("actor", flat=True)) == [
        "system:database",
        "user:1",
        "system:database",
    ]


@pytest.mark.parametrize("sql", ["UPDATE {} SET name = 'forged'", "DELETE FROM {}"])
@pytest.mark.parametrize("table", ["accounts_historicalpartner", "audit_logentry"])
def test_history_and_the_log_cannot_be_changed(sql: str, table: str) -> None:
    Partner.objects.create(name="Acme")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_logentry (uuid, name, aggregate, aggregate_id, sequence, payload, actor, request_id,"
            " created_at) VALUES (gen_random_uuid(), 'A', 'a', '1', 1, '{}', 'system:test', '', now())"
        )
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            cursor.execute(sql.format(table))
        cursor.execute(f"SELECT count(*) FROM {table} WHERE name = 'forged'")
        assert cursor.fetchone()[0] == 0


def test_erasing_a_person_may_rewrite_but_never_delete() -> None:
    partner = Partner.objects.create(name="Acme")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL waybill.erasing = 'on'")
        cursor.execute("UPDATE accounts_historicalpartner SET name = 'erased'")
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            cursor.execute("DELETE FROM accounts_historicalpartner")
    assert rows(partner.pk) == [("+", "erased", True)]


def test_old_and_new_can_be_compared() -> None:
    partner = Partner.objects.create(name="Acme")
    Partner.objects.filter(pk=partner.pk).update(name="Apex", active=False)
    new, old = Partner.history.order_by("-history_id")
    delta = new.diff_against(old)
    assert {(change.field, change.old, change.new) for change in delta.changes} == {
        ("name", "Acme", "Apex"),
        ("active", True, False),
    }


@pytest.mark.parametrize("model", tracked_models(), ids=lambda model: model._meta.label)
def test_every_tracked_model_has_its_triggers_and_indexes(model: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgrelid IN (%s::regclass, %s::regclass)",
            [model._meta.db_table, history_table(model)],
        )
        triggers = {(table, name.split("_")[1]) for table, name in cursor.fetchall() if name.startswith("pgtrigger_")}
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = %s", [history_table(model)])
        indexes = {row[0].partition(" USING btree ")[2] for row in cursor.fetchall()}
    assert {(model._meta.db_table, "history"), (history_table(model), "append")} <= triggers
    key = model._meta.pk.column
    assert indexes == {
        "(history_id)",
        f"({key}, history_id)",
        "(history_date, history_id)",
        "(actor, history_date, history_id)",
    }
    assert isinstance(model.history.model._meta.pk, models.BigAutoField)


def test_fields_kept_out_are_the_generated_and_the_excluded_ones() -> None:
    assert excluded_fields(User) == {"password", "last_login"}
    assert excluded_fields(Partner) == set()


def test_a_model_with_a_column_of_the_historys_own_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="actor is a column of the history"):

        class Clash(Tracked):
            actor = models.TextField()

            class Meta(Tracked.Meta):
                app_label = "audit"
                triggers = (HistoryTrigger(),)

    apps.all_models["audit"].pop("clash", None)
