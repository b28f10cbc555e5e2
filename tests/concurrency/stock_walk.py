"""A walk at random through everything that can happen to stock."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

from django.db import transaction
from django.utils import timezone

from api.transactions import retrying
from inventory.models import Reservation, Warehouse
from inventory.services import (
    Pick,
    Restock,
    Want,
    adjust_stock,
    commit_reservations,
    consume,
    open_by_warehouse,
    release,
    reserve,
    restock,
    set_safety,
    transfer_stock,
    update_warehouse,
)
from inventory.tests.factories import TESTS, WarehouseFactory, stock
from kernel.errors import Refused

SKUS = ("A", "B", "C", "D")
CODES = ("NEAR", "FAR", "AWAY")


def open_shop() -> None:
    for place, code in enumerate(CODES):
        warehouse = WarehouseFactory(code=code, priority=place)
        for sku in SKUS:
            stock(sku, 30, warehouse=warehouse)


class Walker:
    """Takes steps at random. Orders are shared by all walkers; each takes back only what it ordered itself."""

    def __init__(self, number: int, seed: int, orders: list[int]) -> None:
        self.number, self.random, self.orders = number, Random(f"{seed}/{number}"), orders
        self.mine: list[int] = []
        self.seen: Counter[str] = Counter()
        self.ways: list[Callable[[], Any]] = [
            *[self.reserve] * 6, *[self.commit] * 4, *[self.consume] * 4, *[self.release] * 2, self.release_part,
            *[self.restock] * 2, *[self.adjust] * 2, self.count, *[self.transfer] * 2, self.safety, self.toggle,
        ]  # fmt: skip

    def walk(self, steps: int) -> Counter[str]:
        """Take so many steps; returns how often each way was gone, refusals by their code. A bug is raised."""
        for self.step in range(steps):
            way = self.random.choice(self.ways)
            try:
                retrying(lambda way=way: self.whole(way))
                self.seen[way.__name__] += 1
            except Refused as refusal:
                self.seen[refusal.code] += 1
        return self.seen

    def whole(self, way: Callable[[], Any]) -> None:
        with transaction.atomic():
            way()

    @property
    def cause(self) -> str:
        return f"step:{self.number}:{self.step}"

    def order(self, among: list[int] | None = None) -> int:
        orders = self.orders if among is None else among
        return self.random.choice(orders) if orders else 0

    def reserve(self) -> None:
        order_id = self.number * 1_000_000 + self.step + 1
        wants = [
            Want(order_id * 10 + line, self.random.choice(SKUS), self.random.randint(1, 6))
            for line in range(self.random.randint(1, 4))
        ]
        expires_at = self.random.choice([None, timezone.now() + timedelta(hours=1)])
        reserve(order_id=order_id, wants=wants, expires_at=expires_at)
        self.orders.append(order_id)
        self.mine.append(order_id)

    def commit(self) -> None:
        commit_reservations(order_id=self.order())

    def release(self) -> None:
        release(order_id=self.order())

    def release_part(self) -> None:
        order_id = self.order()
        lines = [line for lines in open_by_warehouse(order_id).values() for line in lines]
        release(order_id=order_id, quantities=dict.fromkeys(lines[:2], self.random.randint(1, 2)))

    def consume(self) -> None:
        order_id = self.order()
        picks = [
            Pick(line, warehouse_id, self.random.randint(1, units))
            for warehouse_id, lines in list(open_by_warehouse(order_id).items())[:1]
            for line, units in lines.items()
        ]
        consume(order_id=order_id, picks=picks, cause=self.cause, by=TESTS)

    def restock(self) -> None:
        order_id = self.order(self.mine)
        shipped = Reservation.objects.filter(order_id=order_id, state="consumed").order_by("id").first()
        if shipped is not None:
            warehouse_id = self.random.choice(list(Warehouse.objects.order_by("id").values_list("id", flat=True)))
            want = Restock(shipped.order_line_id, warehouse_id, self.random.randint(1, shipped.quantity))
            restock(order_id=order_id, wants=[want], cause=self.cause, by=TESTS)

    def place(self) -> dict[str, str]:
        return {"sku": self.random.choice(SKUS), "warehouse_code": self.random.choice(CODES)}

    def adjust(self) -> None:
        adjust_stock(**self.place(), delta=self.random.randint(-6, 12), reason="correction", by=TESTS)

    def count(self) -> None:
        adjust_stock(**self.place(), on_hand=self.random.randint(0, 40), reason="count", by=TESTS)

    def transfer(self) -> None:
        source, target = self.random.sample(CODES, 2)
        transfer_stock(
            sku=self.random.choice(SKUS), from_code=source, to_code=target, quantity=self.random.randint(1, 9), by=TESTS
        )

    def safety(self) -> None:
        set_safety(**self.place(), safety=self.random.randint(0, 4), by=TESTS)

    def toggle(self) -> None:
        update_warehouse(code=self.random.choice(CODES), active=self.random.random() < 0.8, by=TESTS)
