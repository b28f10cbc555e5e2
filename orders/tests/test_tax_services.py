import io
import uuid
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import resolve
from django.utils import timezone

from accounts.tests.factories import UserFactory
from kernel.errors import Invalid, NotFound
from orders.models import TaxExemption, TaxRate, TaxZone
from orders.tax.certificates import MAX_BYTES, checked_certificate
from orders.tax.services import delete_tax_zone, end_exemption, save_exemption, save_tax_zone, set_tax_rates
from orders.tests.factories import TESTS

pytestmark = pytest.mark.django_db
GERMANY = {"code": "germany", "name": "Germany", "countries": ["de"], "postcodes": ["10 115", "75*"]}
STANDARD = {"tax_class": "standard", "name": "VAT 19 %", "rate": Decimal("0.19")}


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


def zone(**fields: Any) -> TaxZone:
    return save_tax_zone(zone_id=None, fields=GERMANY | fields, by=TESTS)


def exemption(**fields: Any) -> TaxExemption:
    usual = {"kind": "vat_number", "number": "FR40303265045", "valid_from": date(2026, 1, 1)}
    user = fields.pop("user", None) or UserFactory()
    return save_exemption(exemption_id=None, fields=usual | {"user": user} | fields, by=TESTS)


def problems(verb: Any, **given: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused, transaction.atomic():
        verb(**given)
    return [(problem.field, problem.detail) for problem in refused.value.problems]


def test_a_zone_is_kept_as_addresses_are_compared() -> None:
    made = zone(regions=[" berlin "])
    assert (made.countries, made.regions, made.postcodes) == (["DE"], ["BERLIN"], ["10115", "75*"])


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"code": "No Slug"}, "code"),
        ({"name": ""}, "name"),
        ({"countries": ["XX"]}, "countries"),
        ({"postcodes": ["1000..99"]}, "postcodes"),
        ({"excluded_postcodes": ["1..2..3"]}, "excluded_postcodes"),
        ({"shipping_tax_class": "No Slug"}, "shipping_tax_class"),
    ],
)
def test_what_makes_no_sense_of_a_zone_names_its_field(fields: dict[str, Any], field: str) -> None:
    assert {name for name, _ in problems(zone, **fields)} == {field}
    assert not TaxZone.objects.exists()


def test_a_code_is_taken_once() -> None:
    zone()
    assert [name for name, _ in problems(zone)] == ["code"]
    assert TaxZone.objects.count() == 1


def test_the_rates_given_are_all_there_are() -> None:
    made = zone()
    set_tax_rates(
        zone_id=made.pk, rates=[STANDARD, STANDARD | {"tax_class": "food", "rate": Decimal("0.07")}], by=TESTS
    )
    before = TaxRate.objects.get(tax_class="standard")
    set_tax_rates(zone_id=made.pk, rates=[STANDARD | {"name": "MwSt 19 %"}], by=TESTS)
    (left,) = TaxRate.objects.all()
    assert (left.pk, left.name, left.rate) == (before.pk, "MwSt 19 %", Decimal("0.19"))


@pytest.mark.parametrize(
    ("rates", "field", "said"),
    [
        ([STANDARD | {"rate": Decimal(19)}], "rates.0.rate", "19 would be 1900 %"),
        ([STANDARD | {"rate": Decimal("-0.1")}], "rates.0.rate", "0.19 is 19 %"),
        ([STANDARD | {"rate": Decimal("0.1234567")}], "rates.0.rate", "six decimals"),
        ([STANDARD, STANDARD], "rates.1.tax_class", "has a rate already"),
        ([STANDARD | {"tax_class": "Food & drink"}], "rates.0.tax_class", "joined by hyphens"),
        ([STANDARD | {"name": " "}], "rates.0.name", "invoices"),
    ],
)
def test_a_rate_that_makes_no_sense_is_named_by_its_place(rates: list[Any], field: str, said: str) -> None:
    made = zone()
    ((name, detail),) = problems(set_tax_rates, zone_id=made.pk, rates=rates, by=TESTS)
    assert name == field
    assert said in detail
    assert not TaxRate.objects.exists()


