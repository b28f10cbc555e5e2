from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import UserFactory
from orders.codes.redeem import confirm_codes, release_codes, reserve_again, reserve_codes
from orders.codes.services import change_code, update_campaign
from orders.errors import CodeNotApplicable
from orders.models import DiscountRedemption
from orders.services import cancel_order
from orders.tests.codes import broken, campaign, code_of, counted, states, use
from orders.tests.factories import TESTS, buyable, fresh, pay, place

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def mugs() -> None:
    buyable("MUG", quantity=100)


def refused(order, *codes, **how) -> tuple[str, str]:
    """The reason and the field with which a use is refused; nothing of it is kept."""
    before = DiscountRedemption.objects.count()
    with pytest.raises(CodeNotApplicable) as refusal, transaction.atomic():
        use(order, *codes, **how)
    assert DiscountRedemption.objects.count() == before
    return refusal.value.extra["reason"], refusal.value.problems[0].field


def test_a_use_is_counted_for_the_code_the_campaign_and_the_customer() -> None:
    campaign(currency="EUR", budget=Decimal(50))
    order = place()
    use(order, "SPRING", amount="2.50")
    assert counted() == (1, Decimal("2.50"), [1])
    (row,) = DiscountRedemption.objects.all()
    assert (row.state, row.amount, row.order_id, len(row.customer)) == ("reserved", Decimal("2.50"), order.pk, 64)
    assert "guest" not in row.customer
    assert broken() == []


def test_a_code_is_used_as_often_as_its_limit_says() -> None:
    campaign(limit=2)
    use(place(), "SPRING", email="a@example.com")
    use(place(), "SPRING", email="b@example.com")
    assert refused(place(), "SPRING", email="c@example.com") == ("limit_reached", "discount_codes.0")
    assert counted() == (2, Decimal(2), [1, 1])


def test_a_customer_uses_a_campaign_as_often_as_its_limit_says_however_they_write_their_address() -> None:
    campaign("ONE", "TWO", limit_per_customer=1)
    use(place(), "ONE", email="Ada@Example.com")
    assert refused(place(), "TWO", email=" ada@example.COM") == ("used_before", "discount_codes.0")
    use(place(), "TWO", email="bob@example.com")
    assert (counted("ONE"), counted("TWO")[0]) == ((1, Decimal(2), [1, 1]), 1)


def test_a_budget_is_never_exceeded() -> None:
    campaign(currency="EUR", budget=Decimal("2.50"))
    use(place(), "SPRING", amount="1.50")
    assert refused(place(), "SPRING", amount="1.01") == ("budget_spent", "discount_codes.0")
    use(place(), "SPRING", amount="1.00")
    assert counted() == (2, Decimal("2.50"), [2])
    assert broken() == []


def test_a_code_or_campaign_that_was_switched_off_meanwhile_is_refused() -> None:
    spring, order = campaign(), place()
    change_code(code_id=code_of().pk, changes={"active": False}, by=TESTS)
    assert refused(order, "SPRING") == ("inactive", "discount_codes.0")
    change_code(code_id=code_of().pk, changes={"active": True}, by=TESTS)
    update_campaign(campaign_id=spring.pk, fields={"active": False}, by=TESTS)
    assert refused(order, "SPRING") == ("inactive", "discount_codes.0")


def test_of_several_codes_all_are_used_or_none() -> None:
    campaign("GOOD", name="Good")
    campaign("FULL", name="Full", limit=1)
    use(place(), "FULL")
    assert refused(place(), "GOOD", "FULL") == ("limit_reached", "discount_codes.1")
    assert (counted("GOOD"), counted("FULL")[0]) == ((0, Decimal(0), []), 1)


def test_a_first_order_is_the_first_of_the_account_and_of_the_address() -> None:
    campaign(first_order_only=True)
    ada = UserFactory(email="ada@example.com")
    use(place(user=ada), "SPRING", email=ada.email)
    assert refused(place(user=ada), "SPRING", email="other@example.com") == ("not_first_order", "discount_codes.0")
    guests = place()
    assert counted()[0] == 1
    use(guests, "SPRING", email="guest@example.com")
    assert refused(place(), "SPRING", email="Guest@example.com") == ("not_first_order", "discount_codes.0")


def test_a_cancelled_order_was_no_first_order() -> None:
    campaign(first_order_only=True)
    cancel_order(order_id=place().pk, reason="x", by=TESTS)
    use(place(), "SPRING")
    assert counted()[0] == 1


def test_payment_confirms_and_cancelling_gives_back_once() -> None:
    campaign(currency="EUR", budget=Decimal(50))
    order = place()
    use(order, "SPRING", amount="3.00")
    pay(order)
    assert (states(order), counted()) == (["confirmed"], (1, Decimal(3), [1]))
    cancel_order(order_id=order.pk, reason="x", by=TESTS)
    assert (states(order), counted()) == (["released"], (0, Decimal(0), [0]))
    release_codes(fresh(order))
    assert counted() == (0, Decimal(0), [0])
    assert broken() == []


def test_several_codes_of_one_campaign_are_given_back_together() -> None:
    campaign("ONE", "TWO")
    order = place()
    use(order, "ONE", "TWO", amount="2.00")
    assert counted("ONE") == (1, Decimal(4), [2])
    release_codes(order)
    assert (counted("ONE"), counted("TWO")) == ((0, Decimal(0), [0]), (0, Decimal(0), [0]))
    assert broken() == []


def test_a_revived_order_takes_its_codes_again() -> None:
    campaign(limit=1)
    order = place()
    use(order, "SPRING")
    release_codes(order)
    reserve_again(order)
    assert (states(order), counted()) == (["reserved"], (1, Decimal(1), [1]))
    assert broken() == []


def test_a_revived_order_whose_code_is_used_up_is_refused() -> None:
    campaign(limit=1)
    order = place()
    use(order, "SPRING")
    release_codes(order)
    use(place(), "SPRING", email="faster@example.com")
    with pytest.raises(CodeNotApplicable) as refusal, transaction.atomic():
        reserve_again(order)
    assert refusal.value.extra["reason"] == "limit_reached"
    assert (states(order), counted()) == (["released"], (1, Decimal(1), [0, 1]))
    assert broken() == []


def test_orders_without_codes_cost_no_statement() -> None:
    order = place()
    with CaptureQueriesContext(connection) as queries:
        reserve_codes(order, [], email="a@example.com")
        confirm_codes(order)
        release_codes(order)
        reserve_again(order)
    assert len(queries) == 0


def test_a_code_costs_two_statements_and_one_more_where_first_orders_count() -> None:
    campaign("PLAIN", name="Plain")
    campaign("FIRST", name="First", first_order_only=True)
    counts = []
    for code in ("PLAIN", "FIRST"):
        order = place()
        order.discount_codes = [code]
        with CaptureQueriesContext(connection) as queries:
            use(order, code, email=f"{code}@example.com")
        counts.append(len(queries) - 1)  # `use` notes the codes on the order
    assert counts == [2, 3]
