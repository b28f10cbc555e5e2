"""Copies and erasures that meet each other, and people who buy while their account is being closed."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillWaiting
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import httpx
import pytest
from django.core.files.storage import FileSystemStorage
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts import services
from accounts.errors import AccountClosed
from accounts.models import Address, RefreshFamily, User
from accounts.personal_data.models import DataExport, Erasure
from accounts.personal_data.services import ask_erasure, delete_discarded, erase_due, make_exports, request_export
from accounts.querysets import UserQuerySet
from accounts.tests.factories import PASSWORD, UserFactory, access_token
from api.actors import Actor
from audit.doctor import examine
from audit.models import LogEntry
from notifications.services import send_due
from orders.models import Cart, Order
from orders.services import open_cart
from orders.tests.factories import ADDRESS, buyable, owner, place
from tests.concurrency.racing import at_once, outcomes
from tests.conftest import Processes
from tests.journeys.personal_data import deliver_all

pytestmark = pytest.mark.django_db(transaction=True)
BY = Actor.system("tests")
ASKED = 40


class PausingStorage(FileSystemStorage):
    """Says when a file is about to be written, and waits to be told to go on."""

    reached, go_on = Event(), Event()

    def _save(self, name: str, content: Any) -> str:
        PausingStorage.reached.set()
        assert PausingStorage.go_on.wait(60)
        return super()._save(name, content)


@pytest.fixture
def files(settings: Any, tmp_path: Path) -> Path:
    """Where copies lie, in a storage that pauses."""
    pausing = {"BACKEND": f"{__name__}.PausingStorage", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = settings.STORAGES | {"default": pausing}
    PausingStorage.reached.clear()
    PausingStorage.go_on.clear()
    return tmp_path / "exports"


@contextmanager
def meanwhile(work: Callable[[], Any]) -> Iterator[Future[Any]]:
    """The work on a connection of its own while the block runs."""

    def run() -> Any:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(run)


def before_commit_of(first: Callable[[], Any], then: Callable[[], Any]) -> tuple[bool, Any]:
    """`then` begins when `first` is done and not yet committed: whether it waited, and what came of it afterwards."""
    is_done, commit = Event(), Event()

    def uncommitted() -> None:
        with transaction.atomic():
            first()
            is_done.set()
            assert commit.wait(60)

    with meanwhile(uncommitted) as holding:
        assert is_done.wait(60)
        with meanwhile(then) as other:
            waited = is_waiting(other)
            commit.set()
            holding.result(60)
            return waited, other.exception(60) or other.result()


def is_waiting(future: "Future[Any]") -> bool:
    try:
        future.exception(timeout=0.7)
    except StillWaiting:
        return True
    return False


def time_is_over(user: User) -> None:
    """All that was said about the person is heard and sent, and the days to think again are over."""
    deliver_all()
    send_due()
    User.objects.filter(pk=user.pk).update(erase_at=timezone.now() - timedelta(seconds=1))
    Erasure.objects.update(look_at=timezone.now())


def left_in(files: Path) -> list[Path]:
    return list(files.iterdir()) if files.exists() else []


# A copy


def test_a_copy_asked_for_forty_times_at_once_is_one(live_server_process: Processes) -> None:
    user = UserFactory()
    headers = {"Authorization": f"Bearer {access_token(user)}"}

    async def ask() -> list[httpx.Response]:
        limits = httpx.Limits(max_connections=ASKED)
        async with httpx.AsyncClient(headers=headers, limits=limits, timeout=120) as client:
            url = f"{live_server_process.api}/me/export"
            return await asyncio.gather(*[client.post(url) if n % 2 else client.get(url) for n in range(ASKED)])

    answers = asyncio.run(ask())
    assert Counter((answer.status_code, answer.json()["status"]) for answer in answers) == {(202, "queued"): ASKED}
    assert DataExport.objects.get().user == user


def test_control_looking_first_several_believe_they_are_the_first() -> None:
    user, everybody_looked = UserFactory(), Barrier(8)

    def look_then_ask() -> bool:
        is_first = not DataExport.objects.filter(user=user).exists()
        everybody_looked.wait(30)
        if is_first:
            DataExport.objects.create(user=user, requested_by="x")
        return is_first

    refused = [result for result in at_once([look_then_ask] * 8) if isinstance(result, IntegrityError)]
    assert len(refused) > 1


def test_a_copy_that_is_finished_at_that_moment_is_the_answer() -> None:
    """Asked for while it is made and finished over and over, nobody gets anything but a copy."""
    user = UserFactory()
    asking = [lambda: request_export(user_id=user.pk, by=BY)] * 40
    results = at_once([work for pair in zip(asking, [make_exports] * 40, strict=True) for work in pair])
    assert outcomes(results) == {"done": 80}
    make_exports()
    assert DataExport.objects.get().status == "ready"  # the older ones are gone


def test_nobody_is_erased_while_their_copy_is_being_made(files: Path) -> None:
    user = UserFactory()
    request_export(user_id=user.pk, by=BY)
    with meanwhile(make_exports) as making:
        assert PausingStorage.reached.wait(60)
        close(user)
        time_is_over(user)
        assert erase_due() == 0
        assert Erasure.objects.get().waits_for == "A copy of their data is being made."
        PausingStorage.go_on.set()
        assert making.result(60) == 1
    assert len(left_in(files)) == 1
    time_is_over(user)
    assert erase_due() == 1, Erasure.objects.get().waits_for
    delete_discarded()
    assert (left_in(files), DataExport.objects.count()) == ([], 0)


def test_control_without_waiting_the_file_comes_after_all_were_deleted(files: Path) -> None:
    user = UserFactory()
    request_export(user_id=user.pk, by=BY)
    with meanwhile(make_exports) as making:
        assert PausingStorage.reached.wait(60)
        user.exports.all().delete()
        delete_discarded()
        PausingStorage.go_on.set()
        assert making.result(60) == 0
    assert len(left_in(files)) == 1
    # Whoever wrote it in vain has it deleted, should it ever come to that.
    assert (delete_discarded(), left_in(files)) == (1, [])


def test_one_that_a_worker_died_over_keeps_nobody(files: Path) -> None:
    user = UserFactory()
    request_export(user_id=user.pk, by=BY)
    DataExport.objects.update(status="running", path="exports/lost.zip", due_at=timezone.now())
    close(user)
    time_is_over(user)
    assert erase_due() == 1, Erasure.objects.get().waits_for
    assert delete_discarded() == 1


# An erasure


def test_of_eight_workers_at_once_one_erases() -> None:
    user = UserFactory()
    close(user)
    time_is_over(user)
    assert sum(at_once([erase_due] * 8)) == 1
    assert LogEntry.objects.filter(name="UserErased").count() == 1
    wish = Erasure.objects.get()
    assert (wish.outcome, wish.waits_for) == ("erased", "")
    assert [rule.invariant.name for rule in examine() if rule.invariant.name != "events.delivered"] == []


def test_control_without_the_lock_several_erase() -> None:
    user, everybody_looked = UserFactory(), Barrier(8)

    def look_then_erase() -> bool:
        is_there = User.objects.filter(pk=user.pk, erased_at=None).exists()
        everybody_looked.wait(30)
        return is_there and User.objects.filter(pk=user.pk).update(last_name="") == 1

    assert sum(at_once([look_then_erase] * 8)) > 1


# Somebody who buys


def test_an_order_under_way_holds_up_closing_the_account_and_then_keeps_the_person() -> None:
    buyable("MUG", quantity=5)
    user = UserFactory()
    waited, _ = before_commit_of(lambda: place(user=user), lambda: close(user))
    assert waited
    time_is_over(user)
    assert erase_due() == 0
    assert Erasure.objects.get().waits_for == f"Orders under way: {Order.objects.get().number}."


def close(user: User) -> User:
    return ask_erasure(user_id=user.pk, by=user.as_actor())


WORKS: dict[str, Callable[[User], Any]] = {
    "an order": lambda user: place(user=user),
    "a cart": lambda user: open_cart(owner=owner(user), items=[("MUG", 1)], details={}, by=user.as_actor()),
    "an address": lambda user: services.add_address(user_id=user.pk, address=ADDRESS, by=user.as_actor()),
    "a name": lambda user: services.change_profile(user_id=user.pk, profile={"last_name": "X"}, by=user.as_actor()),
    "a password": lambda user: services.change_password(
        user_id=user.pk, current=PASSWORD, new="a-long-and-unusual-one", by=user.as_actor()
    ),
}


@pytest.mark.parametrize("what", WORKS)
def test_who_closes_their_account_begins_nothing_any_more(what: str) -> None:
    buyable("MUG", quantity=5)
    user = UserFactory()
    waited, refusal = before_commit_of(lambda: close(user), lambda: WORKS[what](user))
    assert (waited, type(refusal)) == (True, AccountClosed)
    assert (Order.objects.count(), Cart.objects.count(), Address.objects.count()) == (0, 0, 0)
    assert not RefreshFamily.objects.filter(revoked_at=None).exists()
    assert User.objects.get().last_name == user.last_name


@pytest.mark.parametrize("what", ["an order", "a cart", "an address"])
def test_control_without_the_hold_on_the_account_it_is_begun(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(UserQuerySet, "keep_open", lambda self, user_id: None)
    buyable("MUG", quantity=5)
    user = UserFactory()
    _, made = before_commit_of(lambda: close(user), lambda: WORKS[what](user))
    assert not isinstance(made, Exception)
    assert Order.objects.count() + Cart.objects.count() + Address.objects.count() == 1


def test_orders_and_the_end_of_the_account_at_once_over_http(live_server_process: Processes) -> None:
    """Each order is refused, or there and keeps the person; nobody waits for anybody in a circle."""
    buyable("MUG", quantity=200)
    user, api = UserFactory(), live_server_process.api
    headers = {"Authorization": f"Bearer {access_token(user)}"}
    body = {"items": [{"sku": "MUG", "quantity": 1}], "shipping_address": ADDRESS}

    async def buy(client: httpx.AsyncClient, number: int) -> int:
        cart = await client.post(f"{api}/carts", json=body)
        if cart.status_code != 201:
            return cart.status_code
        key = {"Idempotency-Key": f"order-number-{number}"}
        return (await client.post(f"{api}/orders", json={"cart": cart.json()["id"]}, headers=key)).status_code

    async def leave(client: httpx.AsyncClient) -> int:
        await asyncio.sleep(1)
        return (await client.delete(f"{api}/me")).status_code

    async def all_of_it() -> list[int]:
        async with httpx.AsyncClient(headers=headers, timeout=120) as client:
            return await asyncio.gather(leave(client), *[buy(client, number) for number in range(60)])

    left, *bought = asyncio.run(all_of_it())
    assert left == 202
    assert set(bought) <= {201, 401, 409}
    assert Order.objects.filter(user=user).count() == bought.count(201)
    time_is_over(user)
    assert erase_due() == (0 if 201 in bought else 1)
    assert [rule.invariant.name for rule in examine() if rule.invariant.name != "events.delivered"] == []
