"""Tax zones with their rates, and exemptions, come, change and go."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError as NotANumber
from stdnum.gb import vat as gb_vat

from api.actors import Actor
from audit.verbs import verb
from catalog.discounts.checks import invalid, refuse
from catalog.models import is_slug
from kernel.errors import FieldProblem, NotFound
from orders.models import TaxExemption, TaxRate, TaxZone
from orders.tax.certificates import checked_certificate
from orders.zones import area_problems, assign_area, row_problems

LONGEST_CLASS = 50
ZONE = ("shipping_tax_class", "reverse_charge")
EXEMPTION = ("user", "kind", "number", "country", "certificate", "valid_from", "valid_until", "note")
# Countries that VAT numbers call otherwise: Greece, and Northern Ireland, which keeps numbers of the EU's kind.
COUNTRIES = {"EL": "GR", "XI": "GB"}


@verb
def save_tax_zone(*, zone_id: int | None, fields: Mapping[str, Any], by: Actor) -> TaxZone:
    """Enter (`zone_id` None) or change a zone. Raises `NotFound`, `Invalid` naming every field that is wrong."""
    zone = TaxZone() if zone_id is None else _lock_zone(zone_id)
    assign_area(zone, fields, own=ZONE)
    refuse(list(area_problems(zone)))
    zone.save()
    return zone


@verb
def set_tax_rates(*, zone_id: int, rates: Sequence[Mapping[str, Any]], by: Actor) -> list[TaxRate]:
    """The rates of a zone are these: `tax_class`, `name` and `rate` (0.19 is 19 %). Raises `NotFound`, `Invalid`."""
    zone = _lock_zone(zone_id)
    refuse(list(rate_problems(rates)))
    present = {rate.tax_class: rate for rate in zone.rates.all()}
    kept = []
    for given in rates:
        rate = present.pop(given["tax_class"], None) or TaxRate(zone=zone, tax_class=given["tax_class"])
        rate.name, rate.rate = given["name"], given["rate"]
        rate.save()
        kept.append(rate)
    for gone in present.values():
        gone.delete()
    return kept


@verb
def delete_tax_zone(*, zone_id: int, by: Actor) -> None:
    """Take a zone away with its rates; orders keep the tax they were placed with."""
    _lock_zone(zone_id).delete()


@verb
def save_exemption(*, exemption_id: int | None, fields: Mapping[str, Any], by: Actor) -> TaxExemption:
    """Enter or change why a customer is charged no tax. A VAT number is checked and stored as it is written in
    full (python-stdnum); its country follows from it. `certificate` is an uploaded file, or empty for none.
    Raises `NotFound`, `Invalid`.
    """
    exemption = TaxExemption() if exemption_id is None else _lock_exemption(exemption_id)
    assign_exemption(exemption, fields)
    refuse(list(exemption_problems(exemption)))
    exemption.save()
    return exemption


@verb
def end_exemption(*, exemption_id: int, by: Actor) -> TaxExemption:
    """It no longer holds, from today on; one that would begin later never will. Ending it twice changes nothing."""
    exemption = _lock_exemption(exemption_id)
    yesterday = timezone.localdate(timezone=ZoneInfo(settings.SHOP_TIME_ZONE)) - timedelta(days=1)
    if exemption.valid_until is None or exemption.valid_until > yesterday:
        exemption.valid_from = min(yesterday, exemption.valid_from)
        exemption.valid_until = yesterday
        exemption.save(update_fields=["valid_from", "valid_until"])
    return exemption


def assign_exemption(exemption: TaxExemption, fields: Mapping[str, Any]) -> None:
    """Put what is given into an exemption. Raises `Invalid` for a file that is no certificate."""
    for name in EXEMPTION:
        if name in fields:
            value = fields[name]
            setattr(exemption, name, checked_certificate(value) if name == "certificate" and value else value)
    exemption.number, exemption.note = exemption.number.strip(), exemption.note.strip()


def exemption_problems(exemption: TaxExemption) -> Iterator[FieldProblem]:
    """What is wrong with an exemption; a VAT number is put into its full spelling."""
    if exemption.kind == TaxExemption.Kind.VAT_NUMBER:
        try:
            exemption.number, exemption.country = full_vat_number(exemption.number)
        except NotANumber:
            yield invalid(
                "number", "This is no VAT number of the EU or GB: it begins with its country, as DE136695976."
            )
            return
    elif not exemption.number:
        yield FieldProblem("number", "required", "The number of the certificate.")
    if exemption.valid_until and exemption.valid_from and exemption.valid_until < exemption.valid_from:
        yield invalid("valid_until", "It ends before it starts.")
    else:
        yield from row_problems(exemption)


def full_vat_number(text: str) -> tuple[str, str]:
    """A VAT number with its country's letters, and the country (ISO 3166-1). Raises stdnum's `ValidationError`."""
    compact = "".join(text.split()).upper()
    if compact.startswith("GB"):
        return f"GB{gb_vat.validate(compact)}", "GB"
    number = eu_vat.validate(compact)
    return number, COUNTRIES.get(number[:2], number[:2])


def rate_problems(rates: Sequence[Mapping[str, Any]]) -> Iterator[FieldProblem]:
    """What is wrong with the rates of one zone."""
    seen: set[str] = set()
    for place, given in enumerate(rates):
        path, tax_class = f"rates.{place}", given["tax_class"]
        if tax_class in seen:
            yield invalid(f"{path}.tax_class", f"{tax_class} has a rate already.")
        elif not _is_slug(tax_class):
            yield invalid(f"{path}.tax_class", "Lower-case letters and digits, joined by hyphens, such as books-2.")
        seen.add(tax_class)
        yield from _rate_problem(f"{path}.rate", given["rate"])
        if not str(given["name"]).strip():
            yield FieldProblem(f"{path}.name", "required", "As invoices call it, such as VAT 19 %.")


def _rate_problem(path: str, rate: Any) -> Iterator[FieldProblem]:
    if not isinstance(rate, Decimal) or not rate.is_finite() or rate < 0:
        yield invalid(path, "A rate is a part of the price: 0.19 is 19 %, and 1 the most.")
    elif rate > 1:
        percent = f"{(rate * 100).normalize():f}"
        yield invalid(path, f"{rate.normalize():f} would be {percent} %. A rate is a part of the price: 0.19 is 19 %.")
    elif rate != round(rate, 6):
        yield invalid(path, "At most six decimals, which are four of a percentage.")


def _is_slug(text: str) -> bool:
    try:
        is_slug(text)
    except ValidationError:
        return False
    return 0 < len(text) <= LONGEST_CLASS


def _lock_zone(zone_id: int) -> TaxZone:
    zone = TaxZone.objects.select_for_update().filter(pk=zone_id).first()
    if zone is None:
        raise NotFound("There is no such zone.")
    return zone


def _lock_exemption(exemption_id: int) -> TaxExemption:
    exemption = TaxExemption.objects.select_for_update().filter(pk=exemption_id).first()
    if exemption is None:
        raise NotFound("There is no such exemption.")
    return exemption
