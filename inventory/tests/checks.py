"""What tests of stock look at after each step."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction

from audit.doctor import check, examine
from inventory.invariants import INVARIANTS
from inventory.models import Reservation, Shortfall, StockLevel, StockMovement
from kernel.errors import Refused


@contextmanager
def refused(kind: type[Refused]) -> Iterator[pytest.ExceptionInfo[Refused]]:
    """What is called inside must be refused. A savepoint stands for the transaction that a verb is otherwise."""
    with pytest.raises(kind) as refusal, transaction.atomic():
        yield refusal


def counters(level: StockLevel) -> tuple[int, int]:
    """(on hand, reserved) as the database has them."""
    return StockLevel.objects.values_list("on_hand", "reserved").get(pk=level.pk)


def states(order_id: int) -> list[tuple[int, str, int]]:
    """(line, state, units) of an order's reservations, in the order they were made."""
    rows = Reservation.objects.filter(order_id=order_id).order_by("id")
    return list(rows.values_list("order_line_id", "state", "quantity"))


def moves(**about: object) -> list[tuple[str, int, int]]:
    """(kind, delta, on hand after) of the movements, oldest first."""
    rows = StockMovement.objects.filter(**about).exclude(cause="tests").order_by("id")
    return list(rows.values_list("kind", "delta", "on_hand_after"))


def open_shortfalls() -> dict[int, int]:
    """Level id → units short."""
    return dict(Shortfall.objects.filter(closed_at=None).values_list("level_id", "quantity"))


def broken_rules() -> list[str]:
    """Names of stock's invariants that do not hold."""
    return [rule.name for rule in INVARIANTS if check(rule)]


def unhealthy_history() -> list[str]:
    """Names of the history's invariants of this app that do not hold."""
    return [f.invariant.name for f in examine() if f.invariant.name.startswith("history.inventory")]
