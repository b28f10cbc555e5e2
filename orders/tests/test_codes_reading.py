from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import UserFactory
from catalog.services import create_category
from orders.codes.customer import customer_key
from orders.codes.reading import read_codes
from orders.codes.services import change_code, update_campaign
from orders.pricing.terms import Window
from orders.tests.codes import campaign, code_of, use
from orders.tests.factories import TESTS, buyable, place

pytestmark = pytest.mark.django_db
ADA = "ada@example.com"


def reasons(*codes: str, email: str = ADA, user_id: int | None = None) -> list[str | None]:
    return [code.refusal and code.refusal[0] for code in read_codes(codes, email=email, user_id=user_id)]


def test_codes_come_in_the_order_given_each_once_however_they_are_written() -> None:
    campaign("ONE", "TWO")
    found = read_codes([" two", "One", "TWO", "gone"], email="", user_id=None)
    assert [code.code for code in found] == ["TWO", "ONE", "GONE"]
    assert found[2].refusal == ("unknown", "There is no code GONE.")


def test_terms_come_along() -> None:
    buyable("MUG")
    create_category(fields={"name": "Cups", "slug": "cups"}, by=TESTS)
    starts, ends = datetime(2030, 1, 1, tzinfo=UTC), datetime(2030, 2, 1, tzinfo=UTC)
    spring = campaign(
        currency="EUR", cap=Decimal(20), minimum_spend=Decimal(50), budget=Decimal(100), applies_to="lines", combines=False,
        skus=["MUG"], categories=["cups"], tags=["Tea time"], starts_at=starts, ends_at=ends,
    )  # fmt: skip
    use(place(), "SPRING", amount="7.50")
    (code,) = read_codes(["SPRING"], email="", user_id=None)
    assert (code.campaign_id, code.name, code.kind, code.percent) == (spring.pk, "Spring", "percent", 10)
    assert (code.currency, code.cap, code.minimum_spend, code.budget_left) == ("EUR", 20, 50, Decimal("92.50"))
    assert (code.on_lines, code.combines, code.buy_get, code.refusal) == (True, False, None, None)
    assert (code.goods.skus, code.goods.categories, code.goods.tags) == ({"MUG"}, {"cups"}, {"tea-time"})
    assert code.window == Window(starts, ends)


def test_buy_x_get_y_comes_along() -> None:
    campaign(kind="buy_x_get_y", percent=Decimal(100), buy_quantity=2, get_quantity=1, max_times=3, get_tags=["gift"])
    (code,) = read_codes(["SPRING"], email="", user_id=None)
    assert code.buy_get is not None
    assert (code.buy_get.buy, code.buy_get.get, code.buy_get.percent, code.buy_get.times) == (2, 1, 100, 3)
    assert code.buy_get.goods.tags == {"gift"}


def test_switched_off_codes_and_campaigns_are_refused() -> None:
    spring = campaign("ONE", "TWO")
    change_code(code_id=code_of("ONE").pk, changes={"active": False}, by=TESTS)
    assert reasons("ONE", "TWO") == ["inactive", None]
    update_campaign(campaign_id=spring.pk, fields={"active": False}, by=TESTS)
    assert reasons("ONE", "TWO") == ["inactive", "inactive"]


def test_a_code_used_up_is_refused() -> None:
    buyable("MUG")
    campaign(limit=1)
    assert reasons("SPRING") == [None]
    use(place(), "SPRING")
    assert reasons("SPRING") == ["limit_reached"]


def test_a_customer_who_has_used_it_is_refused_and_a_stranger_not_yet() -> None:
    buyable("MUG")
    campaign("ONE", "TWO", limit_per_customer=1)
    use(place(), "ONE", email=ADA)
    assert reasons("TWO", email="ADA@example.com") == ["used_before"]
    assert (reasons("TWO", email="bob@example.com"), reasons("TWO", email="")) == ([None], [None])


def test_two_codes_of_a_campaign_in_one_basket_are_two_uses() -> None:
    campaign("ONE", "TWO", "THREE", limit_per_customer=2)
    assert reasons("ONE", "TWO", "THREE") == [None, None, "used_before"]


def test_a_first_order_is_told_by_account_or_address() -> None:
    buyable("MUG")
    campaign(first_order_only=True)
    ada = UserFactory(email=ADA)
    assert reasons("SPRING", user_id=ada.pk) == [None]
    place(user=ada)
    assert reasons("SPRING", email="other@example.com", user_id=ada.pk) == ["not_first_order"]
    assert reasons("SPRING", email="Ada@Example.com") == ["not_first_order"]
    assert (reasons("SPRING", email="bob@example.com"), reasons("SPRING", email="")) == ([None], [None])


def test_however_many_codes_cost_three_statements_and_none_cost_none() -> None:
    create_category(fields={"name": "Cups", "slug": "cups"}, by=TESTS)
    names = [f"CODE-{n}" for n in range(20)]
    for name in names:
        campaign(name, categories=["cups"], first_order_only=True, limit_per_customer=1)
    with CaptureQueriesContext(connection) as queries:
        read_codes([*names, "UNKNOWN"], email=ADA, user_id=None)
    assert len(queries) == 3
    with CaptureQueriesContext(connection) as queries:
        assert read_codes([], email=ADA, user_id=None) == ()
    assert len(queries) == 0


def test_a_customer_is_known_by_a_digest_that_needs_the_key(settings) -> None:
    before = customer_key("Ada@BÜCHER.example ")
    assert before == customer_key("ada@xn--bcher-kva.example")
    assert (len(before), before == customer_key("bob@example.com")) == (64, False)
    settings.DISCOUNT_CUSTOMER_KEY = b"another"
    assert customer_key("ada@xn--bcher-kva.example") != before
