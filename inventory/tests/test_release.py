import pytest

from inventory.errors import NotReserved
from inventory.models import Reservation
from inventory.services import Want, release, reserve
from inventory.tests.checks import broken_rules, counters, states
from inventory.tests.factories import WarehouseFactory, stock

pytestmark = pytest.mark.django_db


def promise(order_id, *wants):
    return reserve(order_id=order_id, wants=[Want(*want) for want in wants], expires_at=None)


def test_gives_back_all_of_an_order_and_only_of_that():
    level = stock("A", 10)
    promise(7, (71, "A", 3), (72, "A", 2))
    promise(8, (81, "A", 1))
    assert release(order_id=7) == 5
    assert counters(level) == (10, 1)
    assert states(7) == [(71, "released", 3), (72, "released", 2)]
    assert states(8) == [(81, "committed", 1)]


def test_giving_back_again_changes_nothing():
    level = stock("A", 10)
    promise(7, (71, "A", 3))
    release(order_id=7)
    assert release(order_id=7) == 0
    assert counters(level) == (10, 0)
    assert not broken_rules()


def test_a_part_gets_a_row_of_its_own():
    level = stock("A", 10)
    promise(7, (71, "A", 3))
    assert release(order_id=7, quantities={71: 1}) == 1
    assert counters(level) == (10, 2)
    assert states(7) == [(71, "committed", 2), (71, "released", 1)]


def test_takes_the_part_from_the_reservation_made_last():
    first, second = WarehouseFactory(priority=1), WarehouseFactory(priority=2)
    near, far = stock("A", 3, warehouse=first), stock("A", 3, warehouse=second)
    promise(7, (71, "A", 5))
    release(order_id=7, quantities={71: 3})
    assert (counters(near), counters(far)) == ((3, 2), (3, 0))


def test_spares_units_that_are_in_a_package_already():
    first, second = WarehouseFactory(priority=1), WarehouseFactory(priority=2)
    near, far = stock("A", 3, warehouse=first), stock("A", 3, warehouse=second)
    promise(7, (71, "A", 5))
    release(order_id=7, quantities={71: 3}, keep={second.pk: {71: 1}})
    assert (counters(near), counters(far)) == ((3, 1), (3, 1))
    with pytest.raises(NotReserved):
        release(order_id=7, quantities={71: 1}, keep={first.pk: {71: 1}, second.pk: {71: 1}})
    assert (counters(near), counters(far)) == ((3, 1), (3, 1))


def test_refuses_more_than_is_reserved_and_touches_nothing():
    level = stock("A", 10)
    promise(7, (71, "A", 3), (72, "A", 2))
    with pytest.raises(NotReserved):
        release(order_id=7, quantities={71: 1, 72: 3})
    assert counters(level) == (10, 5)
    assert states(7) == [(71, "committed", 3), (72, "committed", 2)]


@pytest.mark.parametrize("lines", [1, 40])
def test_costs_four_statements_whatever_the_lines(django_assert_num_queries, lines):
    for n in range(lines):
        stock(f"S{n}", 2)
    promise(7, *((n, f"S{n}", 2) for n in range(lines)))
    with django_assert_num_queries(4):
        release(order_id=7, quantities=dict.fromkeys(range(lines), 1))
    with django_assert_num_queries(3):
        release(order_id=7)
    assert not Reservation.objects.open().exists()
    assert not broken_rules()
