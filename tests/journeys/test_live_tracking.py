"""An order watched over a real socket of a real server, with PostgreSQL and Redis behind it."""

import contextlib
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.db import connection
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from accounts.models import User
from accounts.services import deactivate_user
from accounts.tests.factories import SessionFactory, UserFactory, access_token
from accounts.tokens import access_for
from api.tokens import derive_token
from audit.models import Delivery
from audit.relay import deliver, fan_out
from orders.models import Order
from orders.services import cancel_order, deliver_shipment, pack_shipment, place_hold, ship_shipment
from orders.tests.factories import ADDRESS, TESTS, buyable, place
from payments.services import record_manual_payment
from tests.conftest import Processes, processes_in

QUIET_SECONDS = 0.6
PATIENCE_SECONDS = 15


pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def server(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    """One web process for all tests of this module that do not need their own."""
    with processes_in(tmp_path_factory.mktemp("server")) as made:
        made.start("web")
        yield made


@pytest.fixture(scope="module")
def restless(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    """One that looks again, each part of a second, and soon loses its patience."""
    with processes_in(tmp_path_factory.mktemp("restless")) as made:
        made.environment |= {"WAYBILL_SOCKET_RECHECK_SECONDS": "0.3", "WAYBILL_SOCKET_GREETING_SECONDS": "3"}
        made.start("web")
        yield made


def tell() -> None:
    """What relay and worker do: hand each fact to its handlers."""
    while fan_out():
        for delivery_id in Delivery.objects.filter(state="pending").values_list("pk", flat=True):
            deliver(delivery_id)


@contextlib.contextmanager
def watching(server: Processes, order: Order, *said: dict[str, Any]) -> Iterator[ClientConnection]:
    with connect(f"{server.sockets}/orders/{order.number}/") as socket:
        for message in said:
            socket.send(json.dumps(message))
        yield socket


def heard(socket: ClientConnection) -> dict[str, Any]:
    return dict(json.loads(socket.recv(timeout=PATIENCE_SECONDS)))


def hears_nothing(socket: ClientConnection) -> bool:
    try:
        socket.recv(timeout=QUIET_SECONDS)
    except TimeoutError:
        return True
    return False


def closed_with(socket: ClientConnection) -> int | None:
    """The code with which the server hangs up, whatever it says before."""
    with contextlib.suppress(ConnectionClosed):
        while True:
            socket.recv(timeout=PATIENCE_SECONDS)
    return socket.close_code


def short_lived(person: User) -> str:
    """An access token that is good for two seconds."""
    token = access_for(person, SessionFactory(user=person).pk)
    token.set_exp(lifetime=timedelta(seconds=2))
    return str(token)


def token_of(order: Order) -> dict[str, str]:
    return {"token": derive_token("order", order.number)}


def test_a_guest_follows_an_order_from_the_cart_to_the_door(server: Processes) -> None:
    buyable("MUG")
    with httpx.Client(base_url=server.api) as guest:
        cart = guest.post(
            "/carts",
            json={"items": [{"sku": "MUG", "quantity": 2}], "email": "guest@example.com", "shipping_address": ADDRESS},
        ).json()
        headers = {"X-Cart-Token": cart["token"], "Idempotency-Key": "one"}
        placed = guest.post("/orders", json={"cart": cart["id"]}, headers=headers).json()
    order = Order.objects.get(number=placed["number"])
    with watching(server, order, {"token": placed["token"]}) as socket:
        assert heard(socket) == {
            "number": order.number,
            "version": 1,
            "status": "pending",
            "payment_status": "unpaid",
            "fulfillment_status": "unfulfilled",
            "return_status": "none",
            "shipments": [],
        }
        record_manual_payment(order_id=order.pk, by=TESTS)
        tell()
        paid = heard(socket)
        assert (paid["version"], paid["status"], paid["payment_status"]) == (2, "paid", "paid")
        parcel = pack_shipment(order_id=order.pk, by=TESTS)
        tell()
        assert [part["status"] for part in heard(socket)["shipments"]] == ["packed"]
        ship_shipment(shipment_id=parcel.pk, carrier="DHL", tracking_number="T-1", by=TESTS)
        tell()
        shipped = heard(socket)
        assert (shipped["version"], shipped["status"], shipped["fulfillment_status"]) == (4, "shipped", "shipped")
        assert shipped["shipments"] == [
            {
                "number": f"{order.number}-1",
                "status": "shipped",
                "carrier": "DHL",
                "tracking_number": "T-1",
                "carrier_status": "",
            }
        ]
        deliver_shipment(shipment_id=parcel.pk, by=TESTS)
        tell()
        assert heard(socket)["status"] == "delivered"


def test_worker_and_relay_carry_the_hint(live_stack: Processes) -> None:
    buyable()
    order = place()
    with watching(live_stack, order, token_of(order)) as socket:
        assert heard(socket)["version"] == 1
        record_manual_payment(order_id=order.pk, by=TESTS)
        assert (heard(socket)["version"], order.number) == (2, order.number)


def test_after_a_break_one_resumes_where_one_was(server: Processes) -> None:
    buyable()
    order = place()
    with watching(server, order, token_of(order)) as socket:
        assert heard(socket)["version"] == 1
    record_manual_payment(order_id=order.pk, by=TESTS)
    place_hold(order_id=order.pk, kind="address", by=TESTS)
    with watching(server, order, token_of(order) | {"resume": 1}) as socket:
        assert heard(socket)["version"] == 3
        socket.send(json.dumps({"resume": 3}))
        assert hears_nothing(socket)
        socket.send(json.dumps({"resume": 2}))
        assert heard(socket)["version"] == 3
    with watching(server, order, token_of(order) | {"resume": 3}) as socket:
        assert hears_nothing(socket)
        cancel_order(order_id=order.pk, reason="mistake", by=TESTS)
        tell()
        assert heard(socket)["status"] == "cancelled"


def test_late_and_repeated_hints_show_nothing_twice(server: Processes) -> None:
    buyable()
    order = place()
    with watching(server, order, token_of(order)) as socket:
        assert heard(socket)["version"] == 1
        record_manual_payment(order_id=order.pk, by=TESTS)
        place_hold(order_id=order.pk, kind="address", by=TESTS)
        tell()  # of version 1, 2 and 3
        assert heard(socket)["version"] == 3
        assert hears_nothing(socket)


def test_everyone_who_watches_hears_and_nobody_else(server: Processes) -> None:
    buyable()
    mine, other = place(), place()
    with (
        watching(server, mine, token_of(mine)) as first,
        watching(server, mine, token_of(mine)) as second,
        watching(server, other, token_of(other)) as third,
    ):
        for socket in (first, second, third):
            heard(socket)
        record_manual_payment(order_id=mine.pk, by=TESTS)
        tell()
        assert (heard(first)["version"], heard(second)["version"]) == (2, 2)
        assert hears_nothing(third)


def test_fifty_who_watch_share_the_connections_to_the_database(server: Processes) -> None:
    buyable()
    order = place()
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(watching(server, order, token_of(order))) for _ in range(50)]
        assert {heard(socket)["version"] for socket in sockets} == {1}
        record_manual_payment(order_id=order.pk, by=TESTS)
        tell()
        assert {heard(socket)["version"] for socket in sockets} == {2}
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
            (connections,) = cursor.fetchone()
    assert connections <= 1 + 4 + 1  # this test's, one a thread for HTTP, one for all sockets


@pytest.mark.parametrize("role", ["customer", "admin", "customer_service", "warehouse"])
def test_the_owner_and_staff_come_in_with_their_access_token(server: Processes, role: str) -> None:
    buyable()
    person = UserFactory(role=role)
    order = place(user=person if role == "customer" else None)
    with watching(server, order, {"token": access_token(person)}) as socket:
        assert heard(socket)["number"] == order.number


def said_instead(order: Order, other: Order) -> dict[str, Callable[[], Any]]:
    return {
        "another order's token": lambda: token_of(other),
        "no token at all": lambda: {"resume": 1},
        "nonsense": lambda: {"token": "nonsense"},
        "not a token": lambda: {"token": 7},
        "not an object": lambda: [1],
        "an unknown message": lambda: {"hello": "world"},
        "a version that is none": lambda: token_of(order) | {"resume": -1},
        "somebody else": lambda: {"token": access_token(UserFactory())},
        "not JSON": lambda: "{",
        "too long": lambda: {"token": "x" * 9000},
    }


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("another order's token", 4401),
        ("no token at all", 4401),
        ("nonsense", 4401),
        ("not a token", 4400),
        ("not an object", 4400),
        ("an unknown message", 4400),
        ("a version that is none", 4400),
        ("somebody else", 4404),
        ("not JSON", 4400),
        ("too long", 4400),
    ],
)
def test_whoever_says_something_else_is_hung_up_on(server: Processes, what: str, code: int) -> None:
    buyable()
    order, other = place(), place()
    message = said_instead(order, other)[what]()
    with connect(f"{server.sockets}/orders/{order.number}/") as socket:
        socket.send(message if isinstance(message, str) else json.dumps(message))
        assert closed_with(socket) == code


