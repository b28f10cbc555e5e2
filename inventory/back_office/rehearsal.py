"""What a verb of stock would do, found out by doing it and undoing it."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass

from django.db import transaction

from inventory.models import StockLevel


@dataclass(frozen=True, slots=True)
class Numbers:
    """The counters of one level, as a person reads them."""

    on_hand: int = 0
    reserved: int = 0
    safety: int = 0
    available: int = 0

    @property
    def short(self) -> int:
        return max(self.reserved - self.on_hand, 0)


@dataclass(frozen=True, slots=True)
class Effect:
    """One warehouse before and after."""

    code: str
    before: Numbers
    after: Numbers


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The warehouses that would change. `seen` is the fingerprint of what was shown."""

    effects: list[Effect]

    @property
    def seen(self) -> str:
        shown = json.dumps([asdict(effect) for effect in self.effects])
        return hashlib.sha256(shown.encode()).hexdigest()


def rehearse(sku: str, perform: Callable[[], None], *, caller: object) -> Rehearsal:
    """Run the verb in a transaction that is undone; tell of it what the caller sees. Refusals come through."""
    with transaction.atomic():
        before = _numbers(sku, caller)
        perform()
        after = _numbers(sku, caller)
        transaction.set_rollback(True)
    nothing = Numbers()
    return Rehearsal(
        [
            Effect(code, before.get(code, nothing), now)
            for code, now in after.items()
            if now != before.get(code, nothing)
        ]
    )


def _numbers(sku: str, caller: object) -> dict[str, Numbers]:
    levels = StockLevel.objects.visible_to(caller).filter(item__sku=sku)
    rows = levels.order_by("warehouse__priority", "warehouse_id").values_list(
        "warehouse__code", "on_hand", "reserved", "safety", "available"
    )
    return {code: Numbers(*numbers) for code, *numbers in rows}
