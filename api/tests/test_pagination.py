from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from api.cursors import Cursor, write_cursor
from api.pagination import after, is_nullable, position_of

pytestmark = [pytest.mark.urls("api.tests.urls"), pytest.mark.django_db]

SHELVES = "/api/v1/shelves"


def put_up(*names: str) -> None:
    Group.objects.bulk_create([Group(name=name) for name in names])


def label(*names: str) -> list[int]:
    Permission.objects.all().delete()
    kind = ContentType.objects.get_for_model(Group)
    made = [Permission(name=name, codename=f"c{n}", content_type=kind) for n, name in enumerate(names)]
    return [row.pk for row in Permission.objects.bulk_create(made)]


def walk(client: APIClient, url: str | None, link: str = "next") -> Iterator[list[Any]]:
    while url:
        page = client.get(url).json()
        yield page["results"]
        url = page[link]


def test_an_empty_list_has_no_other_pages(client: APIClient) -> None:
    assert client.get(SHELVES).json() == {"results": [], "next": None, "previous": None}


def test_a_page_has_twenty_rows_unless_asked(client: APIClient) -> None:
    put_up(*(f"{n:03}" for n in range(101)))
    assert [len(page) for page in walk(client, SHELVES)] == [20, 20, 20, 20, 20, 1]
    assert [len(page) for page in walk(client, f"{SHELVES}?page_size=100")] == [100, 1]


@pytest.mark.parametrize(
    "size", ["0", "-1", "101", "abc", "1.5", "", " 5", "%2B5", "5e0", "1" * 5000, "0000000201234", "²"]
)
def test_a_page_size_that_is_no_number_from_1_to_100_is_a_400(client: APIClient, size: str) -> None:
    response = client.get(f"{SHELVES}?page_size={size}")
    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "page_size")


def test_an_order_that_is_not_offered_is_a_400(client: APIClient) -> None:
    response = client.get(f"{SHELVES}?ordering=password")
    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "ordering")
    assert response.json()["detail"] == "One of: -id, name."


def test_pages_keep_the_order_and_the_size_asked_for(client: APIClient) -> None:
    put_up("b", "d", "a", "e", "c")
    assert list(walk(client, f"{SHELVES}?ordering=name&page_size=2")) == [["a", "b"], ["c", "d"], ["e"]]
    assert list(walk(client, f"{SHELVES}?page_size=2")) == [["c", "e"], ["a", "d"], ["b"]]


def test_previous_leads_back_over_the_same_pages(client: APIClient) -> None:
    put_up(*"abcde")
    first = f"{SHELVES}?ordering=name&page_size=2"
    second = client.get(client.get(first).json()["next"]).json()
    third = client.get(second["next"]).json()
    assert (third["results"], third["next"]) == (["e"], None)
    back = client.get(third["previous"]).json()
    assert back["results"] == ["c", "d"]
    assert client.get(back["previous"]).json()["results"] == ["a", "b"]
    assert client.get(back["previous"]).json()["previous"] is None
    assert client.get(back["next"]).json()["results"] == ["e"]


def test_rows_that_come_meanwhile_shift_nothing(client: APIClient) -> None:
    put_up(*"abcd")
    first = client.get(f"{SHELVES}?page_size=2").json()
    assert first["results"] == ["d", "c"]
    put_up("e", "f", "g")
    second = client.get(first["next"]).json()
    assert second["results"] == ["b", "a"]
    assert client.get(second["previous"]).json()["results"] == ["d", "c"]


def test_rows_that_go_meanwhile_hide_no_other(client: APIClient) -> None:
    put_up(*"abcd")
    first = client.get(f"{SHELVES}?page_size=2").json()
    Group.objects.filter(name__in="cd").delete()
    assert client.get(first["next"]).json()["results"] == ["b", "a"]


def test_a_page_emptied_meanwhile_still_leads_back(client: APIClient) -> None:
    put_up(*"abcd")
    first = client.get(f"{SHELVES}?page_size=2").json()
    Group.objects.filter(name__in="ab").delete()
    second = client.get(first["next"]).json()
    assert (second["results"], second["next"]) == ([], None)
    assert client.get(second["previous"]).json()["results"] == ["d"]