def test_bytes_are_no_message(server: Processes) -> None:
    buyable()
    with connect(f"{server.sockets}/orders/{place().number}/") as socket:
        socket.send(b"\x00\xff")
        assert closed_with(socket) == 4400


def test_an_order_there_is_not_is_not_found_with_a_good_token(server: Processes) -> None:
    with connect(f"{server.sockets}/orders/W42/") as socket:
        socket.send(json.dumps({"token": access_token(UserFactory(admin=True))}))
        assert closed_with(socket) == 4404


def test_whoever_talks_without_end_is_hung_up_on(server: Processes) -> None:
    buyable()
    order = place()
    with watching(server, order, token_of(order)) as socket:
        heard(socket)
        for _ in range(30):
            socket.send(json.dumps({"resume": 1}))
        assert closed_with(socket) == 4429


def test_whoever_says_nothing_is_hung_up_on(restless: Processes) -> None:
    buyable()
    with connect(f"{restless.sockets}/orders/{place().number}/") as socket:
        assert closed_with(socket) == 4401


def test_whoever_may_no_longer_listen_is_hung_up_on(restless: Processes) -> None:
    buyable()
    person = UserFactory()
    order = place(user=person)
    with watching(restless, order, {"token": access_token(person)}) as socket:
        assert heard(socket)["version"] == 1
        assert hears_nothing(socket)
        deactivate_user(user_id=person.pk, by=TESTS)
        assert closed_with(socket) == 4401


