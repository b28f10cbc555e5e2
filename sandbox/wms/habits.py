"""How the WMS misbehaves: kept in the books, turned on its page or by POST /wms/habits."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sandbox.books import Books
from sandbox.knobs import BadKnob

KIND = "wms habits"
SWITCHES = ("shuffle", "duplicate", "down", "wrong")


@dataclass(frozen=True, kw_only=True)
class WmsHabits:
    """Events come so many seconds `late`, out of order (`shuffle`), twice and once more under another id
    (`duplicate`); it is `down` for every call; the numbers it answers are absurd (`wrong`). What it accepts it ships
    by itself after `ship_seconds` (None: when somebody says so).
    """

    late: float = 0.0
    shuffle: bool = False
    duplicate: bool = False
    down: bool = False
    wrong: bool = False
    ship_seconds: float | None = None

    def __post_init__(self) -> None:
        for number in (self.late, self.ship_seconds):
            if number is not None and (isinstance(number, bool) or not isinstance(number, int | float) or number < 0):
                raise BadKnob("late and ship_seconds are numbers of seconds")
        if not all(isinstance(getattr(self, name), bool) for name in SWITCHES):
            raise BadKnob(f"{', '.join(SWITCHES)} are true or false")


def habits_of(books: Books) -> WmsHabits:
    return WmsHabits(**(books.get(KIND, "") or {}))


def set_habits(books: Books, wanted: Mapping[str, Any]) -> WmsHabits:
    """Over those there are. Raises BadKnob."""
    try:
        habits = WmsHabits(**{**asdict(habits_of(books)), **wanted})
    except TypeError as error:
        raise BadKnob(str(error)) from None
    books.put(KIND, "", asdict(habits))
    return habits
