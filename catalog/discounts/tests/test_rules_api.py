"""Discount rules over HTTP: who may, what comes back, what makes no sense."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import CustomerGroup
from accounts.tests.factories import UserFactory
from catalog.discounts.schemas import RULE
from catalog.discounts.serializers import RuleBody
from catalog.discounts.tests.rules import ADMIN, rule
from catalog.models import DiscountRule
from catalog.services import delete_category
from catalog.tests.checks import admin, client, facts, partner, problem
from catalog.tests.factories import CategoryFactory, ProductFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/discount-rules"
TEN = {"name": "Sale", "kind": "percent", "percent": "10"}
OFF = {"name": "Off", "kind": "fixed_off", "amount": "2.50", "currency": "EUR"}
TIERS = {"name": "Many", "kind": "tiers", "tiers": [{"from": 10, "percent": "5"}, {"from": 50, "percent": "7.5"}]}
TWO_FOR_ONE = {"name": "Two for one", "kind": "buy_x_get_y", "buy_quantity": 1, "get_quantity": 1, "percent": "100"}
LATER, SOONER = "2030-06-02T00:00:00Z", "2030-06-01T00:00:00Z"


def test_an_admin_enters_a_rule_and_everybody_reads_it():
    CategoryFactory(slug="mugs")
    ProductFactory(sku="TEA")
    goods = {"categories": ["mugs"], "skus": ["TEA"], "tags": ["Tea Time"]}
    answer = admin().post(URL, TEN | goods | {"ends_at": LATER, "priority": 5, "exclusive": True})
    body = answer.json()
    assert (answer.status_code, answer["Location"]) == (201, f"{URL}/{body['id']}")
    assert {name: value for name, value in body.items() if value not in (None, [], "")} == {
        "id": body["id"], "name": "Sale", "kind": "percent", "percent": "10", "active": True, "version": 1,
        "categories": ["mugs"], "skus": ["TEA"], "tags": ["tea-time"], "lane": 1, "priority": 5, "exclusive": True,
        "ends_at": LATER,
    }  # fmt: skip
    assert set(body) == set(RuleBody().fields) == set(RULE)
    assert client().get(f"{URL}/{body['id']}").json() == body
    assert client().get(URL).json()["results"] == [body]
    assert facts("discount_rule") == [("DiscountRuleChanged", {"rule_id": body["id"]})]


@pytest.mark.parametrize("fields", [TEN, OFF, TIERS, TWO_FOR_ONE, OFF | {"kind": "fixed_price", "amount": "0"}])
def test_every_kind_comes_back_as_it_was_entered(fields):
    body = admin().post(URL, fields).json()
    assert {name: body[name] for name in fields} == fields | ({"amount": "0.00"} if fields.get("amount") == "0" else {})


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        (TEN | {"percent": "150"}, "percent", "150 % would pay customers for buying: at most 100."),
        (TEN | {"percent": "0"}, "percent", "A percentage lies above 0."),
        (TEN | {"percent": "-5"}, "percent", "Ensure this value is greater than or equal to 0."),
        (TEN | {"percent": None}, "percent", "How many percent does it take off?"),
        (TEN | {"name": "  "}, "name", "This field may not be blank."),
        (TEN | {"amount": "5", "currency": "EUR"}, "amount", "This kind of discount has no amount."),
        (TEN | {"starts_at": LATER, "ends_at": SOONER}, "ends_at", "It ends before it starts."),
        (TEN | {"starts_at": SOONER, "ends_at": SOONER}, "ends_at", "It ends before it starts."),
        (TEN | {"buy_quantity": 2}, "buy_quantity", "Only buy X get Y has this."),
        (TEN | {"get_tags": ["gift"]}, "get_tags", "Only buy X get Y has this."),
        (TEN | {"tiers": TIERS["tiers"]}, "tiers", "Only a discount by quantity has tiers."),
        (TEN | {"skus": ["NOSUCH"]}, "skus", "There is no product NOSUCH."),
        (TEN | {"categories": ["nosuch"]}, "categories", "There is no category nosuch."),
        (TEN | {"groups": ["nosuch"]}, "groups", "There is no customer group nosuch."),
        (TEN | {"tags": ["!"]}, "tags", "A tag has letters or digits."),
        (TEN | {"lane": 0}, "lane", "Ensure this value is greater than or equal to 1."),
        (TEN | {"kind": "half"}, "kind", '"half" is not a valid choice.'),
        (TEN | {"discount": "10"}, "discount", "There is no such field."),
        (OFF | {"amount": "-1"}, "amount", "Ensure this value is greater than or equal to 0."),
        (OFF | {"amount": "2.505"}, "amount", "EUR has 2 decimal places."),
        (OFF | {"amount": "0"}, "amount", "Taking 0 off is no discount."),
        (OFF | {"currency": ""}, "currency", "An amount needs its currency."),
        (OFF | {"currency": "EUX"}, "currency", "An ISO 4217 currency code, such as EUR."),
        (OFF | {"kind": "fixed_price", "currency": ""}, "currency", "An amount needs its currency."),
        (OFF | {"amount": None}, "amount", "Which amount, in which currency?"),
        (TIERS | {"tiers": []}, "tiers", "1 to 50 tiers, each from how many units how many percent."),
        (TWO_FOR_ONE | {"percent": None}, "percent",
         "How many percent are the given units cheaper? 100 makes them free."),
        (TWO_FOR_ONE | {"get_quantity": None}, "get_quantity", "Units, 1 at least."),
        (TWO_FOR_ONE | {"get_skus": ["NOSUCH"]}, "get_skus", "There is no product NOSUCH."),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_with_a_sentence(given, field, said):
    answer = admin().post(URL, given)
    assert problem(answer) == (400, "invalid", [field])
    assert answer.json()["errors"][0]["detail"] == said
    assert (DiscountRule.objects.count(), facts("discount_rule")) == (0, [])


@pytest.mark.parametrize(
    ("tiers", "field", "said"),
    [
        ([(10, "5"), (10, "8")], "tiers.1.from", "10 does not follow 10: tiers go up by quantity, each quantity once."),
        ([(50, "8"), (10, "5")], "tiers.1.from", "10 does not follow 50: tiers go up by quantity, each quantity once."),
        ([(0, "5")], "tiers.0.from", "Ensure this value is greater than or equal to 1."),
        ([(5, "101")], "tiers.0.percent", "A percentage lies above 0 and is at most 100."),
        ([(5, "0")], "tiers.0.percent", "A percentage lies above 0 and is at most 100."),
    ],
)
def test_tiers_go_up_by_quantity(tiers, field, said):
    answer = admin().post(URL, TIERS | {"tiers": [{"from": start, "percent": part} for start, part in tiers]})
    assert problem(answer) == (400, "invalid", [field])
    assert (answer.json()["errors"][0]["detail"], DiscountRule.objects.count()) == (said, 0)


def test_a_change_keeps_what_is_not_named_and_guards_the_version():
    caller, sale = admin(), rule(tags=["gift"])
    page = f"{URL}/{sale.pk}"
    seen = caller.get(page)["ETag"]
    answer = caller.patch(page, {"percent": "20"}, headers={"If-Match": seen})
    body = answer.json()
    assert (answer.status_code, body["percent"], body["tags"], body["version"]) == (200, "20", ["gift"], 2)
    late = caller.patch(page, {"percent": "50"}, headers={"If-Match": seen})
    assert problem(late) == (412, "stale_version", [])
    assert caller.get(page, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    refused = caller.patch(page, {"kind": "fixed_off"})
    assert problem(refused) == (400, "invalid", ["percent", "amount"])
    sale.refresh_from_db()
    assert (sale.percent, sale.kind, sale.version) == (Decimal("20.0000"), "percent", 2)


def test_a_tier_is_whole_in_a_change_too():
    sale = admin().post(URL, TIERS).json()
    answer = admin().patch(f"{URL}/{sale['id']}", {"tiers": [{"from": 5}]})
    assert problem(answer) == (400, "required", ["tiers.0.percent"])
    assert client().get(f"{URL}/{sale['id']}").json() == sale


def test_a_rule_is_taken_away():
    caller, page = admin(), f"{URL}/{rule().pk}"
    assert caller.delete(page).status_code == 204
    assert problem(caller.get(page)) == (404, "not_found", [])
    assert (DiscountRule.objects.count(), len(facts("discount_rule"))) == (0, 2)


def test_only_admins_write():
    sale = rule()
    for caller, status in ((client(), 401), (client(UserFactory()), 403), (partner("catalog:write"), 403),
                           (client(UserFactory(role="customer_service")), 403)):  # fmt: skip
        answers = [caller.post(URL, TEN), caller.patch(f"{URL}/{sale.pk}", TEN), caller.delete(f"{URL}/{sale.pk}")]
        assert [answer.status_code for answer in answers] == [status] * 3
    sale.refresh_from_db()
    assert (DiscountRule.objects.count(), sale.version) == (1, 1)


def test_strangers_see_neither_plans_nor_what_groups_get():
    CustomerGroup.objects.create(code="trade", name="Trade")
    now = timezone.now()
    rule(name="Open")
    hidden = [
        rule(name="Trade", groups=["trade"]),
        rule(name="Off", active=False),
        rule(name="Planned", starts_at=now + timedelta(days=1)),
        rule(name="Over", ends_at=now - timedelta(days=1)),
    ]
    for caller in (client(), client(UserFactory()), partner("catalog:write")):
        assert [row["name"] for row in caller.get(URL).json()["results"]] == ["Open"]
        assert {caller.get(f"{URL}/{row.pk}").status_code for row in hidden} == {404}
    staff = client(UserFactory(role="customer_service"))
    assert len(staff.get(URL).json()["results"]) == 5
    assert staff.get(f"{URL}/{hidden[0].pk}").json()["groups"] == ["trade"]


def test_a_category_that_is_gone_never_becomes_a_rule_for_everything():
    mugs = CategoryFactory(slug="mugs")
    sale = rule(categories=["mugs"])
    delete_category(category_id=mugs.pk, by=ADMIN)
    sale.refresh_from_db()
    assert sale.category_ids == [mugs.pk]
    assert client().get(f"{URL}/{sale.pk}").json()["categories"] == []
    answer = admin().patch(f"{URL}/{sale.pk}", {"name": "Renamed"})
    assert answer.json()["errors"][0]["detail"] == "A category of it is no longer there."
    assert admin().patch(f"{URL}/{sale.pk}", {"categories": [], "tags": ["gift"]}).status_code == 200


def test_a_page_costs_the_same_however_long_it_is():
    counts = []
    for number in range(3):
        CategoryFactory(slug=f"mugs-{number}")
        rule(categories=[f"mugs-{number}"])
        with CaptureQueriesContext(connection) as queries:
            body = client().get(f"{URL}?page_size=2").json()
        counts.append(len(queries))
    assert (counts, len(body["results"]), body["next"] is not None) == ([4] * 3, 2, True)  # two of them the savepoint
