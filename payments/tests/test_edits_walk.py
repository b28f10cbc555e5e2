"""Random edits, payments and refunds; every promise is looked at after each step, and in the end all money is back."""

import random

import pytest

from inventory.models import StockLevel
from kernel.errors import Refused
from orders.events import OrderCancelled, OrderEdited
from orders.models import Order
from orders.services import Changes, cancel_order, edit_order
from orders.tests.factories import TESTS, buyable, fresh, place
from payments.handlers import refund_cancelled, refund_cancelled_lines
from payments.tests.factories import broken_promises, paid_by_hand

pytestmark = pytest.mark.django_db(transaction=True)
SKUS = {"MUG": "10.01", "BOWL": "7.77", "CUP": "3.33"}
STEPS = 12


def random_changes(order: Order, luck: random.Random) -> Changes:
    lines = [line for line in order.lines.all() if line.units.live]
    line = luck.choice(lines)
    kind = luck.choice(["quantity", "replace", "add"])
    if kind == "quantity":
        return Changes(quantities={line.pk: luck.randint(0, 4)})
    if kind == "replace":
        return Changes(replaced={line.pk: luck.choice(list(SKUS))})
    return Changes(added=[(luck.choice(list(SKUS)), luck.randint(1, 3))])


def step(order: Order, luck: random.Random) -> None:
    try:
        edited = edit_order(order_id=order.pk, changes=random_changes(order, luck), by=TESTS)
    except Refused:
        return
    if luck.random() < 0.7:  # else a later step's event finds it
        refund_cancelled_lines(OrderEdited(order_id=order.pk, version=edited.version))
    if luck.random() < 0.5 and fresh(order).money().outstanding:
        paid_by_hand(order)


@pytest.mark.parametrize("round_", range(3))
def test_whatever_is_edited_all_of_the_money_comes_back(round_: int) -> None:
    seed = random.SystemRandom().randrange(10**9)
    print(f"seed {seed}")  # noqa: T201  pytest shows it when the walk fails
    luck = random.Random(seed)
    for sku, price in SKUS.items():
        buyable(sku, quantity=1000, price=price)
    order = place(("MUG", 2), ("BOWL", 3))
    paid_by_hand(order)
    for _ in range(STEPS):
        step(fresh(order), luck)
        assert [name for name in broken_promises() if name != "payments.owed"] == [], f"seed {seed}"
    cancelled = cancel_order(order_id=order.pk, reason="enough", by=TESTS)
    refund_cancelled(OrderCancelled(order_id=order.pk, version=cancelled.version))
    order = fresh(order)
    assert (order.status, order.due) == ("cancelled", 0), f"seed {seed}"
    assert order.refunded_total == order.captured_total, f"seed {seed}"
    assert set(StockLevel.objects.values_list("reserved", flat=True)) == {0}
    assert broken_promises() == [], f"seed {seed}"
