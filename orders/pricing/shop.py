"""The shop's standing terms: rules, zones, rates and methods, read once a process and again when they have changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch

from catalog.models import Category, Discount, DiscountRule, PriceList
from catalog.terms_version import terms_version
from kernel.money import ZERO
from orders.models import ShippingMethod, ShippingRate, ShippingZone, TaxZone
from orders.models.area import Area
from orders.pricing.area import AreaTerms, plain
from orders.pricing.terms import Band, BuyGet, Goods, Offer, Rate, Rule, Window


@dataclass(frozen=True, slots=True)
class TaxArea:
    """A tax zone with its rates by class."""

    area: AreaTerms
    rates: dict[str, Rate]
    shipping_class: str
    reverse_charge: bool


@dataclass(frozen=True, slots=True)
class PricedOffer:
    """A method into one zone in one currency."""

    area: AreaTerms
    currency: str
    offer: Offer
    carrier: str
    carrier_service: str


@dataclass(frozen=True, slots=True)
class Shop:
    """`methods` names all that exist, switched off or not; `includes_tax` says it for each currency that has a list."""

    rules: tuple[Rule, ...]
    tax_areas: tuple[TaxArea, ...]
    offers: tuple[PricedOffer, ...]
    methods: frozenset[str]
    includes_tax: dict[str, bool]


_kept: dict[str, tuple[int, Shop]] = {}


def shop(version: int | None = None) -> Shop:
    """The terms as they are now: in one statement while nothing has changed, in none where their version is known."""
    version = terms_version() if version is None else version
    kept = _kept.get("shop")
    if kept is None or kept[0] != version:
        kept = _kept["shop"] = version, _read()
    return kept[1]


def _read() -> Shop:
    active = list(DiscountRule.objects.filter(active=True))
    slugs = slugs_of(active)
    return Shop(
        rules=tuple(rule_terms(rule, slugs) for rule in active),
        tax_areas=tuple(_tax_area(zone) for zone in TaxZone.objects.filter(active=True).prefetch_related("rates")),
        offers=tuple(_offers()),
        methods=frozenset(ShippingMethod.objects.values_list("code", flat=True)),
        includes_tax=dict(PriceList.objects.values_list("currency", "includes_tax")),
    )


def slugs_of(discounts: Iterable[Discount]) -> dict[int, str]:
    """Id → slug of the categories that these discounts name; no statement where they name none."""
    ids = {pk for discount in discounts for pk in (*discount.category_ids, *discount.get_category_ids)}
    return dict(Category.objects.filter(pk__in=ids).values_list("pk", "slug")) if ids else {}


def rule_terms(rule: DiscountRule, slugs: dict[int, str]) -> Rule:
    """A rule as the pipeline takes it."""
    return Rule(
        id=rule.pk or 0,
        name=rule.name,
        kind=rule.kind,
        lane=rule.lane,
        priority=rule.priority,
        exclusive=rule.exclusive,
        groups=frozenset(rule.groups),
        currency=rule.currency,
        percent=rule.percent or ZERO,
        amount=rule.amount or ZERO,
        tiers=rule.steps,
        goods=goods_of(rule, slugs),
        buy_get=buy_get_of(rule, slugs),
        window=Window(rule.starts_at, rule.ends_at),
    )


def goods_of(discount: Discount, slugs: dict[int, str]) -> Goods:
    """What a discount is for. A category that is gone stays as a name that no product has, so that it never becomes
    a discount on all goods.
    """
    named = frozenset(slugs.get(pk, f"#{pk}") for pk in discount.category_ids)
    return Goods(frozenset(discount.skus), named, frozenset(discount.tags))


def buy_get_of(discount: Any, slugs: dict[int, str]) -> BuyGet | None:
    if discount.kind != "buy_x_get_y":
        return None
    named = frozenset(slugs.get(pk, f"#{pk}") for pk in discount.get_category_ids)
    return BuyGet(
        buy=discount.buy_quantity,
        get=discount.get_quantity,
        percent=discount.percent,
        goods=Goods(frozenset(discount.get_skus), named, frozenset(discount.get_tags)),
        times=discount.max_times,
    )


def area_terms(zone: Area) -> AreaTerms:
    return AreaTerms(
        code=zone.code,
        countries=frozenset(zone.countries),
        regions=frozenset(plain(region) for region in zone.regions),
        postcodes=tuple(zone.postcodes),
        excluded_postcodes=tuple(zone.excluded_postcodes),
        priority=zone.priority,
    )


def _tax_area(zone: TaxZone) -> TaxArea:
    rates = {rate.tax_class: Rate(rate.name, rate.rate) for rate in zone.rates.all()}
    return TaxArea(area_terms(zone), rates, zone.shipping_tax_class, zone.reverse_charge)


def _offers() -> Iterable[PricedOffer]:
    """In the order of the methods."""
    priced = ShippingRate.objects.select_related("method").prefetch_related("bands")
    zones = ShippingZone.objects.filter(active=True).prefetch_related(
        Prefetch("rates", priced.filter(method__active=True))
    )
    found = [(area_terms(zone), zone.name, rate) for zone in zones for rate in zone.rates.all()]
    for area, name, rate in sorted(found, key=lambda each: (each[2].method.position, each[2].method.code)):
        yield PricedOffer(area, rate.currency, offer_of(rate, name), rate.method.carrier, rate.method.carrier_service)


def offer_of(rate: ShippingRate, zone: str) -> Offer:
    """A rate as the pipeline takes it."""
    method = rate.method
    return Offer(
        code=method.code,
        name=method.name,
        zone=zone,
        basis=rate.basis,
        bands=tuple(Band(band.lower, band.upper, band.price) for band in rate.bands.all()),
        per_item=rate.per_item,
        per_kilo=rate.per_kilo,
        free_over=rate.free_over,
        cut_off=method.cut_off,
        handling_days=method.handling_days,
        transit_days=method.transit_days if rate.transit_days is None else rate.transit_days,
    )
