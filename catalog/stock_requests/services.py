"""Asking to be told, thinking again, and telling."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import User
from api.actors import Actor
from api.limits import RateLimited
from audit.log import publish_all
from audit.verbs import verb
from catalog.events import BackInStock
from catalog.models import Product, StockRequest
from catalog.stock_requests.errors import AvailableNow, ToldAlready, TooManyStockRequests
from catalog.stock_requests.querysets import StockRequestQuerySet
from inventory.backorders.availability import Availability, supply_for
from kernel.errors import Invalid, NotFound

BATCH = 500
A_DAY = 24 * 3600
State = StockRequest.State


@dataclass(frozen=True, slots=True)
class Asker:
    """Who is to be told: a customer, or whoever reads an address."""

    user_id: int | None = None
    email: str = ""

    def lock(self) -> None:
        """Let nobody else ask for the same person meanwhile. Raises `AccountClosed`."""
        if self.user_id is not None:
            User.objects.lock_open(self.user_id)
            return
        with connection.cursor() as cursor:  # a guest has no row that could be locked
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"stock request {self.email}"])

    def waiting(self) -> StockRequestQuerySet:
        """Their open requests."""
        theirs = Q(user_id=self.user_id) if self.user_id is not None else Q(user=None, email=self.email)
        return StockRequest.objects.waiting().filter(theirs)

    def too_many(self) -> Exception:
        """A guest is told the same as by the limit on an address, which says nothing about what others asked for."""
        return RateLimited(retry_after=A_DAY) if self.user_id is None else TooManyStockRequests()


@verb
def ask_to_be_told(*, sku: str, asker: Asker, language: str, by: Actor) -> StockRequest:
    """Have somebody told once when a product can be had again. Asked again while it waits, it is the same request.

    Raises `Invalid` for what is not on sale, `AvailableNow`, `TooManyStockRequests`, `RateLimited`, `AccountClosed`.
    """
    asker.lock()
    product = Product.objects.on_sale().filter(sku=sku).first()
    if product is None:
        raise Invalid("There is no such product on sale.", field="sku")
    if can_be_had([sku]):
        raise AvailableNow()
    open_ones = asker.waiting()
    if (same := open_ones.filter(product=product).first()) is not None:
        return same
    if open_ones.count() >= settings.STOCK_REQUESTS_OPEN:
        raise asker.too_many()
    return StockRequest.objects.create(product=product, user_id=asker.user_id, email=asker.email, language=language)


@verb
def withdraw_request(*, request_id: int, by: Actor) -> StockRequest:
    """Tell nobody after all; again changes nothing. Raises `NotFound` and `ToldAlready`."""
    request = StockRequest.objects.select_for_update(of=("self",), no_key=True).filter(pk=request_id).first()
    if request is None:
        raise NotFound("There is no such request.")
    if request.state == State.TOLD:
        raise ToldAlready()
    if request.state == State.WAITING:
        request.state, request.ended_at = State.WITHDRAWN, timezone.now()
        request.save(update_fields=["state", "ended_at"])
    return request


@verb
def tell_who_waits(*, by: Actor) -> int:
    """Tell of what can be had again those who wait for it, who asked first first. Returns how many.

    The mark and the fact commit together. Requests that somebody is at work on are looked at the next time, as are
    those of people whose accounts are closed.
    """
    wanted = StockRequest.objects.waiting().filter(product=OuterRef("pk"))
    skus = dict(Product.objects.on_sale().filter(Exists(wanted)).values_list("sku", "pk"))
    there = [skus[sku] for sku in can_be_had(skus)]
    due = StockRequest.objects.waiting().filter(Q(user=None) | Q(user__is_active=True), product__in=there)
    rows = due.order_by("id").select_for_update(of=("self",), no_key=True, skip_locked=True)
    ids = list(rows.values_list("pk", flat=True)[:BATCH])
    StockRequest.objects.filter(pk__in=ids).update(state=State.TOLD, ended_at=timezone.now())
    publish_all([BackInStock(request_id=pk) for pk in ids], by=by)
    return len(ids)


def can_be_had(skus: Iterable[str]) -> list[str]:
    """Those of the SKUs that a customer is shown as to be ordered now, also ahead of the stock. One statement."""
    supplies = supply_for(skus)
    return [sku for sku, supply in supplies.items() if supply.availability() != Availability.OUT_OF_STOCK]
