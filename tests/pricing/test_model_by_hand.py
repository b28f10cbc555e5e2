"""Examples worked out by hand from the rules: both accounts of a price must give these numbers."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from orders.pricing.quote import quote
from orders.pricing.terms import Band, BuyGet, Code, Goods, Item, Offer, Rate, Rule, TaxTerms, Terms, Window
from tests.pricing import model
from tests.pricing.test_against_model import numbers

D = Decimal
AT = datetime(2030, 3, 1, 12, tzinfo=UTC)
BARE = Terms("EUR", AT)
FLAT = Offer("flat", "Flat", bands=(Band(D(0), None, D("5.00")),))
ANY = Goods()
Account = Callable[[Sequence[Item], Terms], dict[str, Any]]


@pytest.fixture(params=["model", "pipeline"])
def account(request: pytest.FixtureRequest) -> Account:
    return model.price if request.param == "model" else lambda items, terms: numbers(quote(items, terms))


def item(sku: str, price: str, quantity: int = 1, **fields: Any) -> Item:
    return Item(sku, sku, D(price), quantity, **fields)


def only(*skus: str) -> Goods:
    return Goods(skus=frozenset(skus))


def rules(*given: Rule, currency: str = "EUR") -> Terms:
    return replace(BARE, rules=given, currency=currency)


def codes(*given: Code) -> Terms:
    return replace(BARE, codes=given)


def code(text: str, number: int = 1, **fields: Any) -> Code:
    return Code(text, number, text, **{"kind": "percent", "percent": D(10), **fields})


def discounts(priced: dict[str, Any]) -> list[str]:
    return [f"{line[1]:.2f}" for line in priced["lines"]]


def test_a_percentage_is_rounded_half_up_once_on_the_line(account):
    # 10 % of 1.05 is 0.105; of a single 0.35 it would be 0.04, three times 0.12.
    priced = account([item("A", "0.35", 3)], rules(Rule(1, "", "percent", percent=D(10))))
    assert priced["lines"] == [(D("0.35"), D("0.11"), 0, 0, D("0.94"))]
    assert (priced["subtotal"], priced["discount_total"], priced["total"]) == (D("1.05"), D("0.11"), D("0.94"))


def test_an_amount_off_each_unit_takes_no_more_than_there_is(account):
    terms = rules(Rule(1, "", "fixed_off", amount=D("2.00")))
    assert discounts(account([item("A", "1.50", 2), item("B", "9.00", 3)], terms)) == ["3.00", "6.00"]


def test_a_fixed_price_makes_nothing_dearer(account):
    terms = rules(Rule(1, "", "fixed_price", amount=D("8.50")))
    assert discounts(account([item("A", "10.00", 3), item("B", "5.00")], terms)) == ["4.50", "0.00"]


def test_the_highest_step_reached_by_the_quantity_of_a_line_counts(account):
    terms = rules(Rule(1, "", "tiers", tiers=((2, D(5)), (10, D(20)))))
    items = [item("A", "10.00", 1), item("B", "10.00", 9), item("C", "10.00", 10)]
    assert discounts(account(items, terms)) == ["0.00", "4.50", "20.00"]


def test_the_cheapest_units_are_given_for_others_that_are_bought(account):
    # Seven units, two for one: twice, since a third time would need six bought beside the three given.
    terms = rules(Rule(1, "", "buy_x_get_y", buy_get=BuyGet(2, 1, D(100), ANY)))
    assert discounts(account([item("B", "8.00", 3), item("A", "5.00", 4)], terms)) == ["0.00", "10.00"]


def test_of_units_worth_the_same_the_earlier_line_is_given(account):
    terms = rules(Rule(1, "", "buy_x_get_y", buy_get=BuyGet(1, 1, D(100), ANY)))
    assert discounts(account([item("A", "5.00"), item("B", "5.00")], terms)) == ["5.00", "0.00"]


def test_what_is_left_of_a_unit_says_which_is_the_cheapest(account):
    # Half off makes a 12.00 worth 6.00, less than the 8.00 beside it.
    terms = rules(
        Rule(1, "", "percent", percent=D(50), goods=only("A")),
        Rule(2, "", "buy_x_get_y", lane=2, buy_get=BuyGet(1, 1, D(100), ANY)),
    )
    assert discounts(account([item("A", "12.00"), item("B", "8.00")], terms)) == ["12.00", "0.00"]


@pytest.mark.parametrize(("times", "taken"), [(None, "4.00"), (1, "2.00")])
def test_other_goods_are_given_as_often_as_is_bought_and_allowed(account, times, taken):
    # Five bought are two pairs: two of the three at half of 4.00.
    gives = BuyGet(2, 1, D(50), only("B"), times=times)
    terms = rules(Rule(1, "", "buy_x_get_y", goods=only("A"), buy_get=gives))
    assert discounts(account([item("A", "10.00", 5), item("B", "4.00", 3)], terms)) == ["0.00", taken]


def test_the_last_time_may_give_fewer_units(account):
    # Four bought would be given four; there are three: all, at the second time.
    terms = rules(Rule(1, "", "buy_x_get_y", goods=only("A"), buy_get=BuyGet(2, 2, D(100), only("B"))))
    assert discounts(account([item("A", "10.00", 4), item("B", "4.00", 3)], terms)) == ["0.00", "12.00"]


def test_an_exclusive_rule_closes_its_lines_in_its_lane_only(account):
    terms = rules(
        Rule(3, "", "percent", percent=D(5), lane=2),
        Rule(1, "", "percent", percent=D(10), priority=2),
        Rule(2, "", "percent", percent=D(20), priority=1, exclusive=True, goods=only("A")),
    )
    # A: 20.00 - 4.00, then 5 % of 16.00. B: 10 % of 3.99 is 0.40, then 5 % of 3.59 is 0.18.
    assert discounts(account([item("A", "10.00", 2), item("B", "3.99")], terms)) == ["4.80", "0.58"]


def test_an_exclusive_rule_leaves_alone_what_another_has_made_cheaper(account):
    terms = rules(
        Rule(9, "", "percent", percent=D(50), exclusive=True),
        Rule(5, "", "percent", percent=D(10), goods=only("A")),
    )
    assert discounts(account([item("A", "10.00"), item("B", "10.00")], terms)) == ["1.00", "5.00"]


@pytest.mark.parametrize(
    ("prices", "parts"),
    [(("3.33", "3.33", "3.34"), ["0.33", "0.33", "0.34"]), (("5.00", "5.00", "5.00"), ["0.34", "0.33", "0.33"])],
)
def test_a_fixed_code_is_spread_by_largest_remainder_and_ties_go_to_the_earlier_line(account, prices, parts):
    items = [item(f"S{n}", price) for n, price in enumerate(prices)]
    assert discounts(account(items, codes(code("ONE", kind="fixed", amount=D("1.00"))))) == parts


def test_a_cap_is_spread_over_what_each_line_would_have_lost(account):
    # 5.00 and 10.00 are more than 4.00: a third and two thirds of it.
    terms = codes(code("HALF", percent=D(50), on_lines=True, goods=only("A", "B"), cap=D("4.00")))
    items = [item("A", "10.00"), item("B", "20.00"), item("C", "30.00")]
    assert discounts(account(items, terms)) == ["1.33", "2.67", "0.00"]


def test_codes_on_lines_take_before_codes_on_the_order_and_gift_cards_lose_nothing(account):
    # 5.00 off A first, then 10 % of 10.00 + 15.00: 2.50 as 1.00 and 1.50.
    terms = codes(code("ORDER"), code("LINES", kind="fixed", amount=D("5.00"), on_lines=True, goods=only("A")))
    items = [item("A", "15.00"), item("CARD", "50.00", is_gift_card=True), item("B", "15.00")]
    assert discounts(account(items, terms)) == ["6.00", "0.00", "1.50"]


def test_each_code_is_refused_for_the_first_reason_that_holds(account):
    terms = codes(
        code("LIMIT", refusal=("limit_reached", "Used up."), currency="USD"),
        code("SOON", window=Window(AT + timedelta(seconds=1)), currency="USD"),
        code("OVER", window=Window(None, AT), currency="USD"),
        code("DOLLARS", currency="USD", goods=only("B")),
        code("OTHER", goods=only("B"), minimum_spend=D(50)),
        code("BIG", minimum_spend=D("10.01")),
        code("PAIR", kind="buy_x_get_y", buy_get=BuyGet(1, 1, D(100), ANY)),
        code("ALONE", combines=False, minimum_spend=D("10.00"), window=Window(AT)),
        code("SECOND"),
    )
    priced = account([item("A", "10.00")], terms)
    assert priced["refused"] == {
        "LIMIT": "limit_reached",
        "SOON": "not_started",
        "OVER": "ended",
        "DOLLARS": "other_currency",
        "OTHER": "no_goods",
        "BIG": "minimum_spend",
        "PAIR": "too_few",
        "SECOND": "does_not_combine",
    }
    assert discounts(priced) == ["1.00"]


def test_a_code_that_does_not_combine_is_refused_beside_another(account):
    priced = account([item("A", "10.00")], codes(code("FIRST", 1), code("ALONE", 2, combines=False), code("THIRD", 3)))
    assert priced["refused"] == {"ALONE": "does_not_combine"}
    assert discounts(priced) == ["1.90"]


@pytest.mark.parametrize(
    "given",
    [code("A", cap=D("0.125"), percent=D(50)), code("A", kind="fixed", amount=D("0.125"))],
    ids=["cap", "amount"],
)
def test_an_amount_of_more_decimals_than_the_currency_is_rounded_half_up(account, given):
    assert discounts(account([item("A", "10.00")], codes(given))) == ["0.13"]


def test_codes_of_one_campaign_share_its_budget(account):
    budget = {"kind": "fixed", "amount": D("3.00"), "budget_left": D("5.00")}
    priced = account(
        [item("A", "10.00")], codes(code("X", 1, **budget), code("Y", 1, **budget), code("Z", 2, **budget))
    )
    assert priced["refused"] == {"Y": "budget_spent"}
    assert discounts(priced) == ["6.00"]


def test_a_code_that_would_take_nothing_or_more_than_its_budget_takes_nothing(account):
    terms = codes(
        code("DEAR", 1, kind="fixed", amount=D("5.00"), budget_left=D("4.99")),
        code("EXACT", 2, kind="fixed", amount=D("5.00"), budget_left=D("5.00")),
        code("ALL", 3, percent=D(100)),
        code("LATE", 4),
    )
    priced = account([item("A", "10.00")], terms)
    assert priced["refused"] == {"DEAR": "budget_spent", "LATE": "nothing_left"}
    assert priced["lines"] == [(D("10.00"), D("10.00"), 0, 0, 0)]


def test_shipping_is_the_band_that_holds_the_weight_with_what_units_and_kilos_add(account):
    # 800 g in three units: 5.90 + 3 x 0.25 + 0.8 x 1.10.
    bands = (Band(D(0), D(800), D("3.90")), Band(D(800), D(5000), D("5.90")))
    post = Offer("post", "Post", bands=bands, per_item=D("0.25"), per_kilo=D("1.10"))
    items = [item("A", "10.00", 2, weight_grams=350), item("B", "1.00", weight_grams=100)]
    priced = account(items, replace(BARE, offers=(post, replace(FLAT, live_price=D("7.53"), per_item=D(9)))))
    assert priced["shipping"] == (D("7.53"), 0, 0, 0)
    assert (priced["shipping_total"], priced["total"]) == (D("7.53"), D("28.53"))


@pytest.mark.parametrize(
    ("method", "free_over", "price", "problem"),
    [
        ("", D("21.00"), D(0), None),
        ("", D("21.01"), D("5.00"), None),
        ("gap", D("21.00"), D(0), None),
        ("gap", None, None, "not_deliverable"),
        ("drone", None, None, "unknown_method"),
    ],
)
def test_enough_goods_ship_free_and_what_no_band_holds_is_not_sent(account, method, free_over, price, problem):
    gap = Offer("gap", "Gap", basis="subtotal", bands=(Band(D(0), D(21), D(1)), Band(D(22), None, D(1))))
    offers = tuple(replace(offer, free_over=free_over) for offer in (gap, FLAT))
    priced = account([item("A", "21.00")], replace(BARE, offers=offers, method=method))
    assert (priced["shipping"] and priced["shipping"][0], priced["problem"]) == (price, problem)


def test_the_price_of_shipping_is_rounded_once(account):
    # 1.003 + 0.5 x 0.004 = 1.005.
    post = Offer("post", "Post", bands=(Band(D(0), None, D("1.003")),), per_kilo=D("0.004"))
    priced = account([item("A", "10.00", weight_grams=500)], replace(BARE, offers=(post,)))
    assert priced["shipping_total"] == D("1.01")


def test_of_offers_that_cost_the_same_the_first_is_taken():
    offers = (replace(FLAT, code="z", basis="weight"), replace(FLAT, code="a", basis="subtotal"))
    for given in (offers, offers[::-1]):
        shipping = quote([item("A", "10.00")], replace(BARE, offers=given)).shipping
        assert shipping is not None
        assert shipping.code == given[0].code


def test_the_first_free_shipping_code_takes_all_of_it_and_the_next_finds_nothing_left(account):
    given = (code("SHIP", 1, kind="free_shipping"), code("AGAIN", 2, kind="free_shipping"))
    tax = TaxTerms({"standard": Rate("VAT", D("0.19"))}, shipping_class="standard")
    priced = account([item("A", "10.00")], replace(codes(*given), offers=(FLAT,), tax=tax))
    assert priced["shipping"] == (D("5.00"), D("5.00"), 0, 0)
    assert priced["refused"] == {"AGAIN": "nothing_left"}
    assert priced["total"] == D("11.90")


def test_added_tax_is_rounded_per_line_and_gift_cards_pay_none(account):
    # 59.97 x 0.0725 = 4.347825; 5.00 x 0.0725 = 0.3625.
    tax = TaxTerms({"standard": Rate("Sales tax", D("0.0725"))}, shipping_class="standard")
    items = [item("A", "19.99", 3), item("CARD", "50.00", is_gift_card=True)]
    priced = account(items, replace(BARE, currency="USD", offers=(FLAT,), tax=tax))
    assert priced["lines"] == [(D("19.99"), 0, D("4.35"), 0, D("64.32")), (D("50.00"), 0, 0, 0, D("50.00"))]
    assert priced["shipping"] == (D("5.00"), 0, D("0.36"), 0)
    assert (priced["tax_total"], priced["total"]) == (D("4.71"), D("119.68"))


def test_included_tax_is_told_and_changes_no_total(account):
    # 99.95 x 0.077 / 1.077 = 7.1459; the default is for classes without a rate, not for shipping without a class.
    tax = TaxTerms({}, default=Rate("MWST", D("0.077")), included=True)
    priced = account([item("A", "99.95")], replace(BARE, offers=(FLAT,), tax=tax))
    assert priced["lines"] == [(D("99.95"), 0, 0, D("7.15"), D("99.95"))]
    assert (priced["included_tax_total"], priced["tax_total"], priced["total"]) == (D("7.15"), 0, D("104.95"))


def test_relief_takes_the_included_tax_out_of_every_price(account):
    # 10.00 / 1.19 = 8.4034; 5.00 / 1.19 = 4.2017; 10 % of 3 x 8.40 is 2.52.
    tax = TaxTerms({"standard": Rate("VAT", D("0.19"))}, None, "standard", included=True, relief="reverse_charge")
    items = [item("A", "10.00", 3), item("CARD", "11.90", is_gift_card=True)]
    priced = account(items, replace(codes(code("TEN")), offers=(FLAT,), tax=tax))
    assert priced["lines"] == [(D("8.40"), D("2.52"), 0, 0, D("22.68")), (D("11.90"), 0, 0, 0, D("11.90"))]
    assert priced["shipping"] == (D("4.20"), 0, 0, 0)
    assert (priced["included_tax_total"], priced["tax_total"], priced["total"]) == (0, 0, D("38.78"))


def test_yen_have_no_decimals(account):
    # 7.5 % of 999 is 74.925; 10 % of 924 is 92.4.
    tax = TaxTerms({"standard": Rate("Consumption tax", D("0.10"))})
    terms = replace(rules(Rule(1, "", "percent", percent=D("7.5")), currency="JPY"), tax=tax)
    assert account([item("A", "333", 3)], terms)["lines"] == [(D(333), D(75), D(92), 0, D(1016))]


def test_dinars_have_three_decimals(account):
    # 10 % of 1.005 is 0.1005.
    terms = rules(Rule(1, "", "percent", percent=D(10)), currency="KWD")
    assert account([item("A", "1.005")], terms)["lines"] == [(D("1.005"), D("0.101"), 0, 0, D("0.904"))]
