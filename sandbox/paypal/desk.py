"""What every verb of the PayPal-like API works with: the books, the way out for webhooks, ids and times."""

import string
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.calls import Sandbox
from sandbox.paypal.errors import not_found

Document = dict[str, Any]

_ALPHABET = string.ascii_uppercase + string.digits
_ID_LENGTH = 17


@dataclass(frozen=True, slots=True)
class Desk:
    """Verbs run inside one transaction of the books, and may raise `Refusal` to undo it."""

    sandbox: Sandbox

    @property
    def merchant_id(self) -> str:
        return self.sandbox.config.paypal_merchant_id

    def get(self, kind: str, key: str) -> Document:
        """Raises `Refusal` as PayPal does for an id it does not know."""
        found = self.find(kind, key)
        if found is None:
            raise not_found()
        return found

    def find(self, kind: str, key: str) -> Document | None:
        return self.sandbox.books.get(f"paypal.{kind}", key)

    def put(self, kind: str, document: Document, *, parent: str = "") -> None:
        key = document["dispute_id"] if kind == "dispute" else document["id"]
        self.sandbox.books.put(f"paypal.{kind}", key, document, parent=parent)

    def list(self, kind: str, **narrowing: Any) -> list[Document]:
        """Oldest first."""
        return self.sandbox.books.list(f"paypal.{kind}", **narrowing)[::-1]

    def new_id(self, prefix: str = "", *, length: int = _ID_LENGTH) -> str:
        """Seventeen characters, as PayPal's ids."""
        return self.sandbox.books.next_id(prefix, length=length, alphabet=_ALPHABET)

    def link(self, path: str, rel: str, method: str = "GET") -> Document:
        return {"href": f"{self.sandbox.config.url}/paypal{path}", "rel": rel, "method": method}

    def tell(self, name: str, resource_type: str, resource: Document) -> None:
        """Queue a webhook in the transaction that makes it true."""
        self.sandbox.webhooks.send(
            "paypal",
            {
                "id": self.new_id(f"WH-{self.new_id()}-"),
                "event_version": "1.0",
                "create_time": text(now()),
                "resource_type": resource_type,
                "resource_version": "2.0",
                "event_type": name,
                "summary": name.replace(".", " ").capitalize(),
                "resource": resource,
                "links": [],
            },
        )


def now() -> datetime:
    return datetime.now(UTC)


def text(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def in_days(days: float) -> str:
    return text(now() + timedelta(days=days))


def public(document: Document) -> Document:
    """Without what only the stand-in knows."""
    return {name: value for name, value in document.items() if not name.startswith("_")}
