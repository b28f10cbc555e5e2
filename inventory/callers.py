"""Whose warehouses and items. This app knows no people: a caller is whoever may have `own_warehouses`."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from kernel.errors import Invalid


def own_warehouses(caller: object) -> frozenset[str] | None:
    """The codes of the warehouses whose goods the caller sees and moves; None: all of them."""
    own: frozenset[str] | None = getattr(caller, "own_warehouses", None)
    return own


def own_items(caller: object) -> "QuerySet[Any, Any] | None":
    """Ids of the items whose stock the caller sees, as the app above says that knows what was given to whom
    (`STOCK_OWN_ITEMS`); None: all of them.
    """
    given: Callable[[object], QuerySet[Any, Any] | None] = import_string(settings.STOCK_OWN_ITEMS)
    return given(caller)


def is_theirs(caller: object, code: str) -> bool:
    """Whether goods of the warehouse with this code are the caller's to see and move."""
    own = own_warehouses(caller)
    return own is None or code in own


def check_theirs(caller: object, code: str, *, field: str = "warehouse") -> None:
    """Raises `Invalid` for another's warehouse, in the words for one that does not exist."""
    if not is_theirs(caller, code):
        raise Invalid(f"There is no warehouse {code}.", field=field)
