from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Partner
from accounts.tests.factories import UserFactory
from audit.models import LogEntry
from catalog.models import Product
from inventory.errors import InsufficientStock
from inventory.models import Reservation, StockLevel
from inventory.tests.checks import refused
from inventory.tests.factories import WarehouseFactory, stock
from kernel.errors import Invalid, NotFound
from orders.errors import CartPlaced, CodeNotApplicable, EmptyCart, PriceChanged, ProductUnavailable, ReferenceTaken
from orders.models import Cart, Order, OrderTransition
from orders.services import DirectOrder, Owner, open_cart, place_direct_order, place_order, read_basket, remember_seen
from orders.tests.factories import ADDRESS, TESTS, buyable, fresh, owner, place

pytestmark = pytest.mark.django_db


def cart_with(*items: tuple[str, int], whose: Owner | None = None, **details: object) -> Cart:
    filled = {"shipping_address": ADDRESS, "email": "guest@example.com"} | details
    return open_cart(owner=whose or Owner(), items=items, details=filled, by=TESTS)


def nothing_happened() -> bool:
    reserved = StockLevel.objects.exclude(reserved=0).exists()
    return not (reserved or Order.objects.exists() or LogEntry.objects.filter(aggregate="order").exists())


def test_locks_the_stock_and_copies_what_was_promised() -> None:
    buyable("MUG", quantity=10, price="10.00")
    order = place(("MUG", 3))
    line = order.lines.get()
    assert (order.status, order.payment_status, order.version) == ("pending", "unpaid", 1)
    assert (order.subtotal, order.shipping_total, order.tax_total, order.total) == (30, 5, 6, 41)
    assert (line.sku, line.unit_price, line.quantity, line.tax, line.total) == ("MUG", 10, 3, 6, 36)
    assert order.expires_at is not None
    assert order.expires_at > timezone.now()
    assert StockLevel.objects.get().reserved == 3
    held = Reservation.objects.get()
    assert (held.state, held.order_id, held.order_line_id, held.expires_at) == (
        "held",
        order.pk,
        line.pk,
        order.expires_at,
    )


def test_later_changes_of_the_catalogue_do_not_alter_it() -> None:
    buyable("MUG", price="10.00")
    order = place(("MUG", 1))
    Product.objects.update(price=Decimal("99.00"), name="Renamed")
    line = fresh(order).lines.get()
    assert (line.unit_price, line.name) == (10, "Mug")


def test_writes_its_first_transition_and_tells_the_log() -> None:
    buyable()
    order = place()
    step = OrderTransition.objects.get()
    assert (step.order_id, step.version, step.verb, step.from_status, step.to_status) == (
        order.pk,
        1,
        "place",
        "",
        "pending",
    )
    entry = LogEntry.objects.get(aggregate="order")
    assert (entry.name, entry.payload) == ("OrderPlaced", {"order_id": order.pk, "version": 1})


def test_an_order_that_costs_nothing_is_paid_at_once(settings) -> None:
    settings.SHOP_SHIPPING_PRICE = Decimal(0)
    buyable("GIFT", price="0.00")
    order = place(("GIFT", 1))
    assert (order.status, order.payment_status, order.expires_at) == ("paid", "paid", None)
    assert Reservation.objects.get().state == "committed"


def test_a_cart_becomes_an_order_once() -> None:
    buyable()
    cart = cart_with(("MUG", 2))
    order = place_order(cart_id=cart.pk, owner=Owner(), by=TESTS)
    assert (order.total, order.email) == (29, "guest@example.com")
    with refused(CartPlaced):
        place_order(cart_id=cart.pk, owner=Owner(), by=TESTS)
    assert Order.objects.count() == 1


def test_another_persons_cart_does_not_exist() -> None:
    buyable()
    cart = cart_with(("MUG", 1), whose=owner(UserFactory()))
    with refused(NotFound):
        place_order(cart_id=cart.pk, owner=Owner(), by=TESTS)
    assert nothing_happened()


