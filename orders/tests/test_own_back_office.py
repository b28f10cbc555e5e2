"""The pages of orders for people of some warehouses: what they may not do is not there, what lies elsewhere not told."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inventory.models import StockLevel
from inventory.services import update_warehouse
from orders.models import Order, Return
from orders.services import Wish, approve_return, deliver_shipment, pack_shipment, request_return, ship_shipment
from orders.tests.back_office import ask_url, look, page_url
from orders.tests.factories import TESTS, fresh, paid
from orders.tests.own import BOTH, browser, confirmed, near_and_far, split, two_warehouses

pytestmark = pytest.mark.django_db
HERE = "Nothing of this order is in your warehouses."
ON_THE_WAY = ["deliver", "return_to_sender", "lose_shipment"]
# Whose browser, and the warehouses whose goods they move.
PEOPLE = {
    "limited": (lambda: browser("NEAR"), ["NEAR"]),
    "of both": (lambda: browser("FAR", "NEAR"), BOTH),
    "unlimited": (browser, BOTH),
    "admin with a list": (lambda: browser("NEAR", role="admin"), BOTH),
}


@pytest.fixture(autouse=True)
def _two_warehouses() -> None:
    two_warehouses()


def packages(order: Order, *, shipped: bool) -> dict[str, Any]:
    found = dict(zip(BOTH, near_and_far(order), strict=True))
    for package in found.values() if shipped else ():
        ship_shipment(shipment_id=package.pk, by=TESTS)
    return found


def offered(client: Client, order: Order, action: str, field: str) -> list[Any]:
    return [value for value, _ in client.get(ask_url(order, action)).context["form"].fields[field].choices]


@pytest.mark.parametrize("who", PEOPLE)
def test_packing_offers_own_warehouses(who: str) -> None:
    make, own = PEOPLE[who]
    client, order = make(), split()
    assert offered(client, order, "pack", "warehouse") == own
    page = client.get(ask_url(order, "pack")).content.decode()
    assert ("FAR" in page) is ("FAR" in own)
    chosen = client.get(ask_url(order, "pack"), {"warehouse": "FAR"}).context["form"]
    (row,) = chosen.rows()
    assert row.room == (12 if "FAR" in own else 10)


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("action", ["ship", "cancel_shipment", *ON_THE_WAY])
def test_verbs_of_packages_offer_those_of_own_warehouses(who: str, action: str) -> None:
    make, own = PEOPLE[who]
    order = split()
    found = packages(order, shipped=action in ON_THE_WAY)
    assert offered(make(), order, action, "package") == [found[code].pk for code in own]


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("shipped", [False, True])
def test_a_package_of_another_warehouse_has_no_buttons(who: str, shipped: bool) -> None:
    make, own = PEOPLE[who]
    client, order = make(), split()
    found = packages(order, shipped=shipped)
    cards = client.get(page_url(order)).context["packages"]
    verbs = {card.it.pk: [button.verb.action for button in card.buttons] for card in cards}
    there = ON_THE_WAY if shipped else ["ship", "cancel_shipment"]
    assert verbs == {package.pk: there if code in own else [] for code, package in found.items()}


STAGES = {"pack": None, "ship": False, "cancel_shipment": False, **dict.fromkeys(ON_THE_WAY, True)}


@pytest.mark.parametrize("action", STAGES)
def test_where_nothing_lies_in_own_warehouses_the_verb_is_greyed_and_refused(action: str) -> None:
    order = paid(("MUG", 3))  # all of it lies near
    if (shipped := STAGES[action]) is not None:
        package = pack_shipment(order_id=order.pk, by=TESTS)
        if shipped:
            ship_shipment(shipment_id=package.pk, by=TESTS)
    for client, why in ((browser("FAR"), HERE), (browser("NEAR"), ""), (browser(), "")):
        page = client.get(page_url(order)).context
        assert page["buttons"][action].why_not == why
        assert (page["big"] is None or page["big"].verb.action != action) or not why
        answer = client.get(ask_url(order, action))
        assert answer.status_code == (302 if why else 200)


@pytest.mark.parametrize("who", PEOPLE)
def test_a_look_tells_of_own_stock_only(who: str) -> None:
    make, own = PEOPLE[who]
    order = split()
    effects = look(make(), order, "cancel", reason="Test").context["rehearsal"].effects
    told = [code for code in BOTH if any(f"MUG at {code}" in effect.what for effect in effects)]
    assert told == own
    assert any(effect.kind == "stage" for effect in effects)


@pytest.mark.parametrize("who", PEOPLE)
def test_a_look_at_many_tells_of_own_stock_only(who: str) -> None:
    make, own = PEOPLE[who]
    order = split()
    url = reverse("admin:orders_order_bulk", args=("cancel",))
    (outcome,) = make().post(url, {"intent": "look", "id": order.pk, "reason": "Test"}).context["outcomes"]
    told = {effect.what.partition(",")[0] for effect in outcome.rehearsal.effects if effect.kind == "stock"}
    assert told == {f"MUG at {code}" for code in own}


@pytest.mark.parametrize("page", ["change", "history", "version"])
def test_the_pages_of_another_package_are_not_there(page: str) -> None:
    near, far = near_and_far(split())
    for package, limited in ((near, 200), (far, 404)):
        args = [package.pk] + ([package.history.latest().pk] if page == "version" else [])
        url = reverse(f"admin:orders_shipment_{page}", args=args)
        seen = [client.get(url).status_code for client in (browser("NEAR"), browser())]
        # The Admin sends whoever asks for a row that is not there to its first page.
        assert seen == [302 if (page, limited) == ("change", 404) else limited, 200]


def test_a_search_for_packages_finds_own() -> None:
    _, far = near_and_far(split())
    url = reverse("admin:orders_shipment_changelist")
    found = [
        list(client.get(url, {"q": far.number}).context["cl"].result_list) for client in (browser("NEAR"), browser())
    ]
    assert found == [[], [far]]


def sent_back() -> tuple[Order, Return]:
    """A mug from either warehouse would be one line: the order of three lies near alone."""
    order = paid(("MUG", 3))
    package = pack_shipment(order_id=order.pk, by=TESTS)
    ship_shipment(shipment_id=package.pk, by=TESTS)
    deliver_shipment(shipment_id=package.pk, by=TESTS)
    ret = request_return(order_id=order.pk, wishes=[Wish(order.lines.get().pk, 2, "other")], by=TESTS)
    return fresh(order), approve_return(return_id=ret.pk, by=TESTS)


@pytest.mark.parametrize(("own", "shelf"), [(["NEAR"], "NEAR"), (["FAR"], "FAR"), ([], "NEAR")])
def test_what_comes_back_is_put_on_own_shelves(own: list[str], shelf: str) -> None:
    """Where it has arrived: with people of one warehouse in theirs, with others where it left from."""
    order, ret = sent_back()
    client, line = browser(*own), order.lines.get().pk
    before = StockLevel.objects.get(warehouse__code=shelf).on_hand
    answers = {f"quantity_{line}": 2, f"condition_{line}": "new", f"restock_{line}": "on", "return": ret.pk}
    confirmed(client, order, "receive_return", **answers)
    ret.refresh_from_db()
    assert (ret.status, ret.lines.get().restocked) == ("received", 2)
    assert StockLevel.objects.get(warehouse__code=shelf).on_hand == before + 2


@pytest.mark.parametrize(
    ("own", "offered"),
    [(["NEAR"], [("", "NEAR, where it left from")]), (["FAR"], [("FAR", "FAR · Warehouse FAR")]), ([], None)],
)
def test_the_desk_offers_where_it_left_from_though_that_was_closed(own: list[str], offered: Any) -> None:
    _, ret = sent_back()
    update_warehouse(code="NEAR", active=False, by=TESTS)
    page = browser(*own).get(reverse("admin:orders_return_desk_of", args=(ret.number,)))
    choices = page.context["form"].fields["warehouse"].choices
    assert choices == (offered or [("", "NEAR, where it left from"), ("FAR", "FAR · Warehouse FAR")])


def cost(client: Client, order: Order) -> int:
    client.get(page_url(order))
    with CaptureQueriesContext(connection) as captured:
        client.get(page_url(order))
    return len(captured)


def test_the_page_costs_the_limited_two_statements_more_however_many_packages_there_are() -> None:
    """What is open, and which of the places are theirs."""
    limited, free, order = browser("NEAR"), browser(), split()
    assert cost(limited, order) <= cost(free, order) + 2
    pack_shipment(order_id=order.pk, warehouse="NEAR", by=TESTS)
    one = cost(limited, order)
    pack_shipment(order_id=order.pk, warehouse="FAR", by=TESTS)
    assert cost(limited, order) <= one
