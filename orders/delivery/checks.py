"""What makes no sense in methods and prices of shipping, said as sentences that help."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from catalog.discounts.checks import invalid
from kernel.errors import FieldProblem
from kernel.money import CURRENCIES, exponent, is_exact
from orders.delivery.words import number, span
from orders.models import ShippingMethod, ShippingRate
from orders.models.shipping import MOST_DAYS
from orders.zones import row_problems

MOST_BANDS = 100
MOST = Decimal(10) ** 12
AMOUNTS = ("per_item", "per_kilo", "free_over")
Problems = Iterator[FieldProblem]


def method_problems(method: ShippingMethod) -> Problems:
    """What is wrong with a way to send."""
    yield from row_problems(method)
    given = {name: getattr(method, name) for name in ("carrier", "carrier_service")}
    for name, text in given.items():
        if not text and any(given.values()):
            yield FieldProblem(name, "required", "A live rate needs both: the carrier and its service.")


def rate_problems(rate: ShippingRate) -> Problems:
    """What is wrong with a price beside its bands."""
    yield from taken_problems(rate)
    if rate.basis not in ShippingRate.Basis.values:
        yield invalid("basis", f"One of: {', '.join(ShippingRate.Basis.values)}.")
    if rate.transit_days is not None and not 0 <= rate.transit_days <= MOST_DAYS:
        yield invalid("transit_days", f"A number from 0 to {MOST_DAYS}.")
    if rate.currency not in CURRENCIES:
        yield FieldProblem("currency", "unknown", "An ISO 4217 currency code, such as EUR.")
        return
    for name in AMOUNTS:
        amount = getattr(rate, name)
        if amount is None and name != "free_over":
            yield FieldProblem(name, "required", "An amount; 0 for nothing.")
        elif amount is not None:
            yield from _amount(name, Decimal(amount), rate.currency)


def taken_problems(rate: ShippingRate) -> Problems:
    """That the method has a price there in this currency already."""
    others = ShippingRate.objects.filter(zone=rate.zone, method=rate.method, currency=rate.currency)
    if others.exclude(pk=rate.pk).exists():
        yield taken(rate.currency)


def taken(currency: str) -> FieldProblem:
    return FieldProblem("currency", "taken", f"This method has a price into this zone in {currency} already.")


def band_problems(bands: Sequence[Mapping[str, Any]], *, basis: str, currency: str) -> Problems:
    """What is wrong with bands as they were given, each named by its place: `bands.1.upper`."""
    if len(bands) > MOST_BANDS:
        yield invalid("bands", f"At most {MOST_BANDS} bands.")
        return
    found: list[FieldProblem] = []
    for place, band in enumerate(bands):
        found += _in_band(f"bands.{place}", band, basis=basis, currency=currency)
    yield from found
    if not found:
        yield from _overlaps(bands)


def _in_band(path: str, band: Mapping[str, Any], *, basis: str, currency: str) -> Problems:
    lower, upper, price = band.get("lower"), band.get("upper"), band.get("price")
    if price is None:
        yield FieldProblem(f"{path}.price", "required", "What does it cost?")
    else:
        yield from _amount(f"{path}.price", price, currency)
    if lower is None:
        yield FieldProblem(f"{path}.lower", "required", "Where does it begin?")
    for name, bound in (("lower", lower), ("upper", upper)):
        if bound is not None:
            yield from _bound(f"{path}.{name}", bound, basis=basis, currency=currency)
    if lower is not None and upper is not None and upper <= lower:
        how = "where it begins" if upper == lower else "before it begins"
        yield invalid(f"{path}.upper", f"{number(lower)} to {number(upper)} ends {how}.")


def _bound(path: str, bound: Decimal, *, basis: str, currency: str) -> Problems:
    return _grams(path, bound) if basis == ShippingRate.Basis.WEIGHT else _amount(path, bound, currency)


def _overlaps(bands: Sequence[Mapping[str, Any]]) -> Problems:
    """Of well-formed bands: each one that begins before the one below it has ended."""
    placed = sorted(enumerate(bands), key=lambda found: found[1]["lower"])
    reaching = None  # what reaches furthest of those below
    for place, band in placed:
        if reaching is not None:
            if reaching["upper"] is None:
                start = number(reaching["lower"])
                yield invalid(f"bands.{place}.lower", f"The band from {start} has no end, so none can follow it.")
            elif band["lower"] < reaching["upper"]:
                both = f"{span(reaching['lower'], reaching['upper'])} and {span(band['lower'], band.get('upper'))}"
                yield invalid(f"bands.{place}.lower", f"{both} overlap.")
        if reaching is None or (reaching["upper"] is not None and _reach(band) > reaching["upper"]):
            reaching = {"upper": None} | dict(band)


def _reach(band: Mapping[str, Any]) -> Decimal:
    upper = band.get("upper")
    return Decimal("Infinity") if upper is None else upper


def _amount(path: str, amount: Decimal, currency: str) -> Problems:
    if amount < 0:
        yield FieldProblem(path, "min_value", "An amount is not below 0.")
    elif amount >= MOST:
        yield FieldProblem(path, "max_digits", "At most twelve digits before the point.")
    elif currency in CURRENCIES and not is_exact(amount, currency):
        yield FieldProblem(path, "max_decimal_places", f"{currency} has {exponent(currency)} decimal places.")


def _grams(path: str, grams: Decimal) -> Problems:
    if grams < 0:
        yield FieldProblem(path, "min_value", "A weight is not below 0.")
    elif grams >= MOST:
        yield FieldProblem(path, "max_digits", "At most twelve digits.")
    elif grams != int(grams):
        yield invalid(path, f"{number(grams)} is no whole number of grams.")
