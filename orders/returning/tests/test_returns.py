"""Returns by rules, received unit by unit, with what to refund and what to send instead."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.tests.factories import UserFactory
from catalog.models import Category, Product
from inventory.models import StockLevel, StockMovement
from inventory.tests.checks import refused
from inventory.tests.factories import WarehouseFactory
from kernel.errors import Invalid, NotAllowedNow, NotFound
from orders.models import Order, OrderTransition, Return, ReturnRule, ReturnUnit
from orders.reading import read_order
from orders.returning.refunds import suggestions
from orders.returning.rules import chances
from orders.services import (
    Arrival,
    Swap,
    Totals,
    Wish,
    approve_return,
    cancel_order,
    cancel_shipment,
    deliver_shipment,
    exchange_return,
    pack_shipment,
    receive_return,
    record_payment_totals,
    request_return,
    restock_refurbished,
    ship_shipment,
    write_off_refurbished,
)
from orders.tests.factories import TESTS, buyable, delivered, fresh, paid

pytestmark = pytest.mark.django_db


def line_of(order: Order) -> int:
    return order.lines.first().pk


def asked(order: Order, units: int = 1, reason: str = "changed_mind", **more) -> Return:
    return request_return(order_id=order.pk, wishes=[Wish(line_of(order), units, reason)], by=TESTS, **more)


def approved(order: Order, units: int = 1, reason: str = "changed_mind") -> Return:
    return approve_return(return_id=asked(order, units, reason).pk, by=TESTS)


def receive(ret: Return, *arrivals: Arrival, **more) -> Return:
    return receive_return(return_id=ret.pk, arrivals=arrivals, by=more.pop("by", TESTS), **more)


def came(order: Order, units: int = 1, restock: bool = True, condition: str = "new", **more) -> Arrival:
    return Arrival(line_of(order), units, condition, restock, **more)


def suggested(order: Order) -> list[str]:
    return [str(found.amount) for found in suggestions(read_order(order.pk)).values()]


def refund(order: Order, amount: Decimal) -> None:
    captured = fresh(order).captured_total
    totals = Totals(authorized=captured, captured=captured, refunded=amount)
    record_payment_totals(order_id=order.pk, totals=totals, by=TESTS)


def rule(**fields) -> ReturnRule:
    terms = fields.pop("terms", {})
    made = ReturnRule.objects.create(name="A rule", **fields)
    for reason, values in terms.items():
        made.terms.create(reason=reason, **values)
    return made


def exchanged(order: Order) -> Order:
    """The order that replaces its unit, delivered as well."""
    ret = receive(approved(order), came(order))
    ret = exchange_return(return_id=ret.pk, swaps=[Swap(line_of(order), 1)], by=TESTS)
    package = pack_shipment(order_id=ret.exchange_order_id, by=TESTS)
    ship_shipment(shipment_id=package.pk, by=TESTS)
    deliver_shipment(shipment_id=package.pk, by=TESTS)
    return fresh(ret.exchange_order)


def written_off(unit: ReturnUnit, disposition: str = "scrap") -> ReturnUnit:
    return write_off_refurbished(unit_id=unit.pk, disposition=disposition, by=TESTS)


def on_hand(warehouse: str | None = None) -> int:
    levels = StockLevel.objects.filter(warehouse__code=warehouse) if warehouse else StockLevel.objects.all()
    return sum(levels.values_list("on_hand", flat=True))


def test_units_of_a_line_go_where_they_belong() -> None:
    buyable("MUG", quantity=10)
    order = delivered(("MUG", 5))
    ret = receive(
        approved(order, 5),
        came(order, 2),
        came(order, 1, False, "opened", disposition="refurbish"),
        came(order, 1, False, "damaged", disposition="scrap"),
        came(order, 1, False, "damaged", disposition="back_to_supplier"),
    )
    part = fresh(order).returns.get().lines.get()
    assert (ret.status, part.received, part.restocked, part.condition) == ("received", 5, 2, "damaged")
    assert [unit.disposition for unit in part.units.all()] == ["restock", "refurbish", "scrap", "back_to_supplier"]
    assert on_hand() == 7
    assert StockMovement.objects.get(kind="returned").delta == 2


def test_refurbished_units_go_on_sale_once() -> None:
    buyable("MUG", quantity=10)
    order = delivered(("MUG", 1))
    receive(approved(order), came(order, 1, False, "opened"))
    unit = ReturnUnit.objects.get()
    assert (unit.disposition, on_hand()) == ("refurbish", 9)
    restock_refurbished(unit_id=unit.pk, by=TESTS)
    assert on_hand() == 10
    with refused(NotAllowedNow):
        restock_refurbished(unit_id=unit.pk, by=TESTS)
    assert (on_hand(), fresh(order).returns.get().lines.get().restocked) == (10, 1)


@pytest.mark.parametrize("disposition", ["scrap", "back_to_supplier"])
def test_units_that_cannot_be_refurbished_are_written_off_once(disposition) -> None:
    buyable("MUG", quantity=10)
    order = delivered(("MUG", 1))
    receive(approved(order), came(order, 1, False, "opened"))
    unit, version = ReturnUnit.objects.get(), fresh(order).version
    write_off_refurbished(unit_id=unit.pk, disposition=disposition, by=TESTS)
    unit.refresh_from_db()
    assert (unit.disposition, unit.restocked_at, on_hand()) == (disposition, None, 9)
    assert unit.history.first().changed == ["disposition"]
    step = OrderTransition.objects.get(order=order, version=version + 1)
    assert (step.verb, step.actor) == ("write_off_refurbished", str(TESTS))
    for again in (lambda: restock_refurbished(unit_id=unit.pk, by=TESTS), lambda: written_off(unit)):
        with refused(NotAllowedNow):
            again()
    assert (on_hand(), fresh(order).version) == (9, version + 1)


@pytest.mark.parametrize("disposition", ["restock", "refurbish", "sold"])
def test_what_is_written_off_is_scrapped_or_goes_back(disposition) -> None:
    buyable("MUG", quantity=10)
    order = delivered(("MUG", 1))
    receive(approved(order), came(order, 1, False, "opened"))
    with refused(Invalid):
        written_off(ReturnUnit.objects.get(), disposition)
    assert ReturnUnit.objects.get().disposition == "refurbish"


@pytest.mark.parametrize("disposition", ["restock", "scrap"])
def test_what_is_restocked_has_that_disposition_and_nothing_else_has(disposition) -> None:
    buyable("MUG", quantity=10)
    order = delivered(("MUG", 1))
    ret = approved(order)
    with refused(Invalid):
        receive(ret, came(order, 1, disposition != "restock", disposition=disposition))
    assert (fresh(order).returns.get().status, ReturnUnit.objects.count()) == ("approved", 0)


def test_it_is_put_away_where_it_arrived() -> None:
    buyable("MUG", quantity=10)
    other = WarehouseFactory.create()
    order = delivered(("MUG", 1))
    receive(approved(order), came(order), warehouse=other.code)
    assert (on_hand(other.code), on_hand()) == (1, 10)


def test_limited_staff_receive_in_their_own_warehouses_only() -> None:
    buyable("MUG", quantity=10)
    mine, theirs = WarehouseFactory.create(), StockLevel.objects.get().warehouse
    limited = UserFactory.create(role="warehouse", warehouses=[mine.code]).as_actor()
    order = delivered(("MUG", 2))
    ret = approved(order, 1)
    with refused(NotFound):
        receive(ret, came(order), warehouse=theirs.code, by=limited)
    assert on_hand() == 8
    receive(ret, came(order), by=limited)
    assert on_hand(mine.code) == 1


def test_the_nearest_rule_holds() -> None:
    buyable("MUG", quantity=10)
    rule(window_days=10)
    cups = Category.objects.create(slug="cups", name="Cups", path="cups/")
    order = delivered(("MUG", 1))
    assert [chance.rule.window.days for chance in chances(fresh(order))] == [10]
    Product.objects.update(category=cups)
    rule(category=cups, window_days=20)
    assert [chance.rule.window.days for chance in chances(fresh(order))] == [20]
    rule(product=Product.objects.get(), returnable=False)
    assert [chance.why_not for chance in chances(fresh(order))] == ["not_returnable"]


def test_what_is_not_returnable_is_refused_unless_staff_say_why() -> None:
    buyable("MUG", quantity=10)
    rule(returnable=False)
    order = delivered(("MUG", 1))
    with refused(NotAllowedNow):
        asked(order)
    assert not Return.objects.exists()
    assert asked(order, override="Promised on the phone").override == "Promised on the phone"


def test_a_closed_window_says_when_it_ended() -> None:
    buyable("MUG", quantity=10)
    rule(window_days=14)
    order = delivered(("MUG", 1))
    Order.objects.update(delivered_at=timezone.now() - timedelta(days=15))
    with pytest.raises(NotAllowedNow, match="until") as late:
        asked(order)
    assert late.value.extra["return_until"] < timezone.now()


def test_a_reason_can_be_approved_at_once_up_to_a_worth() -> None:
    buyable("MUG", quantity=10, price="10.00")
    rule(auto_approve_up_to=Decimal("13.00"), currency="EUR", terms={"damaged": {"auto_approve": True}})
    order = delivered(("MUG", 3))
    assert asked(order, 1, "damaged").status == "approved"
    assert asked(order, 1, "other").status == "requested"
    order = delivered(("MUG", 3))
    assert asked(order, 3, "damaged").status == "requested"


def test_a_fee_is_kept_and_can_be_waived() -> None:
    buyable("MUG", quantity=10, price="10.00")
    rule(currency="EUR", terms={"changed_mind": {"fee_percent": Decimal(10), "fee_amount": Decimal(1)}})
    order = delivered(("MUG", 4))
    unit = order.lines.get().total / 4
    first = receive(approved(order, 1), came(order))
    assert first.fee == unit / 10 + 1
    assert suggested(order) == [str(unit - first.fee)]
    assert receive(approved(order, 1), came(order), fee=Decimal("0.00")).fee == 0
    ret = approved(order, 1)
    with refused(Invalid):
        receive(ret, came(order), fee=unit + Decimal("0.01"))


def test_shipping_goes_back_with_the_last_unit() -> None:
    buyable("MUG", quantity=10, price="10.00")
    order = delivered(("MUG", 2))
    receive(approved(order, 1), came(order))
    receive(approved(order, 1), came(order))
    assert [ret.shipping > 0 for ret in fresh(order).returns.all()] == [False, True]
    assert sum(map(Decimal, suggested(order))) == order.total


def test_an_exchange_costs_nothing_takes_stock_and_replaces_the_refund() -> None:
    buyable("MUG", quantity=10, price="10.00")
    order = delivered(("MUG", 2))
    ret = receive(approved(order, 2), came(order, 2, False, "damaged"))
    ret = exchange_return(return_id=ret.pk, swaps=[Swap(line_of(order), 1)], by=TESTS)
    exchange = fresh(ret.exchange_order)
    assert (exchange.total, exchange.status, exchange.payment_status) == (0, "paid", "paid")
    assert (exchange.lines.get().unit_price, exchange.lines.get().total) == (Decimal(10), 0)
    assert StockLevel.objects.get().reserved == 1
    assert Decimal(suggested(order)[0]) == order.total - order.lines.get().total / 2
    with refused(NotAllowedNow):
        exchange_return(return_id=ret.pk, swaps=[Swap(line_of(order), 1)], by=TESTS)
    cancel_order(order_id=exchange.pk, reason="Rather the money", by=TESTS)
    assert Decimal(suggested(order)[0]) == order.total


def test_an_exchange_that_is_exchanged_in_turn_still_replaces_the_refund() -> None:
    buyable("MUG", quantity=10, price="10.00")
    order = delivered(("MUG", 2))
    first = exchanged(order)
    assert not Decimal(suggested(order)[0])
    receive(approved(first), came(first))
    assert Decimal(suggested(order)[0]) == order.lines.get().total / 2
    second = exchange_return(return_id=first.returns.get().pk, swaps=[Swap(line_of(first), 1)], by=TESTS).exchange_order
    assert not Decimal(suggested(order)[0])
    cancel_order(order_id=second.pk, reason="Rather the money", by=TESTS)
    assert Decimal(suggested(order)[0]) == order.lines.get().total / 2


def test_nothing_is_sent_for_units_whose_money_has_gone_back() -> None:
    buyable("MUG", quantity=10, price="10.00")
    order = delivered(("MUG", 3))
    ret = receive(approved(order, 2), came(order, 2))
    refund(order, order.lines.get().total / 3)
    before = Order.objects.count()
    with refused(NotAllowedNow):
        exchange_return(return_id=ret.pk, swaps=[Swap(line_of(order), 2)], by=TESTS)
    assert (Order.objects.count(), StockLevel.objects.get().reserved) == (before, 0)
    exchange_return(return_id=ret.pk, swaps=[Swap(line_of(order), 1)], by=TESTS)
    assert not Decimal(suggested(order)[0])


def test_nothing_is_sent_for_an_exchange_that_came_back_and_was_refunded_with_its_first_order() -> None:
    buyable("MUG", quantity=10, price="10.00")
    order = delivered(("MUG", 2))
    first = exchanged(order)
    ret = receive(approved(first), came(first))
    refund(order, Decimal(suggested(order)[0]))
    before = Order.objects.count()
    with refused(NotAllowedNow):
        exchange_return(return_id=ret.pk, swaps=[Swap(line_of(first), 1)], by=TESTS)
    assert Order.objects.count() == before


def test_only_a_variant_is_sent_in_exchange() -> None:
    buyable("MUG", quantity=10)
    buyable("POT", quantity=10)
    order = delivered(("MUG", 1))
    ret = receive(approved(order), came(order))
    before = Order.objects.count()
    with refused(Invalid):
        exchange_return(return_id=ret.pk, swaps=[Swap(line_of(order), 1, "POT")], by=TESTS)
    assert Order.objects.count() == before


def test_a_cancelled_order_gives_its_stock_back_by_itself() -> None:
    buyable("MUG", quantity=5)
    cancel_order(order_id=paid(("MUG", 2)).pk, reason="Twice", by=TESTS)
    assert StockLevel.objects.get().available == 5
    order = paid(("MUG", 2))
    package = pack_shipment(order_id=order.pk, by=TESTS)
    cancel_shipment(shipment_id=package.pk, by=TESTS)
    cancel_order(order_id=order.pk, reason="Twice", by=TESTS)
    level = StockLevel.objects.get()
    assert (level.on_hand, level.reserved, level.available) == (5, 0, 5)
