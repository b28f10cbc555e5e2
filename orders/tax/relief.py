"""Who is charged no tax, and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from orders.models import TaxExemption

EXEMPT, REVERSE_CHARGE = "exempt", "reverse_charge"


@dataclass(frozen=True, slots=True)
class Exemption:
    """What makes a customer exempt, see `orders.models.TaxExemption`; `valid_until` is the last day."""

    kind: str
    country: str
    valid_from: date
    valid_until: date | None = None

    def holds(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_until is None or on <= self.valid_until)


def relief(exemptions: Iterable[Exemption], *, country: str, on: date, shop_country: str, reverse_charge: bool) -> str:
    """Why no tax is charged on goods sent to the country on that day; empty when it is.

    A certificate counts where it was issued for. A VAT number counts where goods leave the shop's country for a zone
    with reverse charge and the number is of another country than the shop's (Directive 2006/112/EC, article 138).
    """
    held = [exemption for exemption in exemptions if exemption.holds(on)]
    if any(e.kind == TaxExemption.Kind.CERTIFICATE and e.country == country for e in held):
        return EXEMPT
    abroad = reverse_charge and country != shop_country
    if abroad and any(e.kind == TaxExemption.Kind.VAT_NUMBER and e.country != shop_country for e in held):
        return REVERSE_CHARGE
    return ""
