"""The sidebar: which link is marked as where one is."""

import pytest

from orders.tests.back_office import staff

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("address", "marked"),
    [
        ("/admin/inventory/stocklevel/", ["Levels"]),
        ("/admin/inventory/stocklevel/?availability=low", ["Low or out"]),
        ("/admin/inventory/transfer/?state__exact=in_transit", ["Transfers"]),
        ("/admin/inventory/transfer/", ["Transfers"]),
        ("/admin/orders/order/?queue=to_pack", ["To pack"]),
        ("/admin/orders/return/", ["Returns"]),
        ("/admin/orders/return/desk/", ["Returns desk"]),
        ("/admin/orders/picklist/bench/ship/", ["Ship packages"]),
        ("/admin/orders/picklist/bench/", ["Bench"]),
        ("/admin/orders/picklist/", ["Pick lists"]),
    ],
)
def test_one_link_is_marked_and_it_is_that_of_the_page(address: str, marked: list[str]) -> None:
    groups = staff("admin").get(address).context["sidebar_navigation"]
    assert [item["title"] for group in groups for item in group["items"] if item["active"]] == marked


def test_an_empty_list_says_what_fills_it() -> None:
    page = staff("admin").get("/admin/orders/shortpick/").content.decode()
    assert "Whoever does not find a unit says so by Short" in page