def test_a_zone_goes_with_its_rates() -> None:
    made = zone()
    set_tax_rates(zone_id=made.pk, rates=[STANDARD], by=TESTS)
    delete_tax_zone(zone_id=made.pk, by=TESTS)
    assert not TaxRate.objects.exists()
    with pytest.raises(NotFound), transaction.atomic():
        delete_tax_zone(zone_id=made.pk, by=TESTS)


@pytest.mark.parametrize(
    ("typed", "kept", "country"),
    [
        ("fr 40 303 265 045", "FR40303265045", "FR"),
        ("DE136695976", "DE136695976", "DE"),
        ("GB 980 7806 84", "GB980780684", "GB"),
        ("XI432525179", "XI432525179", "GB"),
        ("EL094259216", "EL094259216", "GR"),
    ],
)
def test_a_vat_number_is_kept_in_full_with_its_country(typed: str, kept: str, country: str) -> None:
    made = exemption(number=typed, country="")
    assert (made.number, made.country) == (kept, country)


@pytest.mark.parametrize("number", ["DE136695977", "136695976", "", "US12345"])
def test_what_is_no_vat_number_is_refused(number: str) -> None:
    ((field, _),) = problems(exemption, number=number)
    assert field == "number"
    assert not TaxExemption.objects.exists()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"valid_until": date(2025, 12, 31)}, "valid_until"),
        ({"kind": "certificate", "number": " ", "country": "DE"}, "number"),
        ({"kind": "certificate", "number": "A-1", "country": "XX"}, "country"),
        ({"kind": "rumour"}, "kind"),
        ({"valid_from": None}, "valid_from"),
    ],
)
def test_what_makes_no_sense_of_an_exemption_names_its_field(fields: dict[str, Any], field: str) -> None:
    assert field in [name for name, _ in problems(exemption, **fields)]
    assert not TaxExemption.objects.exists()


def test_an_exemption_ends_from_today_on(settings: Any) -> None:
    today = timezone.localdate(timezone=ZoneInfo(settings.SHOP_TIME_ZONE))
    old, coming = exemption(), exemption(valid_from=today + timedelta(days=5))
    for each in (old, coming):
        end_exemption(exemption_id=each.pk, by=TESTS)
        end_exemption(exemption_id=each.pk, by=TESTS)
        each.refresh_from_db()
        assert each.valid_until is not None
        assert each.valid_from <= each.valid_until < today


@pytest.mark.parametrize(
    ("content", "suffix"),
    [(b"%PDF-1.7 paper", ".pdf"), (b"\xff\xd8\xff\xe0 picture", ".jpg"), (b"\x89PNG\r\n\x1a\n picture", ".png")],
)
def test_a_certificate_is_kept_under_a_name_nobody_can_guess(content: bytes, suffix: str) -> None:
    upload = SimpleUploadedFile("../../my tax.exe", content)
    made = exemption(kind="certificate", number="A-1", country="DE", certificate=upload)
    assert made.certificate.name.startswith("tax-exemptions/")
    assert made.certificate.name.endswith(suffix)
    assert "my tax" not in made.certificate.name
    assert made.certificate.read() == content


@pytest.mark.parametrize("content", [b"<html>", b"", b"MZ\x90", b"%PDF-" + b"x" * MAX_BYTES])
def test_a_file_that_is_no_certificate_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        checked_certificate(io.BytesIO(content))
    assert refused.value.problems[0].field == "certificate"


def test_what_is_changed_leaves_the_certificate_as_it_is() -> None:
    upload = SimpleUploadedFile("paper.pdf", b"%PDF-1.7")
    made = exemption(kind="certificate", number="A-1", country="DE", certificate=upload)
    save_exemption(exemption_id=made.pk, fields={"note": "checked"}, by=TESTS)
    left = TaxExemption.objects.get()
    assert (left.note, left.certificate.name) == ("checked", made.certificate.name)


def test_no_certificate_is_public(client: Any) -> None:
    served = Path(resolve("/media/products/paper.pdf").kwargs["document_root"])
    name = f"{uuid.uuid4().hex}.pdf"
    for folder in (served, served.parent / "tax-exemptions"):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"%PDF-1.7")
    assert client.get(f"/media/tax-exemptions/{name}").status_code == 404
    assert client.get(f"/media/products/../tax-exemptions/{name}").status_code == 400
    assert client.get(f"/media/products/{name}").status_code == 200
