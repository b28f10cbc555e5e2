"""What the HTTP conventions hold about a person: answers kept for repeated requests."""

from collections.abc import Iterable
from typing import Any

from api.models import IdempotencyKey


def export(user: Any) -> dict[str, Any]:
    """Nothing: each answer repeats what is exported elsewhere, and is gone in a day."""
    return {}


def unfinished(user: Any) -> Iterable[str]:
    """Nothing ever is."""
    return ()


def erase(user: Any, pseudonym: str) -> None:
    """Forget the answers."""
    IdempotencyKey.objects.filter(caller=str(user.as_actor())).delete()
