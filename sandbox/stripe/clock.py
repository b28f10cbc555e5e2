"""What happens at Stripe by itself after a while, kept in the books so that a restart forgets none of it."""

import time

from sandbox.books import Document
from sandbox.stripe.ledger import Ledger

KIND = "stripe.later"


def later(ledger: Ledger, id: str, what: str, *, at: float) -> None:  # noqa: A002
    """Note that something falls due for an object. Listed by its time, so that looking for what is due is cheap."""
    ledger.books.put(KIND, f"{what} {id}", {"id": id, "what": what, "created": at})


def due(ledger: Ledger) -> list[Document]:
    """What has fallen due and is noted no longer, oldest first."""
    found = ledger.books.list(KIND, until=time.time())
    for note in found:
        ledger.books.delete(KIND, f"{note['what']} {note['id']}")
    return found[::-1]
