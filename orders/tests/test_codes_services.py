from decimal import Decimal
from itertools import cycle
from typing import Any

import pytest
from django.db import connection, transaction

from kernel.errors import Invalid, NotAllowedNow, NotFound, Refused, StaleVersion
from orders.codes.making import ALPHABET, insert_drawn
from orders.codes.redeem import release_codes
from orders.codes.services import (
    NewCode,
    add_code,
    change_code,
    create_campaign,
    create_codes,
    delete_code,
    update_campaign,
)
from orders.models import DiscountCampaign, DiscountCode
from orders.tests.codes import TERMS, broken, campaign, code_of, counted, use
from orders.tests.factories import TESTS, buyable, place

pytestmark = pytest.mark.django_db
EUR: dict[str, Any] = {"currency": "EUR"}
BUY: dict[str, Any] = {"kind": "buy_x_get_y", "buy_quantity": 2, "get_quantity": 1}


def wrong_fields(**terms: Any) -> set[str]:
    """The fields that are refused; no campaign is made."""
    with pytest.raises(Invalid) as refusal, transaction.atomic():
        create_campaign(fields=TERMS | terms, by=TESTS)
    assert not DiscountCampaign.objects.exists()
    assert all(problem.detail.endswith((".", "?")) for problem in refusal.value.problems)
    return {problem.field for problem in refusal.value.problems}


