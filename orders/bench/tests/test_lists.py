"""Which units a pick list asks for, and what becomes of them."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models.signals import post_init
from django.utils import timezone

from accounts.tests.factories import UserFactory
from audit.models import LogEntry
from inventory.models import StockLevel, Warehouse
from inventory.tests.checks import refused
from inventory.tests.factories import WarehouseFactory, stock
from kernel.errors import Invalid, NotAllowedNow, NotFound
from orders.bench.candidates import waiting_lines
from orders.bench.errors import NothingToPick, WrongItem
from orders.bench.lists import cancel_pick_list, finish_pick_list, make_pick_list
from orders.bench.picks import confirm_pick, short_at_bench, short_pick
from orders.errors import TooMany
from orders.models import Order, OrderLine, PickList, PickTask, ShortPick
from orders.services import (
    Changes,
    Totals,
    cancel_order,
    edit_order,
    pack_shipment,
    place_hold,
    record_payment_totals,
)
from orders.tests.factories import TESTS, buyable, fresh, paid, place

pytestmark = pytest.mark.django_db


def house() -> str:
    return Warehouse.objects.get().code


def make(orders: int = 10, warehouse: str = "") -> PickList:
    return make_pick_list(warehouse=warehouse or house(), orders=orders, by=TESTS)


def asked(pick_list: PickList) -> list[tuple[str, int]]:
    return sorted(pick_list.tasks.values_list("sku", "quantity"))


def pick(pick_list: PickList, code: str, **more: int) -> PickTask:
    return confirm_pick(list_id=pick_list.pk, code=code, by=TESTS, **more)


def promise(order: Order, hours: int) -> None:
    Order.objects.filter(pk=order.pk).update(ship_by=timezone.now() + timedelta(hours=hours))


def test_the_oldest_promises_come_first() -> None:
    buyable("MUG"), buyable("TEA"), buyable("JUG")
    later, soon, soonest = paid(("MUG", 1)), paid(("TEA", 2)), paid(("JUG", 3))
    for order, hours in ((later, 9), (soon, 2), (soonest, 1)):
        promise(order, hours)
    made = make(orders=2)
    assert asked(made) == [("JUG", 3), ("TEA", 2)]
    assert (made.state, made.number[:2]) == ("open", "PL")
    assert asked(make()) == [("MUG", 1)]


def test_of_a_long_backlog_no_more_is_read_than_the_list_takes() -> None:
    buyable("MUG", quantity=50)
    for _ in range(6):
        paid(("MUG", 1))
    read: list[OrderLine] = []

    def note(instance: OrderLine, **_: object) -> None:
        read.append(instance)

    post_init.connect(note, sender=OrderLine)
    try:
        assert asked(make(orders=2)) == [("MUG", 1), ("MUG", 1)]
    finally:
        post_init.disconnect(note, sender=OrderLine)
    assert len(read) == 2 + 1  # the one that says that these two were all


def test_only_what_may_be_packed_is_asked_for() -> None:
    buyable("MUG", quantity=50)
    place(("MUG", 1))
    held, cancelled, packed, part = paid(("MUG", 2)), paid(("MUG", 3)), paid(("MUG", 4)), paid(("MUG", 5))
    place_hold(order_id=held.pk, kind="address", by=TESTS)
    cancel_order(order_id=cancelled.pk, reason="test", by=TESTS)
    pack_shipment(order_id=packed.pk, by=TESTS)
    pack_shipment(order_id=part.pk, lines={part.lines.get().pk: 2}, by=TESTS)
    assert asked(make()) == [("MUG", 3)]
    with refused(NothingToPick):
        make()
    assert PickList.objects.count() == 1


def test_what_was_given_back_is_money_no_more() -> None:
    buyable("MUG", price="10.00", quantity=50)
    order = paid(("MUG", 2))
    edited = edit_order(order_id=order.pk, changes=Changes(quantities={order.lines.get().pk: 1}), by=TESTS)
    back = edited.captured_total - edited.due
    totals = Totals(edited.captured_total, edited.captured_total, refunded=back, given_back=back)
    record_payment_totals(order_id=order.pk, totals=totals, by=TESTS)
    assert list(waiting_lines(Warehouse.objects.get())) == [order.lines.get()]
    edit_order(order_id=order.pk, changes=Changes(added=[("MUG", 1)]), by=TESTS)
    with pytest.raises(NotAllowedNow), transaction.atomic():
        pack_shipment(order_id=order.pk, by=TESTS)
    assert list(waiting_lines(Warehouse.objects.get())) == []


def test_each_warehouse_has_its_own_units() -> None:
    near, far = WarehouseFactory(code="NEAR", priority=1), WarehouseFactory(code="FAR", priority=2)
    buyable("MUG", quantity=2, warehouse=near)
    stock("MUG", 2, warehouse=far)
    paid(("MUG", 3))
    assert [asked(make(warehouse=code)) for code in ("NEAR", "FAR")] == [[("MUG", 2)], [("MUG", 1)]]


def test_a_list_cannot_be_made_for_nowhere_or_for_nobody() -> None:
    buyable()
    paid()
    for wrong, code, orders in ((NotFound, "MOON", 1), (Invalid, house(), 0), (Invalid, house(), 51)):
        with refused(wrong):
            make_pick_list(warehouse=code, orders=orders, by=TESTS)
    person = UserFactory(role="warehouse", warehouses=["ELSEWHERE"])
    with refused(NotFound):
        make_pick_list(warehouse=house(), orders=1, by=person.as_actor())
    assert not PickList.objects.exists()


def test_scans_are_counted_for_one_order_after_the_other_and_the_last_one_ends_the_list() -> None:
    product = buyable("MUG")
    type(product).objects.filter(pk=product.pk).update(barcode="4006381333931")
    first, second = paid(("MUG", 1)), paid(("MUG", 2))
    made, person = make(), UserFactory(role="warehouse")
    assert confirm_pick(list_id=made.pk, code=" mug ", by=person.as_actor()).order_id == first.pk
    made.refresh_from_db()
    assert (made.state, made.assigned_to) == ("picking", person)
    assert pick(made, "4006381333931").order_id == second.pk
    with refused(TooMany):
        pick(made, "MUG", quantity=2)
    pick(made, "MUG")
    made.refresh_from_db()
    assert made.state == "done"
    with refused(NotAllowedNow):
        pick(made, "MUG")


def test_a_wrong_scan_counts_nothing() -> None:
    buyable("MUG"), buyable("TEA")
    paid(("MUG", 1)), paid(("MUG", 1))
    made = make()
    for code in ("TEA", "", "4006381333931"):
        with refused(WrongItem):
            pick(made, code)
    first = made.tasks.order_by("pk").first()
    pick(made, "MUG", task_id=first.pk)
    with refused(WrongItem):
        pick(made, "MUG", task_id=first.pk)
    assert sum(made.tasks.values_list("picked", flat=True)) == 1


def test_a_short_pick_is_a_fact_and_leaves_the_order_open() -> None:
    buyable("MUG", quantity=5)
    order = paid(("MUG", 2))
    made = make()
    task = made.tasks.get()
    with refused(TooMany):
        short_pick(task_id=task.pk, quantity=3, reason="missing", by=TESTS)
    with refused(Invalid):
        short_pick(task_id=task.pk, quantity=1, reason="bored", by=TESTS)
    short_pick(task_id=task.pk, quantity=1, reason="damaged", by=TESTS)
    pick(made, "MUG")
    made.refresh_from_db()
    found = ShortPick.objects.get()
    assert (made.state, found.quantity, found.reason, found.order) == ("done", 1, "damaged", order)
    assert LogEntry.objects.filter(name="PickedShort", payload__short_pick_id=found.pk).count() == 1
    assert (StockLevel.objects.get().on_hand, StockLevel.objects.get().reserved) == (5, 2)
    pack_shipment(order_id=order.pk, lines={order.lines.get().pk: 1}, by=TESTS)
    assert fresh(order).fulfillment_status == "partially_packed"
    assert asked(make()) == [("MUG", 1)]


def test_what_was_short_waits_behind_the_others() -> None:
    buyable("MUG"), buyable("TEA")
    short, other = paid(("MUG", 1)), paid(("TEA", 1))
    promise(short, 1), promise(other, 5)
    short_at_bench(line_id=short.lines.get().pk, warehouse=house(), quantity=1, reason="missing", by=TESTS)
    assert asked(make(orders=1)) == [("TEA", 1)]


def test_what_the_bench_misses_is_taken_back_from_the_list() -> None:
    buyable("MUG")
    order = paid(("MUG", 2))
    made = make()
    pick(made, "MUG", quantity=2)
    line = order.lines.get().pk
    with refused(TooMany):
        short_at_bench(line_id=line, warehouse=house(), quantity=3, reason="missing", by=TESTS)
    short_at_bench(line_id=line, warehouse=house(), quantity=1, reason="missing", by=TESTS)
    task = made.tasks.get()
    assert (task.picked, task.short, task.closed_at) == (1, 1, None)
    pack_shipment(order_id=order.pk, lines={line: 1}, by=TESTS)
    assert made.tasks.get().closed_at is not None
    assert asked(make()) == [("MUG", 1)]


def test_packing_without_scanning_spares_the_walk() -> None:
    buyable("MUG")
    order = paid(("MUG", 2))
    made = make()
    pack_shipment(order_id=order.pk, by=TESTS)
    assert made.tasks.get().closed_at is not None
    with refused(WrongItem):
        pick(made, "MUG")
    finish_pick_list(list_id=made.pk, by=TESTS)
    with refused(NothingToPick):
        make()


def test_a_walk_that_ends_early_gives_back_what_was_not_fetched() -> None:
    buyable("MUG"), buyable("TEA")
    order = paid(("MUG", 3), ("TEA", 1))
    made = make()
    pick(made, "MUG")
    finish_pick_list(list_id=made.pk, by=TESTS)
    made.refresh_from_db()
    assert (made.state, asked(make())) == ("done", [("TEA", 1)])
    pack_shipment(order_id=order.pk, lines={order.lines.get(sku="MUG").pk: 1}, by=TESTS)
    assert asked(make()) == [("MUG", 2)]


def test_a_list_that_is_called_off_asks_for_nothing() -> None:
    buyable("MUG")
    paid(("MUG", 1))
    made = make()
    cancel_pick_list(list_id=made.pk, by=TESTS)
    made.refresh_from_db()
    assert made.state == "cancelled"
    with refused(NotAllowedNow):
        finish_pick_list(list_id=made.pk, by=TESTS)
    assert asked(make()) == [("MUG", 1)]


def test_nobody_fetches_what_was_cancelled_meanwhile() -> None:
    buyable("MUG")
    order = paid(("MUG", 2))
    made = make()
    cancel_order(order_id=order.pk, reason="test", lines={order.lines.get().pk: 1}, by=TESTS)
    assert made.tasks.get().left == 1
    cancel_order(order_id=order.pk, reason="test", by=TESTS)
    with refused(WrongItem):
        pick(made, "MUG")