def test_an_access_token_that_runs_out_ends_it_and_a_fresh_one_goes_on(restless: Processes) -> None:
    buyable()
    person = UserFactory()
    order = place(user=person)
    with (
        watching(restless, order, {"token": short_lived(person)}) as gone,
        watching(restless, order, {"token": short_lived(person)}) as kept,
    ):
        heard(gone), heard(kept)
        kept.send(json.dumps({"token": access_token(person)}))
        assert closed_with(gone) == 4401
        assert hears_nothing(kept)


def test_a_lost_hint_is_found_at_the_next_look(restless: Processes) -> None:
    buyable()
    order = place()
    with watching(restless, order, token_of(order)) as socket:
        assert heard(socket)["version"] == 1
        record_manual_payment(order_id=order.pk, by=TESTS)
        assert heard(socket)["version"] == 2


def test_a_page_of_another_site_may_not_open_a_socket(server: Processes) -> None:
    buyable()
    order = place()
    address = f"{server.sockets}/orders/{order.number}/"
    for origin in ("https://evil.example", "null", "https://127.0.0.1.evil.example"):
        with pytest.raises(InvalidStatus) as refusal, connect(address, origin=origin):
            pass
        assert refusal.value.response.status_code == 403
    with connect(address, origin=server.url) as socket:
        socket.send(json.dumps(token_of(order)))
        assert heard(socket)["version"] == 1


@pytest.mark.parametrize("path", ["", "/", "/orders", "/orders/", "/orders/W1/x", "/orders/" + "W" * 41, "/orders/%00"])
def test_an_unknown_path_is_refused(server: Processes, path: str) -> None:
    with pytest.raises(InvalidStatus) as refusal, connect(server.sockets + path):
        pass
    assert refusal.value.response.status_code == 403
    assert "Traceback" not in server.log.read_text()
