"""Nobody sees, or changes, what belongs to somebody else: a mark in all that is personal would give it away."""

import json
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts import policy
from orders.tests.http import call
from tests.doors.calls import Call, calls, values_for
from tests.doors.document import Operation, operations, send
from tests.doors.rows import changed, dump, undone
from tests.doors.shop import Party, Shop

pytestmark = pytest.mark.django_db
OWNERS = ("ada", "alpha", "gus")
REFUSALS = {401, 403, 404}
# Addresses that name no thing of anybody's, or one that a shop without providers has none of.
WITHOUT_IDS = {
    "auth/social/{issuer}",
    "me/identities/{issuer}",
    "reconciliation/runs/{run_id}",
    "webhooks/carriers/{carrier}",
}
CALLERS = {"customer": "customer", "guest": policy.HOLDER}


def allowed(outcomes: Any, who: Party) -> bool:
    """Whether the route is open to such a caller whatever the row: a partner here has every scope."""
    if who.kind == "partner":
        return "yes" in {outcome for name, outcome in outcomes.items() if name.startswith("partner")}
    return bool(outcomes[CALLERS[who.kind]] == "yes")


def shows(answer: Any, mark: str) -> bool:
    content = b"".join(answer.streaming_content) if getattr(answer, "streaming", False) else answer.content
    return mark in (content.decode(errors="replace") + str(dict(answer.headers))).lower()


def others(shop: Shop, owner: Party) -> Iterator[Party]:
    """Everybody else, and a guest with nothing."""
    yield from (who for who in shop.parties.values() if who is not owner)
    yield Party("nobody", "guest", APIClient())


def object_routes() -> list[Operation]:
    return [each for each in operations() if each.parameters]


def trespasses(shop: Shop, owner: Party, operation: Operation, outcomes: Any) -> list[str]:
    """Who got at the owner's things by this route."""
    ready = calls(owner, shop).get(operation.name, Call(operation.example))
    values, wrong, before = values_for(operation, owner, shop) | ready.values, [], dump()
    if operation.name == "carts_merge":
        values["cart_id"] = owner.ids["cart"]
    for who in others(shop, owner):
        # What is the shop's own, such as a product, some may see and change.
        free = allowed(outcomes, who)
        with undone() if free else nullcontext():
            answer = send(who.client, operation, values, ready.body, who.headers())
        if shows(answer, owner.mark):
            wrong.append(f"{operation}: {who.mark} sees {owner.mark}")
        if not free and answer.status_code not in REFUSALS:
            wrong.append(f"{operation}: {who.mark} got {answer.status_code} of {owner.mark}")
    return wrong + ([f"{operation}: something was written"] if changed(before, dump()) else [])


@pytest.mark.parametrize("name", OWNERS)
def test_no_route_shows_or_changes_what_is_anothers(shop: Shop, name: str) -> None:
    table, owner = policy.table(), shop.parties[name]
    assert len(object_routes()) > 60
    wrong = []
    for each in object_routes():
        wrong += trespasses(shop, owner, each, table[(each.method, each.path)])
    assert wrong == []


def test_every_parameter_is_filled_with_an_id_there_is(shop: Shop) -> None:
    """Were it not, a refusal would only say that there is no such thing: a new kind of thing has to be in the shop."""
    owner, empty = shop.parties["ada"], set()
    for each in object_routes():
        values, nothing = values_for(each, owner, shop), each.placeholders()
        if any(values[name] == nothing[name] for name in each.parameters):
            empty.add(str(each))
    assert {each.partition(" ")[2] for each in empty} == WITHOUT_IDS


ORDERS = ("GET carts/{cart_id}", "GET orders/{number}")
FOUND = {
    "ada": {
        *ORDERS,
        "GET me",
        "GET me/addresses",
        "GET me/addresses/{id}",
        "GET orders",
        "GET orders/{number}/timeline",
    },
    "alpha": {*ORDERS, "GET orders", "GET orders/{number}/timeline"},
    "gus": {*ORDERS, "GET orders/{number}/timeline"},
}


@pytest.mark.parametrize("name", OWNERS)
def test_the_owner_finds_the_mark_by_the_same_calls(shop: Shop, name: str) -> None:
    """The control: were nothing marked, nothing could be given away."""
    owner, found = shop.parties[name], set()
    for operation in operations():
        if operation.method == "GET":
            values = values_for(operation, owner, shop)
            answer = send(owner.client, operation, values, headers=owner.headers(values.get("number", "")))
            if answer.status_code == 200 and shows(answer, owner.mark):
                found.add(str(operation))
    assert found >= FOUND[name]


