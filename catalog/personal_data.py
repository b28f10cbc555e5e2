"""What the catalogue holds about a person: the products they want to be told about."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.personal_data.registry import proven_email
from catalog.models import StockRequest

REQUEST = ("product__sku", "email", "language", "state", "created_at", "ended_at")


def export(user: User) -> dict[str, Any]:
    """The requests, oldest first, with those made as a guest under the address they have proven."""
    return {"stock-requests": list(_requests(user).order_by("pk").values(*REQUEST))}


def unfinished(user: User) -> Iterable[str]:
    """Nothing: who leaves waits for nothing any more."""
    return ()


def erase(user: User, pseudonym: str) -> None:
    """Withdraw what waits, and leave no address."""
    ids = list(_requests(user).select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk", flat=True))
    rows = StockRequest.objects.filter(pk__in=ids)
    rows.waiting().update(state=StockRequest.State.WITHDRAWN, ended_at=timezone.now())
    rows.exclude(email="").update(email="")


def _requests(user: User) -> "QuerySet[StockRequest]":
    email = proven_email(user)
    nobodys = Q(user=None, email=email) if email else Q(pk=None)
    return StockRequest.objects.filter(Q(user=user) | nobodys)