@pytest.mark.parametrize(
    ("terms", "fields"),
    [
        ({"name": " "}, {"name"}),
        ({"kind": "half_off"}, {"kind", "percent"}),
        ({"percent": None}, {"percent"}),
        ({"percent": Decimal(101)}, {"percent"}),
        ({"percent": Decimal(0)}, {"percent"}),
        ({"kind": "free_shipping"}, {"percent"}),
        ({"kind": "fixed", "percent": None}, {"amount"}),
        ({"kind": "fixed", "percent": None, "amount": Decimal(5)}, {"currency"}),
        ({"kind": "fixed", "percent": None, "amount": Decimal("5.001")} | EUR, {"amount"}),
        ({"kind": "fixed", "percent": None, "amount": Decimal(10) ** 12} | EUR, {"amount"}),
        ({"currency": "EUX"}, {"currency"}),
        ({"cap": Decimal(5)}, {"currency"}),
        ({"cap": Decimal(0)} | EUR, {"cap"}),
        ({"kind": "fixed", "percent": None, "amount": Decimal(5), "cap": Decimal(5)} | EUR, {"cap"}),
        ({"minimum_spend": Decimal(-1)} | EUR, {"minimum_spend"}),
        ({"budget": Decimal("0.5"), "currency": "JPY"}, {"budget"}),
        ({"limit_per_customer": 0}, {"limit_per_customer"}),
        ({"applies_to": "shipping"}, {"applies_to"}),
        ({"buy_quantity": 2}, {"buy_quantity"}),
        ({"kind": "buy_x_get_y"}, {"buy_quantity", "get_quantity"}),
        (BUY | {"percent": None}, {"percent"}),
        (BUY | {"max_times": 0}, {"max_times"}),
        ({"skus": ["NOSUCH"]}, {"skus"}),
        ({"categories": ["nosuch"]}, {"categories"}),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(terms: dict[str, Any], fields: set[str]) -> None:
    assert wrong_fields(**terms) == fields


@pytest.mark.parametrize(
    ("code", "stored"), [(" spring-10 ", "SPRING-10"), ("abc", "ABC"), ("A" * 50, "A" * 50), ("1_A", "1_A")]
)
def test_codes_are_stored_in_capitals(code: str, stored: str) -> None:
    campaign(code)
    assert DiscountCode.objects.get().code == stored


@pytest.mark.parametrize("code", ["", "AB", "A" * 51, "-ABC", "A B C", "ÄBC", "A.BC", "4111-1111-1111-1111"])
def test_malformed_codes_are_refused(code: str) -> None:
    spring = campaign()
    with pytest.raises(Invalid) as refusal, transaction.atomic():
        add_code(campaign_id=spring.pk, code=code, by=TESTS)
    assert [problem.field for problem in refusal.value.problems] == ["code"]
    assert DiscountCode.objects.count() == 1


def test_a_code_there_is_already_is_refused_and_nothing_made() -> None:
    campaign("SPRING")
    with pytest.raises(Refused) as refusal, transaction.atomic():
        create_campaign(fields=TERMS, codes=[NewCode("NEW"), NewCode("spring ")], by=TESTS)
    assert (refusal.value.code, refusal.value.problems[0].field) == ("code_taken", "code")
    assert (DiscountCampaign.objects.count(), DiscountCode.objects.count()) == (1, 1)


def test_many_codes_are_made_at_once_each_of_its_own() -> None:
    spring = campaign()
    made = create_codes(campaign_id=spring.pk, count=10_000, prefix="spring-", length=8, limit=1, by=TESTS)
    assert (len(set(made)), DiscountCode.objects.filter(campaign=spring, limit=1, code__in=made).count()) == (
        10_000,
    ) * 2
    assert {len(code) for code in made} == {15}
    assert all(code.startswith("SPRING-") and set(code[7:]) <= set(ALPHABET) for code in made)
    assert not set(ALPHABET) & set("01ILO")


def test_codes_that_are_taken_are_drawn_again() -> None:
    spring = campaign("AAA", "BBB")
    letters = cycle("ABCADE")
    made = insert_drawn(spring.pk, count=3, limit=None, draw=lambda: next(letters) * 3)
    assert made == ["CCC", "DDD", "EEE"]


def test_when_no_code_is_left_it_says_so() -> None:
    spring = campaign("AAA")
    with pytest.raises(Invalid, match="not that many codes left"), transaction.atomic():
        insert_drawn(spring.pk, count=1, limit=None, draw=lambda: "AAA")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"count": 0}, "count"),
        ({"count": 10_001}, "count"),
        ({"length": 7}, "length"),
        ({"length": 31}, "length"),
        ({"prefix": "A" * 21}, "prefix"),
        ({"prefix": "-"}, "prefix"),
        ({"prefix": "Ü"}, "prefix"),
        ({"limit": 0}, "limit"),
        ({"limit": 2**31}, "limit"),
    ],
)
def test_senseless_batches_are_refused(given: dict[str, Any], field: str) -> None:
    spring = campaign()
    with pytest.raises(Invalid) as refusal, transaction.atomic():
        create_codes(**{"campaign_id": spring.pk, "count": 5, "by": TESTS} | given)
    assert [problem.field for problem in refusal.value.problems] == [field]
    assert DiscountCode.objects.count() == 1


def test_a_campaign_is_changed_at_the_version_that_was_seen() -> None:
    spring = campaign()
    changed = update_campaign(campaign_id=spring.pk, fields={"percent": Decimal(15)}, versions={1}, by=TESTS)
    assert (changed.version, changed.percent) == (2, 15)
    with pytest.raises(StaleVersion), transaction.atomic():
        update_campaign(campaign_id=spring.pk, fields={"percent": Decimal(20)}, versions={1}, by=TESTS)
    assert DiscountCampaign.objects.get().percent == 15


def test_what_has_been_given_away_stays_within_the_budget_and_its_currency() -> None:
    buyable("MUG")
    spring = campaign(currency="EUR", budget=Decimal(50))
    use(place(), "SPRING", amount="12.00")
    for fields in ({"budget": Decimal("11.99")}, {"currency": "USD"}, {"currency": "", "budget": None}):
        with pytest.raises(Invalid), transaction.atomic():
            update_campaign(campaign_id=spring.pk, fields=fields, by=TESTS)
    update_campaign(campaign_id=spring.pk, fields={"budget": Decimal(12)}, by=TESTS)
    assert (DiscountCampaign.objects.get().budget, broken()) == (12, [])


