"""Tax zones with their rates, and exemptions, come, change and go."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError as NotANumber
from stdnum.gb import vat as gb_vat

from api.actors import Actor
from audit.verbs import verb
from catalog.discounts.checks import invalid, refuse
from kernel.errors import FieldProblem, NotFound
from orders.models import TaxExemption, TaxRate, TaxZone
from orders.zones import area_problems, assign_area, row_problems

ZONE = ("shipping_tax_class", "reverse_charge")
EXEMPTION = ("user", "kind", "number", "country", "certificate", "valid_from", "valid_until", "note")
GREEK = "EL"  # as VAT numbers call the country with the code GR


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
    full (python-stdnum); its country follows from it. Raises `NotFound`, `Invalid`.
    """
    exemption = TaxExemption() if exemption_id is None else _lock_exemption(exemption_id)
    for name in EXEMPTION:
        if name in fields:
            setattr(exemption, name, fields[name])
    refuse(list(exemption_problems(exemption)))
    exemption.save()
    return exemption


@verb
def end_exemption(*, exemption_id: int, by: Actor) -> TaxExemption:
    """It no longer holds, from today on. Ending it twice changes nothing."""
    exemption = _lock_exemption(exemption_id)
    yesterday = timezone.localdate() - timedelta(days=1)
    if exemption.valid_until is None or exemption.valid_until > yesterday:
        exemption.valid_until = max(yesterday, exemption.valid_from)
        exemption.save(update_fields=["valid_until"])
    return exemption


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
    elif not exemption.number.strip():
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
    return number, "GR" if number.startswith(GREEK) else number[:2]


def rate_problems(rates: Sequence[Mapping[str, Any]]) -> Iterator[FieldProblem]:
    """What is wrong with the rates of one zone."""
    seen: set[str] = set()
    for place, given in enumerate(rates):
        if given["tax_class"] in seen:
            yield invalid(f"rates.{place}.tax_class", f"{given['tax_class']} has a rate already.")
        seen.add(given["tax_class"])
        rate = given["rate"]
        if not isinstance(rate, Decimal) or not 0 <= rate <= 1:
            yield invalid(f"rates.{place}.rate", "A rate is a part of the price: 0.19 is 19 %, and 1 the most.")
        if not str(given["name"]).strip():
            yield FieldProblem(f"rates.{place}.name", "required", "As invoices call it, such as VAT 19 %.")


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
