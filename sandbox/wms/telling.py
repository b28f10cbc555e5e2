"""Events to the shop, as the habits have it."""

import random
from typing import Any

from sandbox.calls import Sandbox
from sandbox.wms.habits import habits_of
from sandbox.wms.stock import now


def tell(state: Sandbox, kind: str, data: dict[str, Any]) -> None:
    """Queue an event, inside the transaction that makes it true."""
    habits = habits_of(state.books)
    event = {"id": state.books.next_id("evt_", length=16), "type": kind, "created_at": now(), "data": data}
    told = [event]
    if habits.duplicate:
        # The same event twice, and the same fact under another name.
        told = [event, event, {**event, "id": f"{event['id']}_again"}]
    for one in told:
        delay = habits.late + (random.random() * 2 if habits.shuffle else 0)  # noqa: S311  a die, not a secret
        state.webhooks.send("wms", one, delay=delay)
