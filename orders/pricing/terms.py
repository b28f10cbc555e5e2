"""What the price of a basket depends on, as plain values: nothing here reads the database or the clock.

Amounts are `Decimal` in major units of the quote's currency, percentages 0 to 100, rates 0 to 1, weights grams.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal

from kernel.money import ZERO


@dataclass(frozen=True, slots=True)
class Item:
    """What is wanted: `unit_price` in major units of the quote's currency, `quantity` in units.

    `categories` are the slugs of its category and of those above it.
    """

    sku: str
    name: str
    unit_price: Decimal
    quantity: int
    # A gift card is a means of payment: it is neither discounted nor taxed, what it will buy is
    # (Directive (EU) 2016/1065).
    is_gift_card: bool = False
    tax_class: str = "standard"
    weight_grams: int = 0
    categories: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()

    @property
    def gross(self) -> Decimal:
        return self.unit_price * self.quantity


@dataclass(frozen=True, slots=True)
class Goods:
    """Which products a discount is about: any of these; none named means all."""

    skus: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()

    @property
    def all(self) -> bool:
        return not (self.skus or self.categories or self.tags)

    def hold(self, item: Item) -> bool:
        if self.all:
            return True
        return item.sku in self.skus or bool(self.categories & item.categories) or bool(self.tags & item.tags)


@dataclass(frozen=True, slots=True)
class BuyGet:
    """For every `buy` units bought, `get` units of `goods` cost `percent` less; at most `times` over."""

    buy: int
    get: int
    percent: Decimal
    goods: Goods
    times: int | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """From `starts_at` to before `ends_at`; None is without end."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def before(self, at: datetime) -> bool:
        """Whether it has not begun at this instant."""
        return self.starts_at is not None and at < self.starts_at

    def after(self, at: datetime) -> bool:
        """Whether it is over at this instant."""
        return self.ends_at is not None and at >= self.ends_at

    def holds(self, at: datetime) -> bool:
        return not self.before(at) and not self.after(at)


@dataclass(frozen=True, slots=True)
class Rule:
    """An automatic discount, see `catalog.models.DiscountRule`. `tiers` are (from units, percent), ascending."""

    id: int
    name: str
    kind: str
    lane: int = 1
    priority: int = 100
    exclusive: bool = False
    groups: frozenset[str] = frozenset()
    currency: str = ""
    percent: Decimal = ZERO
    amount: Decimal = ZERO
    tiers: tuple[tuple[int, Decimal], ...] = ()
    goods: Goods = Goods()
    buy_get: BuyGet | None = None
    window: Window = Window()


@dataclass(frozen=True, slots=True)
class Code:
    """A code somebody has typed, with the terms of its campaign, see `orders.models.DiscountCampaign`.

    `refusal` says why it cannot be used by them at all (limits, history of the customer): a reason and a sentence.
    """

    code: str
    campaign_id: int = 0
    name: str = ""
    kind: str = ""
    on_lines: bool = False
    currency: str = ""
    percent: Decimal = ZERO
    amount: Decimal = ZERO
    cap: Decimal | None = None
    minimum_spend: Decimal | None = None
    budget_left: Decimal | None = None
    combines: bool = True
    goods: Goods = Goods()
    buy_get: BuyGet | None = None
    window: Window = Window()
    refusal: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """What one tax class pays: `rate` 0.19 is 19 %."""

    name: str
    rate: Decimal


@dataclass(frozen=True, slots=True)
class TaxTerms:
    """The tax where the basket goes. `relief` says why none is charged after all: exempt, reverse_charge."""

    rates: Mapping[str, Rate] = field(default_factory=dict)
    default: Rate | None = None  # for classes that `rates` does not name
    shipping_class: str = ""
    included: bool = False
    zone: str = ""
    relief: str = ""
    source: str = "tables"
    estimated: bool = False

    def rate_of(self, tax_class: str) -> Rate | None:
        """What the class pays; nothing, not even the default, where there is no class."""
        return self.rates.get(tax_class, self.default) if tax_class else None


@dataclass(frozen=True, slots=True)
class Band:
    """From `lower` to below `upper` (None: without end) it costs `price`."""

    lower: Decimal
    upper: Decimal | None
    price: Decimal


@dataclass(frozen=True, slots=True)
class Offer:
    """A way to send the basket where it goes, see `orders.models.ShippingRate`. `basis` is weight or subtotal.

    `live_price` is the carrier's own answer and stands instead of bands and surcharges; `estimated` says that it was
    asked and did not answer in time.
    """

    code: str
    name: str
    zone: str = ""
    basis: str = "weight"
    bands: tuple[Band, ...] = ()
    per_item: Decimal = ZERO
    per_kilo: Decimal = ZERO
    free_over: Decimal | None = None
    cut_off: time | None = None
    handling_days: int = 1
    transit_days: int = 3
    live_price: Decimal | None = None
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """All that a basket's price depends on beside its items. `codes` in the order they were given.

    `method` is the way to send that was asked for; empty takes the cheapest of the `offers`.
    """

    currency: str
    at: datetime
    rules: tuple[Rule, ...] = ()
    groups: frozenset[str] = frozenset()
    codes: tuple[Code, ...] = ()
    tax: TaxTerms = TaxTerms()
    offers: tuple[Offer, ...] = ()
    method: str = ""
