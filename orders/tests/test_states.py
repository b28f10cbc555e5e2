from decimal import Decimal
from itertools import product

import pytest

from orders.states import (
    FulfillmentStatus,
    Paid,
    PaymentStatus,
    ReturnStatus,
    Status,
    Units,
    fulfillment_status,
    order_status,
    payment_status,
    return_status,
)


def money(
    *, total: int = 100, due: int | None = None, authorized: int = 0, captured: int = 0, refunded: int = 0
) -> Paid:
    values = (total, total if due is None else due, authorized, captured, refunded)
    return Paid(*(Decimal(value) for value in values))


PAID = money(authorized=100, captured=100)


@pytest.mark.parametrize(
    ("units", "paid", "status"),
    [
        (Units(3), money(), Status.PENDING),
        (Units(3), money(captured=99), Status.PENDING),
        (Units(3), PAID, Status.PAID),
        (Units(3, packed=2), PAID, Status.PAID),
        (Units(3, packed=3), PAID, Status.PACKED),
        (Units(3, packed=3, shipped=2), PAID, Status.PACKED),
        (Units(3, packed=3, shipped=3), PAID, Status.SHIPPED),
        (Units(3, packed=3, shipped=3, delivered=3), PAID, Status.DELIVERED),
        (Units(3, packed=3, shipped=3, delivered=3, returned=2), PAID, Status.DELIVERED),
        (Units(3, packed=3, shipped=3, delivered=3, returned=3), PAID, Status.RETURNED),
        (Units(3, cancelled=3), PAID, Status.CANCELLED),
        (Units(3, cancelled=1, packed=2, shipped=2), PAID, Status.SHIPPED),
    ],
)
def test_the_status_is_the_stage_all_live_units_have_reached(units: Units, paid: Paid, status: Status) -> None:
    assert order_status(units, paid) == status


@pytest.mark.parametrize(
    ("paid", "status"),
    [
        (money(), PaymentStatus.UNPAID),
        (money(authorized=100), PaymentStatus.AUTHORIZED),
        (money(authorized=50), PaymentStatus.UNPAID),
        (money(captured=1), PaymentStatus.PARTIALLY_PAID),
        (money(captured=100), PaymentStatus.PAID),
        (money(due=60, captured=60), PaymentStatus.PAID),
        (money(captured=100, refunded=1), PaymentStatus.PARTIALLY_REFUNDED),
        (money(captured=100, refunded=100), PaymentStatus.REFUNDED),
        (money(total=0), PaymentStatus.PAID),
        (money(due=0), PaymentStatus.UNPAID),
    ],
)
def test_the_payment_status_follows_from_the_sums(paid: Paid, status: PaymentStatus) -> None:
    assert payment_status(paid) == status


@pytest.mark.parametrize(
    ("units", "status"),
    [
        (Units(2), FulfillmentStatus.UNFULFILLED),
        (Units(2, packed=1), FulfillmentStatus.PARTIALLY_PACKED),
        (Units(2, packed=2), FulfillmentStatus.PACKED),
        (Units(2, packed=2, shipped=1), FulfillmentStatus.PARTIALLY_SHIPPED),
        (Units(2, packed=2, shipped=2, delivered=1), FulfillmentStatus.PARTIALLY_DELIVERED),
        (Units(2, cancelled=1, packed=1, shipped=1, delivered=1), FulfillmentStatus.DELIVERED),
        (Units(2, cancelled=2), FulfillmentStatus.UNFULFILLED),
    ],
)
def test_the_fulfillment_status_names_the_furthest_stage(units: Units, status: FulfillmentStatus) -> None:
    assert fulfillment_status(units) == status


def test_an_open_return_shows_until_units_came_back() -> None:
    delivered = Units(2, packed=2, shipped=2, delivered=2)
    assert return_status(delivered, open_returns=False) == ReturnStatus.NONE
    assert return_status(delivered, open_returns=True) == ReturnStatus.REQUESTED
    part = Units(2, packed=2, shipped=2, delivered=2, returned=1)
    assert return_status(part, open_returns=True) == ReturnStatus.PARTIALLY_RETURNED
    whole = Units(2, packed=2, shipped=2, delivered=2, returned=2)
    assert return_status(whole, open_returns=False) == ReturnStatus.RETURNED


def test_a_further_unit_at_a_stage_never_takes_the_status_back() -> None:
    rank = list(Status)[:6]
    for ordered, cancelled in product(range(1, 5), range(4)):
        live = ordered - cancelled
        stages = [
            Units(ordered, cancelled, packed, shipped, delivered, returned)
            for packed in range(live + 1)
            for shipped in range(packed + 1)
            for delivered in range(shipped + 1)
            for returned in range(delivered + 1)
        ]
        for one, other in product(stages, stages):
            if live > 0 and all(
                getattr(one, s) <= getattr(other, s) for s in ("packed", "shipped", "delivered", "returned")
            ):
                assert rank.index(order_status(one, PAID)) <= rank.index(order_status(other, PAID))
