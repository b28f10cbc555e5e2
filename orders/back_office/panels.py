"""Where apps above add to the page of an order: panels, verbs, moments. Orders know them by dotted path only."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string

from orders.models import Order


@dataclass(frozen=True, slots=True)
class Panel:
    """A card in the right column. The template has all that the page has, and `panel` itself."""

    title: str
    icon: str
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)


# Given the request and the order; None leaves the panel out.
Provider = Callable[[HttpRequest, Order], Panel | None]


# A card of the first page, for those whom it concerns.
CardProvider = Callable[[HttpRequest], Panel | None]


def first_page_cards(request: HttpRequest) -> list[Panel]:
    """The cards of `OFFICE_CARDS`, in that order."""
    providers: list[CardProvider] = [import_string(path) for path in settings.OFFICE_CARDS]
    return [card for provider in providers if (card := provider(request)) is not None]


def panels_of(request: HttpRequest, order: Order) -> list[Panel]:
    """The panels of `ORDER_PANELS`, in that order."""
    providers: list[Provider] = [import_string(path) for path in settings.ORDER_PANELS]
    return [panel for provider in providers if (panel := provider(request, order)) is not None]
