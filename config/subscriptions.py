"""What follows from what: the urlconf of events."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from audit.events import Event

subscriptions: Mapping[type[Event], Sequence[Callable[[Any], None]]] = {}
