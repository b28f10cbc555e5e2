"""What holds of rules whoever writes them."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from api.actors import Actor
from catalog.discounts.services import create_rule, delete_rule, update_rule
from catalog.models import DiscountRule, Product
from catalog.services import create_category, create_product, update_category
from catalog.terms_version import terms_version
from kernel.errors import StaleVersion

pytestmark = pytest.mark.django_db
TESTS = Actor.system("tests")


def rule(**fields) -> DiscountRule:
    return create_rule(fields={"name": "Sale", "kind": "percent", "percent": Decimal(10)} | fields, by=TESTS)


def test_the_table_refuses_what_makes_no_sense_as_well():
    with pytest.raises(IntegrityError, match="percent_to_100"), transaction.atomic():
        DiscountRule.objects.create(name="x", kind="percent", percent=Decimal(150))


def test_the_history_keeps_every_state_of_a_rule():
    made = rule(tags=["Gift"])
    changed = update_rule(rule_id=made.pk, fields={"percent": Decimal(20)}, versions={1}, by=TESTS)
    assert (changed.percent, changed.version, changed.tags) == (20, 2, ["gift"])
    with pytest.raises(StaleVersion), transaction.atomic():
        update_rule(rule_id=made.pk, fields={"percent": Decimal(30)}, versions={1}, by=TESTS)
    delete_rule(rule_id=made.pk, by=TESTS)
    assert [row.history_type for row in DiscountRule.history.order_by("history_id")] == ["+", "~", "-"]


def test_every_change_of_terms_draws_a_new_number():
    seen = {terms_version()}
    made = rule()
    seen.add(terms_version())
    DiscountRule.objects.filter(pk=made.pk).update(active=False)
    seen.add(terms_version())
    made.delete()
    seen.add(terms_version())
    assert len(seen) == 4


def test_a_renamed_category_stays_in_its_rules():
    create_category(fields={"name": "Mugs"}, by=TESTS)
    made = rule(categories=["mugs"])
    update_category(category_id=made.category_ids[0], fields={"slug": "cups"}, by=TESTS)
    mug = {"name": "Mug", "price": Decimal("10.00"), "currency": "EUR", "published": True, "category": "cups"}
    create_product(sku="MUG", fields=mug, by=TESTS)
    assert Product.objects.get().rule_price == 9
