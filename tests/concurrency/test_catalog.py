"""The catalogue under many hands. Each race comes with its negative control: the same race with the lock off."""

from decimal import Decimal
from functools import partial
from threading import Barrier, Event

import pytest
from django.db import transaction

from api.actors import Actor
from catalog.models import Category, Product
from catalog.services import create_product, update_category, update_product
from catalog.tests.checks import broken_rules
from catalog.tests.factories import CategoryFactory, ProductFactory
from inventory.models import StockItem
from tests.concurrency.racing import at_once, outcomes

pytestmark = pytest.mark.django_db(transaction=True)
SOMEBODY = Actor.user(1)


def move(slug: str, below: str) -> object:
    pk = Category.objects.get(slug=slug).pk
    return update_category(category_id=pk, fields={"parent": below}, by=SOMEBODY)


def test_one_sku_is_entered_once():
    enter = partial(create_product, sku="MUG", fields={"name": "Mug", "price": Decimal(1)}, by=SOMEBODY)
    assert outcomes(at_once([enter] * 20)) == {"done": 1, "sku_taken": 19}
    assert (Product.objects.count(), StockItem.objects.count()) == (1, 1)


def test_two_crossing_moves_make_no_ring():
    for _ in range(10):
        one, two = CategoryFactory(), CategoryFactory()
        moves = [partial(move, one.slug, two.slug), partial(move, two.slug, one.slug)]
        assert outcomes(at_once(moves)) == {"done": 1, "category_in_itself": 1}
    assert broken_rules() == []


def test_control_without_the_lock_two_crossing_moves_make_a_ring():
    one, two = CategoryFactory(slug="one"), CategoryFactory(slug="two")
    both_have_read, first_is_done = Barrier(2, timeout=10), Event()

    def naive(category: Category, parent: Category) -> None:
        with transaction.atomic():
            above = Category.objects.get(pk=parent.pk)
            both_have_read.wait()
            assert not above.path.startswith(category.path)
            if category == two:
                first_is_done.wait(10)
            path = f"{above.path}{category.slug}/"
            Category.objects.filter(pk=category.pk).update(parent=above, path=path)
        first_is_done.set()

    assert outcomes(at_once([partial(naive, one, two), partial(naive, two, one)])) == {"done": 2}
    assert broken_rules() == ["catalog.paths"]


def test_of_changes_to_one_version_one_is_made():
    product = ProductFactory()
    changes = [
        partial(update_product, product_id=product.pk, fields={"name": f"Name {n}"}, by=SOMEBODY, versions=[1])
        for n in range(10)
    ]
    assert outcomes(at_once(changes)) == {"done": 1, "stale_version": 9}
    product.refresh_from_db()
    assert product.version == 2


def test_a_product_and_its_main_product_are_made_variants_at_once_and_only_one_becomes_one():
    for n in range(10):
        for name in "ABC":
            ProductFactory(sku=f"{name}{n}")
        works = [
            partial(
                update_product,
                product_id=Product.objects.get(sku=f"{variant}{n}").pk,
                fields={"variant_of": f"{main}{n}"},
                by=SOMEBODY,
            )
            for variant, main in (("A", "B"), ("B", "C"))
        ]
        assert outcomes(at_once(works)) == {"done": 1, "nested_variant": 1}
    assert broken_rules() == []
