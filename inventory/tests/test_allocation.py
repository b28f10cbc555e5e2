from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.allocation import Shelf, Want, missing
from inventory.routing import share_out


def shelf(level_id, sku, rank, free):
    return Shelf(level_id=level_id, sku=sku, rank=(rank, rank), free=free)


def shares(wants, shelves):
    return [(share.want.line_id, share.level_id, share.quantity) for share in share_out(wants, shelves)]


def test_the_first_warehouse_that_has_everything_serves_everything():
    shelves = [shelf(1, "A", 1, 5), shelf(2, "B", 1, 0), shelf(3, "A", 2, 5), shelf(4, "B", 2, 5)]
    assert shares([Want(71, "A", 2), Want(72, "B", 1)], shelves) == [(71, 3, 2), (72, 4, 1)]


def test_else_each_line_goes_whole_to_the_first_that_can_serve_it():
    shelves = [shelf(1, "A", 1, 1), shelf(2, "A", 2, 5), shelf(3, "B", 1, 5)]
    assert shares([Want(71, "A", 2), Want(72, "B", 1)], shelves) == [(71, 2, 2), (72, 3, 1)]


def test_only_a_line_nobody_can_serve_alone_is_spread():
    shelves = [shelf(2, "A", 2, 3), shelf(1, "A", 1, 2)]
    assert shares([Want(71, "A", 4)], shelves) == [(71, 1, 2), (71, 2, 2)]


def test_what_is_missing_is_counted_over_all_lines_and_shelves():
    shelves = [shelf(1, "A", 1, 2), shelf(2, "A", 2, 1)]
    wants = [Want(71, "A", 2), Want(72, "A", 2), Want(73, "B", 1)]
    assert missing(wants, shelves) == {"A": (4, 3), "B": (1, 0)}


SKUS = st.sampled_from(["A", "B", "C"])


@settings(suppress_health_check=[HealthCheck.too_slow])  # on a machine that has other things to do
@given(
    st.lists(st.tuples(SKUS, st.integers(1, 9)), max_size=8),
    st.lists(st.tuples(SKUS, st.integers(1, 3), st.integers(0, 12)), max_size=9, unique_by=lambda s: s[:2]),
)
def test_whatever_suffices_is_shared_out_exactly(wanted, there):
    wants = [Want(line, sku, quantity) for line, (sku, quantity) in enumerate(wanted)]
    shelves = [shelf(level, sku, rank, free) for level, (sku, rank, free) in enumerate(there)]
    if missing(wants, shelves):
        return
    found = share_out(wants, shelves)
    by_line, by_level = Counter(), Counter()
    for share in found:
        assert share.quantity > 0
        assert share.want.sku == there[share.level_id][0]
        by_line[share.want.line_id] += share.quantity
        by_level[share.level_id] += share.quantity
    assert by_line == Counter({want.line_id: want.quantity for want in wants})
    assert all(by_level[level] <= free for level, (_, _, free) in enumerate(there))
