"""The books: documents by kind and id in one SQLite file, which keeps whatever was answered through a kill."""

import contextlib
import random
import sqlite3
import string
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

Document = dict[str, Any]

ALPHABET = string.ascii_letters + string.digits
SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    parent TEXT NOT NULL,
    created REAL NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (kind, id)
);
CREATE INDEX IF NOT EXISTS documents_by_parent ON documents (kind, parent, position);
CREATE INDEX IF NOT EXISTS documents_by_time ON documents (kind, created);
CREATE INDEX IF NOT EXISTS documents_in_order ON documents (kind, position);
"""


class Books:
    """A store of documents (`dict`s that JSON can hold), each of a `kind` ("stripe.refund") and an `id`.

    Whatever belongs together happens inside one `with books.transaction():`, which nests: an inner one that fails
    is undone alone. Never wait for anything (`await`) inside one: others would wait for the lock.
    """

    def __init__(self, file: Path) -> None:
        self.lock = threading.RLock()
        self.depth = 0
        self.connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False, timeout=30)
        self.connection.execute("PRAGMA journal_mode = WAL")
        # Enough against a kill of the process; only a power cut could lose the last commits.
        self.connection.execute("PRAGMA synchronous = NORMAL")
        self.connection.executescript(SCHEMA)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing of what is written inside; one at a time."""
        with self.lock:
            begin, commit, rollback = boundaries(self.depth)
            self.connection.execute(begin)
            self.depth += 1
            try:
                yield
            except BaseException:
                self.connection.execute(rollback)
                if self.depth > 1:
                    self.connection.execute(commit)
                raise
            else:
                self.connection.execute(commit)
            finally:
                self.depth -= 1

    def sql(self, statement: str, *arguments: Any) -> list[tuple[Any, ...]]:
        """Any statement, for tables beside the documents."""
        with self.lock:
            return self.connection.execute(statement, arguments).fetchall()

    def put(self, kind: str, id: str, document: Document, *, parent: str = "") -> Document:  # noqa: A002
        """Write a document, new or over the old one, which keeps its place in lists. `parent` is what it is listed by.

        Its time is `document["created"]` where that is a number (seconds since 1970), else now.
        """
        created = document.get("created")
        self.sql(
            "INSERT INTO documents (kind, id, parent, created, document) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (kind, id) DO UPDATE SET document = excluded.document",
            *(kind, id, parent, created if isinstance(created, int | float) else time.time()),
            orjson.dumps(document).decode(),
        )
        return document

    def get(self, kind: str, id: str) -> Document | None:  # noqa: A002
        rows = self.sql("SELECT document FROM documents WHERE kind = ? AND id = ?", kind, id)
        return orjson.loads(rows[0][0]) if rows else None

    def list(
        self,
        kind: str,
        *,
        parent: str | None = None,
        since: float | None = None,
        until: float | None = None,
        after: str | None = None,
        limit: int = -1,
    ) -> list[Document]:
        """Newest first: created from `since` to before `until`, older than the document whose id is `after`."""
        narrowing: dict[str, Any] = {
            "kind = :kind": kind,
            "parent = :parent": parent,
            "created >= :since": since,
            "created < :until": until,
            "position < (SELECT position FROM documents WHERE kind = :kind AND id = :after)": after,
        }
        where = " AND ".join(condition for condition, value in narrowing.items() if value is not None)
        named = {"kind": kind, "parent": parent, "since": since, "until": until, "after": after, "limit": limit}
        with self.lock:
            rows = self.connection.execute(
                f"SELECT document FROM documents WHERE {where} ORDER BY position DESC LIMIT :limit",  # noqa: S608
                named,
            ).fetchall()
        return [orjson.loads(row[0]) for row in rows]

    def count(self, kind: str) -> int:
        count: int = self.sql("SELECT count(*) FROM documents WHERE kind = ?", kind)[0][0]
        return count

    def delete(self, kind: str, id: str) -> None:  # noqa: A002
        self.sql("DELETE FROM documents WHERE kind = ? AND id = ?", kind, id)

    def next_id(self, prefix: str, *, length: int = 24, alphabet: str = ALPHABET) -> str:
        """A fresh id: `next_id("pi_")` gives pi_ and 24 letters and digits."""
        return prefix + "".join(random.choices(alphabet, k=length))  # noqa: S311  it names, it does not protect

    def close(self) -> None:
        self.connection.close()


def boundaries(depth: int) -> tuple[str, str, str]:
    """How a transaction begins, commits and rolls back; within another it is a savepoint."""
    if not depth:
        return "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"
    return f"SAVEPOINT s{depth}", f"RELEASE s{depth}", f"ROLLBACK TO s{depth}"