def test_limits_are_not_set_below_the_uses_there_are() -> None:
    buyable("MUG")
    spring = campaign()
    use(place(), "SPRING")
    use(place(), "SPRING")
    with pytest.raises(Invalid, match="2 times already"), transaction.atomic():
        change_code(code_id=code_of().pk, changes={"limit": 1}, by=TESTS)
    with pytest.raises(Invalid, match="2 times already"), transaction.atomic():
        update_campaign(campaign_id=spring.pk, fields={"limit_per_customer": 1}, by=TESTS)
    change_code(code_id=code_of().pk, changes={"limit": 2}, by=TESTS)
    update_campaign(campaign_id=spring.pk, fields={"limit_per_customer": 2}, by=TESTS)
    assert (code_of().limit, code_of().campaign.limit_per_customer, counted()[0], broken()) == (2, 2, 2, [])


def test_what_has_become_senseless_can_still_be_switched_off() -> None:
    mug = buyable("MUG")
    spring = campaign(skus=["MUG"])
    type(mug).objects.filter(pk=mug.pk).update(sku="CUP")
    with pytest.raises(Invalid, match="There is no product MUG"), transaction.atomic():
        update_campaign(campaign_id=spring.pk, fields={"percent": Decimal(5)}, by=TESTS)
    assert not update_campaign(campaign_id=spring.pk, fields={"active": False}, by=TESTS).active


def test_a_code_is_removed_unless_an_order_ever_had_it_and_its_campaign_with_the_last() -> None:
    buyable("MUG")
    campaign("ONE", "TWO")
    order = place()
    use(order, "ONE")
    release_codes(order)
    delete_code(code_id=code_of("TWO").pk, by=TESTS)
    with pytest.raises(NotAllowedNow), transaction.atomic():
        delete_code(code_id=code_of("ONE").pk, by=TESTS)
    assert list(DiscountCode.objects.values_list("code", flat=True)) == ["ONE"]
    campaign("ALONE", name="Alone")
    delete_code(code_id=code_of("ALONE").pk, by=TESTS)
    assert list(DiscountCampaign.objects.values_list("name", flat=True)) == ["Spring"]


def test_what_is_not_there_is_not_found() -> None:
    for call in (
        lambda: update_campaign(campaign_id=0, fields={}, by=TESTS),
        lambda: add_code(campaign_id=0, code="ABC", by=TESTS),
        lambda: create_codes(campaign_id=0, count=1, by=TESTS),
        lambda: change_code(code_id=0, changes={}, by=TESTS),
        lambda: delete_code(code_id=0, by=TESTS),
    ):
        with pytest.raises(NotFound), transaction.atomic():
            call()


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ("UPDATE orders_discountcode SET uses = uses + 1", ["orders.code_uses"]),
        ('UPDATE orders_discountcode SET "limit" = 0', ["orders.code_uses"]),
        ("UPDATE orders_discountcampaign SET spent = spent - 1", ["orders.campaign_spent"]),
        ("UPDATE orders_discountcampaign SET currency = 'EUR', budget = 0.5", ["orders.campaign_spent"]),
        ("UPDATE orders_discountcampaign SET limit_per_customer = 1", ["orders.campaign_customers"]),
        ("DELETE FROM orders_campaigncustomer", ["orders.campaign_customers"]),
        ("UPDATE orders_order SET status = 'cancelled'", ["orders.codes_given_back"]),
    ],
)
def test_damage_is_found(damage: str, found: list[str]) -> None:
    buyable("MUG")
    campaign()
    use(place(), "SPRING")
    use(place(), "SPRING")
    assert broken() == []
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE orders_discountcode DROP CONSTRAINT discount_code_within_limit")
        cursor.execute("ALTER TABLE orders_discountcampaign DROP CONSTRAINT campaign_spends_at_most_budget")
        cursor.execute(damage)
    assert broken() == found
