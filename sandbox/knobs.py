"""Knobs: what goes wrong, on which calls, how often. They are kept in the books and outlive the process."""

import random
import re
from dataclasses import asdict, dataclass, field
from typing import Any

from sandbox.books import Books

# drop_answer   the effect happens, then the connection closes without an answer
# error_after   the effect happens, the answer is a 500 (which a saved key repeats)
# error_before  a 500 without effect (which a saved key repeats, as Stripe does)
# unavailable   a 503 in front of everything: no effect, nothing saved
# delay         waits before the effect
# delay_answer  waits after the effect
# rate_limit    a 429: no effect, nothing saved
EFFECTS = ("drop_answer", "error_after", "error_before", "unavailable", "delay", "delay_answer", "rate_limit")
KIND = "knob"


class BadKnob(Exception):
    """A knob that says something it cannot mean."""


@dataclass(frozen=True, kw_only=True)
class Match:
    """Which calls: "" is any. `path` is a regular expression, searched for in the path below the provider."""

    provider: str = ""
    method: str = ""
    path: str = ""

    def fits(self, provider: str, method: str, path: str) -> bool:
        return (
            self.provider in ("", provider)
            and self.method.upper() in ("", method)
            and re.search(self.path, path) is not None
        )


@dataclass(kw_only=True)
class Knob:
    """`times` counts down, None is for ever; `probability` is drawn from `seed`."""

    id: str
    effect: str
    match: Match = field(default_factory=Match)
    seconds: float = 0.0
    times: int | None = None
    probability: float = 1.0
    seed: int | None = None

    def __post_init__(self) -> None:
        if self.effect not in EFFECTS:
            raise BadKnob(f"effect is one of {', '.join(EFFECTS)}")
        try:
            re.compile(self.match.path)
        except re.error as error:
            raise BadKnob(f"match.path is no regular expression: {error}") from None
        if not (isinstance(self.seconds, int | float) and isinstance(self.probability, int | float)):
            raise BadKnob("seconds and probability are numbers")
        if self.times is not None and not (isinstance(self.times, int) and self.times > 0):
            raise BadKnob("times is a number from 1, or null")
        self.chance = random.Random(self.seed)  # noqa: S311  a die, not a secret

    def fires(self) -> bool:
        return self.probability >= 1 or self.chance.random() < self.probability


class Knobs:
    def __init__(self, books: Books) -> None:
        self.books = books
        self.set = {document["id"]: from_document(document) for document in reversed(books.list(KIND))}

    def add(self, wanted: dict[str, Any]) -> Knob:
        """Set a knob: the body of POST /knobs. Raises BadKnob."""
        knob = from_document({**wanted, "id": self.books.next_id("knob_", length=12)})
        self._write(knob)
        self.set[knob.id] = knob
        return knob

    def draw(self, provider: str, method: str, path: str) -> Knob | None:
        """The first knob that strikes this call; it has struck once more then."""
        for knob in list(self.set.values()):
            if knob.match.fits(provider, method, path) and knob.fires():
                self._use_up(knob)
                return knob
        return None

    def remove(self, id: str | None = None) -> None:  # noqa: A002
        """Take one knob back, or all."""
        for known in [id] if id else list(self.set):
            self.set.pop(known, None)
            self.books.delete(KIND, known)

    def _use_up(self, knob: Knob) -> None:
        if knob.times is None:
            return
        knob.times -= 1
        if knob.times > 0:
            self._write(knob)
        else:
            self.remove(knob.id)

    def _write(self, knob: Knob) -> None:
        self.books.put(KIND, knob.id, asdict(knob))


def from_document(document: dict[str, Any]) -> Knob:
    try:
        return Knob(**{**document, "match": Match(**document.get("match", {}))})
    except TypeError as error:
        raise BadKnob(str(error)) from None