@pytest.mark.parametrize("ordering", ["name", "-name", "mixed"])
@pytest.mark.parametrize("path", ["labels", "label-rows"])
def test_ties_are_walked_through_once_each(client: APIClient, path: str, ordering: str) -> None:
    ids = label(*["b"] * 30, *["a"] * 30)
    expected = {"name": ids[30:] + ids[:30], "-name": ids[29::-1] + ids[:29:-1], "mixed": ids[:29:-1] + ids[29::-1]}
    pages = list(walk(client, f"/api/v1/{path}?ordering={ordering}&page_size=7"))
    assert [pk for page in pages for pk in page] == expected[ordering]


def test_a_tie_that_comes_meanwhile_shifts_nothing(client: APIClient) -> None:
    ids = label(*["a"] * 4)
    first = client.get("/api/v1/labels?ordering=-name&page_size=2").json()
    Permission.objects.create(name="a", codename="late", content_type=ContentType.objects.get_for_model(Group))
    assert first["results"] == [ids[3], ids[2]]
    assert client.get(first["next"]).json()["results"] == [ids[1], ids[0]]


def cursor_of(client: APIClient) -> str:
    put_up(*"abc")
    url: str = client.get(f"{SHELVES}?page_size=1").json()["next"]
    return url.partition("cursor=")[2].partition("&")[0]


@pytest.mark.parametrize(
    "change",
    [lambda c: c[:-4] + "AAAA", lambda c: ("B" if c[0] == "A" else "A") + c[1:], lambda c: c[:10], lambda c: c + "x"],
)
def test_a_changed_cursor_is_a_400(client: APIClient, change: Any) -> None:
    response = client.get(f"{SHELVES}?page_size=1&cursor={change(cursor_of(client))}")
    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "cursor")


@pytest.mark.parametrize("text", ["abc", "!!!", "%00", "cD0x", "=", "é", "A" * 5000])
def test_a_made_up_cursor_is_a_400(client: APIClient, text: str) -> None:
    response = client.get(f"{SHELVES}?cursor={text}")
    assert (response.status_code, response.json()["code"]) == (400, "invalid")


def test_a_cursor_of_another_order_or_list_is_a_400(client: APIClient) -> None:
    cursor = cursor_of(client)
    assert client.get(f"{SHELVES}?cursor={cursor}").status_code == 200
    assert client.get(f"{SHELVES}?ordering=name&cursor={cursor}").status_code == 400
    assert client.get(f"/api/v1/labels?cursor={cursor}").status_code == 400


def test_a_page_costs_one_statement_however_deep(client: APIClient) -> None:
    put_up(*(f"{n:03}" for n in range(90)))
    url = SHELVES
    for _ in range(3):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            url = client.get(url).json()["next"]
        assert len(queries) == 1


def test_what_can_be_null_is_known_from_the_model() -> None:
    assert is_nullable(get_user_model(), "-last_login")
    assert not is_nullable(Permission, "content_type__app_label")
    assert not is_nullable(Group, "annotated")


def test_null_comes_after_all_as_in_postgresql() -> None:
    nothing = Q(pk__in=[])
    assert after(Group, ("name",), ["a"]) == (Q(name__gt="a") | (Q(name="a") & nothing)) & Q(name__gte="a")
    assert after(Group, ("-name",), [None]) == Q(name__isnull=False) | (Q(name__isnull=True) & nothing)
    assert after(get_user_model(), ("last_login",), ["2026-01-01"]) == (
        Q(last_login__gt="2026-01-01") | Q(last_login__isnull=True) | (Q(last_login="2026-01-01") & nothing)
    )
    assert after(Group, ("name",), [None]) == nothing | (Q(name__isnull=True) & nothing)


def test_a_position_is_read_from_instances_relations_and_rows() -> None:
    label("a")
    row = Permission.objects.get()
    assert position_of(row, ("-name", "content_type__model")) == ["a", "group"]
    assert position_of({"content_type__model": "group"}, ("content_type__model",)) == ["group"]


def test_a_cursor_tells_its_position_to_nobody_who_cannot_sign(rf: Any, settings: Any) -> None:
    request = rf.get(SHELVES)
    first = write_cursor(request, Cursor(("-id",), False, [7]))
    settings.TOKEN_KEY = b"another"
    assert write_cursor(request, Cursor(("-id",), False, [7])) != first
