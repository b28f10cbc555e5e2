"""Which orders somebody may see, and how they are read whole."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

from inventory.querysets import PlacedQuerySet

if TYPE_CHECKING:
    from orders.models import Order, Shipment  # noqa: F401  named in strings below, which the linter does not read

# All that an answer about an order shows.
PARTS = (
    *("lines", "addresses", "holds", "shipments__lines"),
    *("returns__lines__units__warehouse", "returns__lines__exchange_line", "returns__exchange_order"),
)
STAFF = frozenset({"admin", "customer_service", "warehouse"})


class ShipmentQuerySet(PlacedQuerySet["Shipment"]):
    """Reads of packages. Each lies in the warehouse where it was packed."""


class OrderQuerySet(models.QuerySet["Order"]):
    """Reads of orders."""

    def visible_to(self, caller: Any) -> "OrderQuerySet":
        """Staff see all, customers and partners their own, strangers none (they come with an order token).

        A partner's sandbox token sees its test orders, its other tokens all but these.
        """
        role = getattr(caller, "role", None)
        if role in STAFF:
            return self.all()
        if role == "partner":
            return self.filter(partner=caller.partner, test=caller.sandbox)
        if role == "customer":
            return self.filter(user=caller)
        return self.none()

    def live(self) -> "OrderQuerySet":
        """Without test orders: those that are work, sales and money."""
        return self.filter(test=False)

    def whole(self) -> "OrderQuerySet":
        """With all that an answer shows, in a fixed number of statements however many orders there are."""
        return self.prefetch_related(*PARTS)

    def search(self, text: str, *, people: bool = True) -> "OrderQuerySet":
        """By number, reference, SKU or tracking number, as staff type them, and by e-mail or name.

        Not by these two without `people`: who is not shown them could find them out by guessing.
        """
        asked = (
            Q(number__iexact=text)
            | Q(reference__iexact=text)
            | Q(lines__sku__iexact=text)
            | Q(shipments__tracking_number__iexact=text)
        )
        if people:
            asked |= Q(email__iexact=text) | Q(addresses__last_name__iexact=text)
        return self.filter(asked).distinct()
