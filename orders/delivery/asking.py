"""Live rates of carriers, without ever making the shop wait for long.

What was answered is kept in Django's cache for the same parcel. One that fails is left alone: one caller in
`CARRIER_RETRY_SECONDS` tries it, for all others the tables of prices stand.
"""

import functools
from collections.abc import Mapping
from decimal import Decimal
from threading import BoundedSemaphore
from typing import Any

import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from redis.exceptions import RedisError

from orders.delivery.carriers.base import CarrierAway, CarrierRates, Parcel, ParcelRefused, Place, service_key
from orders.delivery.carriers.easypost import EasyPost

logger = structlog.get_logger(__name__)
Rates = Mapping[str, Decimal]

NOTHING: Rates = {}
# Since when a carrier fails is forgotten after so long without anybody asking.
FAILURE_SECONDS = 3600
_slots = BoundedSemaphore(settings.CARRIER_CALLS_AT_ONCE)


def asks_carriers() -> bool:
    """Whether live rates are asked for at all."""
    return bool(settings.CARRIER_RATES)


def parcel_to(address: Mapping[str, Any], *, weight_grams: int, currency: str, value: Decimal) -> Parcel:
    """A parcel from the shop to a customer's address."""
    origin = Place(**settings.SHOP_ORIGIN)
    return Parcel(origin, Place.of(address), weight_grams, currency, value)


def live_price(rates: Rates, carrier: str, service: str) -> Decimal | None:
    """What a service costs among the rates; None when the carrier does not offer it for this parcel."""
    return rates.get(service_key(carrier, service))


def cached_rates(parcel: Parcel) -> Rates | None:
    """What was answered for this parcel lately. None: nothing is known of it; empty: nobody has a price for it.

    Never asks anybody but the cache.
    """
    if not _can_be_asked(parcel):
        return NOTHING
    try:
        return _remembered(parcel)
    except RedisError:
        return None


def ask_ahead(parcel: Parcel) -> Rates | None:
    """As `cached_rates`, asking the carrier for what is not known. Waits `CARRIER_SECONDS` at most.

    To be called outside any transaction: its locks would last as long as the call.
    """
    if not _can_be_asked(parcel):
        return NOTHING
    if connection.in_atomic_block:
        raise RuntimeError("A carrier is asked outside any transaction.")
    try:
        known = _remembered(parcel)
        if known is not None or not _slots.acquire(blocking=False):
            return known
        try:
            return _ask(parcel) if _may_try() else None
        finally:
            _slots.release()
    except RedisError:
        # Without a memory everybody would ask, and wait for a carrier that is away.
        return None


def _can_be_asked(parcel: Parcel) -> bool:
    return asks_carriers() and parcel.weight_grams > 0 and bool(parcel.destination.country)


def _ask(parcel: Parcel) -> Rates | None:
    try:
        rates = dict(_carrier().rates(parcel))
    except ParcelRefused as refusal:
        logger.info("carrier_refused_parcel", carrier=settings.CARRIER_RATES, reason=str(refusal))
        rates = {}
    except CarrierAway as failure:
        logger.warning("carrier_is_away", carrier=settings.CARRIER_RATES, reason=str(failure))
        cache.set(_key("failed"), True, FAILURE_SECONDS)
        cache.set(_key("tried"), True, settings.CARRIER_RETRY_SECONDS)
        return None
    cache.delete_many([_key("failed"), _key("tried")])
    cache.set(_key(parcel.fingerprint), rates, settings.CARRIER_CACHE_SECONDS)
    return rates


def _may_try() -> bool:
    """While it fails, the one caller who is first after the pause."""
    return not cache.get(_key("failed")) or cache.add(_key("tried"), True, settings.CARRIER_RETRY_SECONDS)


def _remembered(parcel: Parcel) -> Rates | None:
    found: Rates | None = cache.get(_key(parcel.fingerprint))
    return found


def _key(what: str) -> str:
    return f"carrier:{settings.CARRIER_RATES}:{what}"


def _carrier() -> CarrierRates:
    return _easypost(settings.EASYPOST_API_URL, settings.EASYPOST_API_KEY, settings.CARRIER_SECONDS)


@functools.cache
def _easypost(url: str, key: str, seconds: float) -> EasyPost:
    return EasyPost(url=url, key=key, seconds=seconds)