def test_no_list_shows_what_is_anothers(shop: Shop) -> None:
    lists = [each for each in operations() if each.method == "GET" and not each.parameters]
    assert len(lists) > 20
    seen = []
    for who in [*shop.parties.values(), Party("nobody", "guest", APIClient())]:
        for operation in lists:
            answer = send(who.client, operation, {}, headers=who.headers())
            marks = [each.mark for each in shop.parties.values() if each is not who and shows(answer, each.mark)]
            seen += [f"{operation}: {who.mark} sees {mark}" for mark in marks]
    assert seen == []


def test_nothing_is_found_by_what_is_anothers(shop: Shop) -> None:
    """Searching by another's e-mail, name, number or reference finds nothing."""
    ada, alpha = shop.parties["ada"], shop.parties["alpha"]
    words = [ada.email, ada.address["last_name"], ada.ids["paid"], f"{alpha.mark}-paid", f"{ada.mark}track"]
    for who in (shop.parties["eve"], shop.parties["beta"]):
        for word in words:
            answer = who.client.get("/api/v1/orders", {"q": word})
            assert (answer.status_code, answer.json()["results"]) == (200, [])
    assert len(ada.client.get("/api/v1/orders", {"q": ada.ids["paid"]}).json()["results"]) == 1


def foreign_bodies(shop: Shop, me: Party, owner: Party) -> Iterator[tuple[APIClient, str, Any, dict[str, str]]]:
    """Calls about one's own things that name another's within."""
    service, warehouse, admin = (shop.staff[role] for role in ("customer_service", "warehouse", "admin"))
    mine = me.headers()
    unit = {"line": owner.lines["paid"], "quantity": 1}
    shown = {name.replace("-", "_").lower(): value for name, value in mine.items()}
    reference = {"email": me.email, "lines": [{"sku": "MUG", "quantity": 1}], "shipping_address": me.address}
    yield me.client, "POST orders", {"cart": owner.ids["cart"]}, shown
    yield me.client, "POST orders", reference | {"customer": f"{owner.mark}@example.com"}, shown
    yield me.client, f"PATCH carts/{me.ids['cart']}/items/{owner.ids['item']}", {"quantity": 9}, shown
    yield me.client, f"DELETE carts/{me.ids['cart']}/items/{owner.ids['item']}", None, shown
    yield me.client, f"POST carts/{owner.ids['cart']}/merge", None, shown
    first = {**shown, "x_order_token": me.order_tokens.get(me.ids["pending"], "")}
    yield me.client, f"POST orders/{me.ids['pending']}/cancel", {"reason": "Mine", "lines": [unit]}, first
    wish = [unit | {"reason": "damaged"}]
    last = {**shown, "x_order_token": me.order_tokens.get(me.ids["delivered"], "")}
    yield me.client, f"POST orders/{me.ids['delivered']}/returns", {"lines": wish}, last
    by_card = {"provider": "gift_card", "code": str(owner.ids["payment paid"])}
    yield me.client, f"POST orders/{me.ids['pending']}/payments", by_card, first
    yield me.client, f"POST payments/{owner.ids['payment paid']}/confirm", {}, shown
    # Staff may change both, and still not one by the parts of the other.
    yield warehouse, f"POST orders/{me.ids['paid']}/shipments", {"lines": [unit]}, {}
    yield service, f"POST payments/{me.ids['payment paid']}/refunds", {"lines": [unit], "reason": "Mine"}, {}
    arrival = [unit | {"condition": "new", "restock": True}]
    yield service, f"POST returns/{me.ids['return approved']}/receive", {"lines": arrival}, {}
    yield service, f"DELETE orders/{me.ids['pending']}/holds/{owner.ids['hold']}", None, {}
    if owner.partner and me.partner:
        token = owner.partner.tokens.get().pk
        yield admin, f"DELETE partners/{me.partner.pk}/tokens/{token}", None, {}


@pytest.mark.parametrize("pair", [("eve", "ada"), ("beta", "alpha"), ("gil", "gus"), ("eve", "gus"), ("gil", "alpha")])
def test_what_is_anothers_cannot_be_named_within(shop: Shop, pair: tuple[str, str]) -> None:
    me, owner = (shop.parties[name] for name in pair)
    wrong, before = [], dump()
    for client, what, body, headers in foreign_bodies(shop, me, owner):
        method, _, path = what.partition(" ")
        given = headers | ({"idempotency_key": f"{me.mark}-{what}"[:200]} if method == "POST" else {})
        answer = call(client, method, path, body, **{name: value for name, value in given.items() if value})
        if not 400 <= answer.status_code < 500 or shows(answer, owner.mark):
            wrong.append((what, json.dumps(body), answer.status_code, answer.content[:300]))
    assert wrong == []
    assert changed(before, dump()) == {}
