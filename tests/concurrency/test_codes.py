"""A code for one order under two hundred at once is used once; customers, budgets and first orders likewise."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from threading import Barrier

import pytest

from api.actors import Actor
from audit.verbs import verb
from orders.codes.redeem import Used, release_codes, reserve_again, reserve_codes
from orders.models import DiscountCode, DiscountRedemption, Order
from orders.services.read import lock_order
from orders.tests.codes import broken, campaign, counted
from orders.tests.factories import TESTS, buyable, place
from tests.concurrency.racing import at_once, outcomes

pytestmark = pytest.mark.django_db(transaction=True)
ONE = Decimal(1)


def orders_with(count: int, *codes: str) -> list[int]:
    """Orders that were placed and are to use these codes now."""
    buyable("MUG", quantity=count)
    placed = [place().pk for _ in range(count)]
    Order.objects.update(discount_codes=list(codes or ["SPRING"]))
    return placed


@verb
def use(*, order_id: int, email: str = "guest@example.com", by: Actor = TESTS) -> None:
    order = lock_order(order_id)
    reserve_codes(order, [Used(code, ONE) for code in order.discount_codes], email=email)


@verb
def give_back(*, order_id: int, by: Actor = TESTS) -> None:
    release_codes(lock_order(order_id))


@verb
def take_again(*, order_id: int, by: Actor = TESTS) -> None:
    reserve_again(lock_order(order_id))


def uses(orders: list[int], email: Callable[[int], str]) -> list[Callable[[], None]]:
    return [partial(use, order_id=pk, email=email(pk), by=TESTS) for pk in orders]


def own(pk: int) -> str:
    return f"c{pk}@example.com"


def same(pk: int) -> str:
    return "ada@example.com"


@verb
def without_the_condition(*, order_id: int, meet: Barrier, by: Actor) -> None:
    """The same use as it must not be written: look, as the other does, then write what was seen and one."""
    code = DiscountCode.objects.select_related("campaign").get()
    if code.limit is not None and code.uses >= code.limit:
        return
    meet.wait(timeout=30)
    now = Order.objects.get(pk=order_id).created_at
    DiscountRedemption.objects.create(
        code=code, order_id=order_id, customer=f"c{order_id}", amount=ONE, created_at=now, changed_at=now
    )
    DiscountCode.objects.filter(pk=code.pk).update(uses=code.uses + 1)


def test_a_code_for_one_order_is_used_in_one_of_two_hundred() -> None:
    orders = orders_with(200)
    campaign(limit=1)
    counts = outcomes(at_once(uses(orders, own), threads=25))
    assert counts == {"done": 1, "code_not_applicable": 199}
    assert counted() == (1, ONE, [1])
    assert (DiscountRedemption.objects.count(), broken()) == (1, [])


def test_control_without_the_condition_it_is_used_in_several() -> None:
    orders, meet = orders_with(2), Barrier(2)
    campaign(limit=1)
    at_once([partial(without_the_condition, order_id=pk, meet=meet, by=TESTS) for pk in orders])
    assert DiscountRedemption.objects.count() == 2
    assert "orders.code_uses" in broken()


def test_a_customer_uses_it_once_in_twenty_orders_at_once() -> None:
    orders = orders_with(20)
    campaign(limit_per_customer=1)
    assert outcomes(at_once(uses(orders, same), threads=20)) == {"done": 1, "code_not_applicable": 19}
    assert (counted(), broken()) == ((1, ONE, [1]), [])


def test_a_budget_for_seven_gives_seven() -> None:
    orders = orders_with(40)
    campaign(currency="EUR", budget=Decimal("7.50"))
    assert outcomes(at_once(uses(orders, own), threads=20)) == {"done": 7, "code_not_applicable": 33}
    assert (counted()[:2], broken()) == ((7, Decimal(7)), [])


def test_of_first_orders_at_once_one_is_the_first() -> None:
    buyable("MUG", quantity=20)
    campaign(first_order_only=True)

    @verb
    def place_first(*, by: Actor) -> None:
        # As it is placed: the order is written, then its codes are counted.
        order = place()
        order.discount_codes = ["SPRING"]
        order.save(update_fields=["discount_codes"])
        reserve_codes(order, [Used("SPRING", ONE)], email="guest@example.com")

    assert outcomes(at_once([partial(place_first, by=TESTS)] * 20, threads=20)) == {
        "done": 1,
        "code_not_applicable": 19,
    }
    assert (Order.objects.count(), counted(), broken()) == (1, (1, ONE, [1]), [])


def test_what_is_given_back_can_be_used_again() -> None:
    first, *others = orders_with(21)
    campaign(limit=1)
    use(order_id=first, by=TESTS)
    at_once([partial(give_back, order_id=first, by=TESTS)] * 10)
    assert counted() == (0, Decimal(0), [0])
    assert outcomes(at_once(uses(others, own), threads=20)) == {"done": 1, "code_not_applicable": 19}
    assert (counted()[0], broken()) == (1, [])


def test_uses_of_two_campaigns_given_back_and_taken_again_at_once_neither_block_nor_lose_one() -> None:
    """The codes are named against the order of the campaigns: whoever locks as they are named blocks another."""
    orders = orders_with(40, "LATE", "EARLY")
    campaign("EARLY", name="Early")
    campaign("LATE", name="Late")
    for pk in orders[:20]:
        use(order_id=pk, email=own(pk), by=TESTS)
    works: list[Callable[[], None]] = []
    for old, new in zip(orders[:20], orders[20:], strict=True):
        works += [partial(give_back, order_id=old, by=TESTS), *uses([new], own)]
    assert outcomes(at_once(works, threads=20)) == {"done": 40}
    assert (counted("EARLY")[:2], counted("LATE")[:2]) == ((20, Decimal(20)), (20, Decimal(20)))
    assert outcomes(at_once([partial(take_again, order_id=pk, by=TESTS) for pk in orders[:20]] * 2)) == {"done": 40}
    assert (counted("EARLY")[0], counted("LATE")[0], broken()) == (40, 40, [])
