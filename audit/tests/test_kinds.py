from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils import timezone

from audit.asking import read_instant
from audit.kinds import kind_named, kinds, plain, read_row
from audit.names import actor_named, names_of
from audit.past import Part, as_of
from kernel.errors import Invalid

Partner: Any = apps.get_model("accounts", "Partner")
PartnerToken: Any = apps.get_model("accounts", "PartnerToken")


def named(field: Any) -> Any:
    field.set_attributes_from_name("value")
    return field


AMOUNT = named(models.DecimalField(max_digits=18, decimal_places=4))
INSTANT = named(models.DateTimeField())
WHOLE = named(models.IntegerField())


@pytest.mark.parametrize(
    ("field", "text", "written"),
    [
        (AMOUNT, '{"value": 19.9900, "currency": "EUR"}', "19.99"),
        (AMOUNT, '{"value": 500.0000, "currency": "JPY"}', "500"),
        (AMOUNT, '{"value": 1.2500, "currency": "KWD"}', "1.250"),
        (AMOUNT, '{"value": 19.9950, "currency": "EUR"}', "19.995"),
        (AMOUNT, '{"value": 0.2000}', "0.2"),
        (AMOUNT, '{"value": 20.0000}', "20"),
        (AMOUNT, '{"value": 123456789012345.6789}', "123456789012345.6789"),
        (AMOUNT, '{"value": 5}', "5"),
        (AMOUNT, '{"value": null}', None),
        (INSTANT, '{"value": "2026-01-31T12:00:00.123456+00:00"}', "2026-01-31T12:00:00.123456Z"),
        (WHOLE, '{"value": 7}', 7),
    ],
)
def test_values_are_written_as_the_api_writes_them(field: Any, text: str, written: object) -> None:
    assert plain(field, read_row(text) or {}) == written


def test_objects_go_by_their_public_key_where_they_have_one() -> None:
    public = {name: kind.public_key for name, kind in kinds().items() if kind.public_key != kind.key}
    known = {
        "category": "slug",
        "product": "sku",
        "stock_item": "sku",
        "warehouse": "code",
        "order": "number",
        "shipment": "number",
        "return": "number",
    }
    assert public.items() >= {name: key for name, key in known.items() if name in kinds()}.items()
    assert kinds()["user"].public_key == "id"


def test_a_field_is_found_by_its_name_or_its_column() -> None:
    token = kinds()["partner_token"]
    assert (token.column("partner"), token.column("partner_id"), token.column("digest")) == (
        "partner_id",
        "partner_id",
        None,
    )


def test_an_unknown_kind_is_none() -> None:
    assert kind_named("nothing") is None
    assert kind_named("") is None


@pytest.mark.parametrize(
    ("text", "end", "instant"),
    [
        ("2026-01-31", False, datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31", True, datetime(2026, 2, 1, tzinfo=UTC)),
        ("2026-01-31T12:00:00Z", True, datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31T12:00:00", False, datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31T13:00:00+01:00", False, datetime(2026, 1, 31, 12, tzinfo=UTC)),
    ],
)
def test_instants_and_dates_are_read_in_utc(text: str, end: bool, instant: datetime) -> None:
    assert read_instant(text, field="at", end=end) == instant


@pytest.mark.parametrize("text", ["", "now", "2026", "2026-02-30", "9999-12-31"])
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        read_instant(text, field="at", end=True)


@pytest.mark.django_db
def test_actors_are_named_in_one_statement_a_kind(django_assert_num_queries: Any) -> None:
    user = apps.get_model("accounts", "User")._default_manager.create(email="a@example.com")
    partner = Partner.objects.create(name="Acme")
    actors = [f"user:{user.pk}", f"partner:{partner.pk}", "user:0", "guest:cart", "system:robot", "user:x"]
    with django_assert_num_queries(2):
        assert names_of(actors) == {f"user:{user.pk}": "a@example.com", f"partner:{partner.pk}": "Acme"}
    with django_assert_num_queries(0):
        assert names_of(["system:robot"]) == {}
    assert actor_named("a@example.com") == f"user:{user.pk}"
    assert actor_named("acme") == f"partner:{partner.pk}"
    assert actor_named("somebody") is None


@pytest.mark.django_db
def test_a_thing_is_shown_as_it_was_at_any_instant() -> None:
    kind = kinds()["partner"]
    before = timezone.now()
    partner = Partner.objects.create(name="Acme")
    first = timezone.now()
    Partner.objects.filter(pk=partner.pk).update(name="Apex", active=False)
    second = timezone.now()
    pk = partner.pk
    partner.delete()
    then = as_of(kind, pk, first)
    assert then is not None
    assert (then["id"], then["name"], then["active"]) == (pk, "Acme", True)
    assert (as_of(kind, pk, second) or {})["name"] == "Apex"
    assert [as_of(kind, pk, at) for at in (before, timezone.now())] == [None, None]


@pytest.mark.django_db
def test_parts_are_those_that_belonged_to_it_then(django_assert_num_queries: Any) -> None:
    partner = Partner.objects.create(name="Acme")
    kind, parts = kinds()["partner"], [Part("tokens", kinds()["partner_token"], "partner")]
    made = [give_token(partner, name) for name in ("a", "b")]
    then = timezone.now()
    give_token(partner, "late")
    PartnerToken.objects.filter(pk=made[0].pk).update(revoked_at=timezone.now())
    with django_assert_num_queries(3):  # the object, its parts, the partner they name
        found = as_of(kind, partner.pk, then, parts) or {}
    assert [(row["prefix"], row["revoked_at"], row["partner"]) for row in found["tokens"]] == [
        ("a", None, "Acme"),
        ("b", None, "Acme"),
    ]
    assert as_of(kind, partner.pk, then - timedelta(days=1), parts) is None


def give_token(partner: Any, prefix: str) -> Any:
    digest = f"{ord(prefix[0]):064x}"
    return PartnerToken.objects.create(partner=partner, prefix=prefix, digest=digest, scopes=["orders:read"])


@pytest.mark.parametrize("name", [*settings.AUDIT_DOCUMENTS])
def test_documents_are_made_of_tracked_kinds(name: str) -> None:
    document = settings.AUDIT_DOCUMENTS[name]
    assert kind_named(document["kind"])
    for part, field in document["parts"].values():
        kind = kind_named(part)
        assert kind is not None
        assert kind.column(field)
