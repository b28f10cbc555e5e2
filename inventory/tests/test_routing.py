import pytest

from inventory.allocation import Shelf, Want
from inventory.models import Reservation, RoutingRule
from inventory.routing import Destination, distance, share_out
from inventory.services import reserve
from inventory.tests.factories import WarehouseFactory, stock

NEAR, FAR = 1, 2
A, B = Want(71, "A", 2), Want(72, "B", 1)


def shelf(level_id: int, sku: str, house: int, free: int, *, away: int = 2) -> Shelf:
    return Shelf(level_id, sku, (house, house), free, away)


def routed(wants: list[Want], shelves: list[Shelf], *rules: str) -> list[tuple[int, int, str]]:
    return [(share.level_id, share.quantity, share.reason) for share in share_out(wants, shelves, rules)]


def test_one_parcel_is_better_than_two_and_says_so() -> None:
    shelves = [shelf(1, "A", 1, 5), shelf(3, "A", 2, 5), shelf(4, "B", 2, 5)]
    assert routed([A, B], shelves, "fewest_parcels", "priority") == [
        (3, 2, "fewest_parcels"),
        (4, 1, "fewest_parcels"),
    ]


def test_of_two_that_have_everything_the_rules_after_choose() -> None:
    shelves = [shelf(1, "A", 1, 5), shelf(2, "A", 2, 50, away=0)]
    assert routed([A], shelves, "fewest_parcels", "priority") == [(1, 2, "priority")]
    assert routed([A], shelves, "fewest_parcels", "own_region", "priority") == [(2, 2, "own_region")]
    assert routed([A], shelves, "fewest_parcels", "stock_left") == [(2, 2, "stock_left")]


def test_with_the_own_region_first_an_order_is_rather_split_within_it() -> None:
    shelves = [
        *(shelf(1, "A", 1, 5, away=0), shelf(2, "B", 2, 5, away=0)),
        *(shelf(3, "A", 3, 5), shelf(4, "B", 3, 5)),
    ]
    assert [level for level, *_ in routed([A, B], shelves, "own_region", "fewest_parcels", "priority")] == [1, 2]
    assert [level for level, *_ in routed([A, B], shelves, "fewest_parcels", "own_region")] == [3, 4]


def test_what_only_one_has_and_what_nobody_has_whole() -> None:
    assert routed([A], [shelf(1, "A", 1, 5)], "priority") == [(1, 2, "only_place")]
    shelves = [shelf(1, "A", 1, 1), shelf(2, "A", 2, 1)]
    assert routed([A], shelves, "fewest_parcels", "priority") == [(1, 1, "split"), (2, 1, "split")]


@pytest.mark.parametrize(
    ("country", "region", "expected"),
    [("DE", "Berlin", 0), ("de", "BERLIN", 0), ("DE", "Bavaria", 1), ("FR", "Berlin", 2), ("", "", 2)],
)
def test_how_far_a_warehouse_is(country: str, region: str, expected: int) -> None:
    assert distance(Destination("DE", "Berlin"), country=country, region=region) == expected
    assert distance(Destination(), country=country, region=region) == 2


@pytest.mark.django_db
def test_the_rules_of_the_shop_decide_and_the_reservation_keeps_why() -> None:
    stock("A", 10, warehouse=WarehouseFactory(priority=1, country="FR"))
    near = stock("A", 10, warehouse=WarehouseFactory(priority=2, country="DE", region="Berlin"))
    to = Destination("DE", "Berlin")
    reserve(order_id=1, wants=[Want(1, "A", 1)], expires_at=None, number="W1", to=to)
    RoutingRule.objects.update_or_create(strategy="own_region", defaults={"active": True, "position": 1})
    reserve(order_id=2, wants=[Want(2, "A", 1)], expires_at=None, number="W2", to=to)
    rows = Reservation.objects.order_by("id").values_list("order_number", "level_id", "reason")
    assert rows[0][2] == "priority"
    assert rows[1] == ("W2", near.pk, "own_region")


@pytest.mark.django_db
def test_without_any_rule_the_built_in_ones_hold(django_assert_num_queries) -> None:
    RoutingRule.objects.update(active=False)
    first = stock("A", 10, warehouse=WarehouseFactory(priority=1))
    stock("A", 10, warehouse=WarehouseFactory(priority=2))
    with django_assert_num_queries(3):
        (made,) = reserve(order_id=1, wants=[Want(1, "A", 1)], expires_at=None)
    assert made.level_id == first.pk