def test_is_placed_only_at_the_total_last_shown() -> None:
    buyable("MUG", price="10.00")
    cart = cart_with(("MUG", 1))
    remember_seen(cart, read_basket(cart, Owner()))
    Product.objects.update(price=Decimal("11.00"))
    with refused(PriceChanged):
        place_order(cart_id=cart.pk, owner=Owner(), by=TESTS)
    assert nothing_happened()
    cart.refresh_from_db()
    remember_seen(cart, read_basket(cart, Owner()))
    assert place_order(cart_id=cart.pk, owner=Owner(), by=TESTS).subtotal == 11


def test_too_little_stock_names_the_lines_and_reserves_nothing() -> None:
    buyable("MUG", quantity=10)
    buyable("TEA", quantity=1)
    with refused(InsufficientStock) as refusal:
        place(("MUG", 1), ("TEA", 2))
    assert refusal.value.extra["items"] == [{"sku": "TEA", "requested": 2, "available": 1}]
    assert [problem.field for problem in refusal.value.problems] == ["lines.1.quantity"]
    assert nothing_happened()


def test_the_same_product_twice_counts_together() -> None:
    buyable("MUG", quantity=3)
    with refused(InsufficientStock):
        place(("MUG", 2), ("MUG", 2))
    assert nothing_happened()
    assert place(("MUG", 2), ("MUG", 1)).subtotal == 30


@pytest.mark.parametrize(
    ("change", "kind", "code"),
    [
        ({"lines": []}, EmptyCart, "empty_cart"),
        ({"lines": [("NONE", 1)]}, ProductUnavailable, "product_unavailable"),
        ({"lines": [("HIDDEN", 1)]}, ProductUnavailable, "product_unavailable"),
        ({"currency": "USD"}, ProductUnavailable, "product_unavailable"),
        ({"discount_codes": ["SPRING"]}, CodeNotApplicable, "code_not_applicable"),
        ({"shipping_address": {}}, Invalid, "required"),
        ({"owner": Owner()}, Invalid, "required"),
    ],
)
def test_what_cannot_be_placed_is_refused_with_its_reason(change, kind, code) -> None:
    buyable("MUG")
    buyable("HIDDEN")
    Product.objects.filter(sku="HIDDEN").update(published=False)
    direct = DirectOrder(owner=owner(), lines=[("MUG", 1)], shipping_address=ADDRESS)
    with refused(kind) as refusal:
        place_direct_order(direct=replace(direct, **change), by=TESTS)
    assert refusal.value.problems[0].code == code
    assert nothing_happened()


def test_a_partners_reference_is_used_once() -> None:
    buyable()
    partner = Partner.objects.create(name="Shop")
    direct = DirectOrder(
        owner=Owner(partner_id=partner.pk), lines=[("MUG", 1)], shipping_address=ADDRESS, reference="A-1"
    )
    place_direct_order(direct=direct, by=TESTS)
    with refused(ReferenceTaken):
        place_direct_order(direct=direct, by=TESTS)
    assert Order.objects.count() == 1
    assert StockLevel.objects.get().reserved == 1


@pytest.mark.parametrize("count", [1, 20])
def test_costs_the_same_statements_however_many_lines(count: int) -> None:
    skus = [f"SKU{n}" for n in range(count)]
    for sku in skus:
        buyable(sku)
    cart = cart_with(*[(sku, 1) for sku in skus])
    with CaptureQueriesContext(connection) as queries:
        place_order(cart_id=cart.pk, owner=Owner(), by=TESTS)
    assert len(queries) <= 15, [query["sql"][:90] for query in queries]


def test_serves_from_several_warehouses_when_one_cannot() -> None:
    near, far = WarehouseFactory(priority=1), WarehouseFactory(priority=2)
    buyable("MUG", quantity=2, warehouse=near)
    stock("MUG", 2, warehouse=far)
    place(("MUG", 3))
    assert sum(StockLevel.objects.values_list("reserved", flat=True)) == 3
