"""The store below both providers."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.books import Books


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    found = Books(tmp_path / "books.sqlite3")
    yield found
    found.close()


def fail() -> None:
    raise ValueError("no")


def test_an_inner_transaction_is_undone_alone(books: Books) -> None:
    with books.transaction():
        books.put("thing", "a", {"n": 1})
        with contextlib.suppress(ValueError), books.transaction():
            books.put("thing", "a", {"n": 2})
            books.put("thing", "b", {})
            fail()
    assert (books.get("thing", "a"), books.get("thing", "b")) == ({"n": 1}, None)


def test_an_outer_transaction_undoes_all(books: Books) -> None:
    with contextlib.suppress(ValueError), books.transaction():
        with books.transaction():
            books.put("thing", "a", {})
        fail()
    assert books.count("thing") == 0


def test_a_document_keeps_its_place_when_it_changes(books: Books) -> None:
    for name, created in (("a", 10), ("b", 20), ("c", 30)):
        books.put("thing", name, {"id": name, "created": created}, parent="x" if name != "c" else "y")
    books.put("thing", "a", {"id": "a", "changed": True})
    listed = [document["id"] for document in books.list("thing")]
    assert listed == ["c", "b", "a"]
    assert [document["id"] for document in books.list("thing", parent="x")] == ["b", "a"]
    assert [document["id"] for document in books.list("thing", since=10, until=30)] == ["b", "a"]
    assert [document["id"] for document in books.list("thing", after="c", limit=1)] == ["b"]
    assert books.list("other") == []


def test_ids_differ(books: Books) -> None:
    ids = {books.next_id("pi_") for _ in range(1000)}
    assert len(ids) == 1000
    assert {len(found) for found in ids} == {27}
