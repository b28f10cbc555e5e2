"""Whose requests somebody may see."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models

from accounts.models import User

if TYPE_CHECKING:
    from catalog.stock_requests.models import StockRequest  # noqa: F401  for the annotations of mypy alone


class StockRequestQuerySet(models.QuerySet["StockRequest"]):
    """Reads of requests."""

    def waiting(self) -> Self:
        """Those that nobody has been told about yet."""
        return self.filter(state="waiting")

    def visible_to(self, caller: Any) -> Self:
        """A person's own that wait or were told; a guest's are nobody's to see, since an address proves nothing."""
        if not isinstance(caller, User):
            return self.none()
        return self.filter(user_id=caller.pk, state__in=["waiting", "told"])
