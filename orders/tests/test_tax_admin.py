from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.tests.factories import UserFactory
from orders.models import TaxDocument, TaxExemption, TaxOperation, TaxRate, TaxZone
from orders.tax.services import save_exemption, save_tax_zone, set_tax_rates
from orders.tests.factories import TESTS, buyable, place
from orders.tests.test_tax_services import GERMANY, STANDARD

pytestmark = pytest.mark.django_db
ZONES = reverse("admin:orders_taxzone_changelist")
ADD_ZONE = reverse("admin:orders_taxzone_add")
EXEMPTIONS = reverse("admin:orders_taxexemption_changelist")
ADD_EXEMPTION = reverse("admin:orders_taxexemption_add")
OPERATIONS = reverse("admin:orders_taxoperation_changelist")
TYPED = {
    "code": "germany", "name": "Germany", "active": "on", "priority": "100", "countries": ["DE"],
    "regions": "", "postcodes": "10115, 75*", "excluded_postcodes": "", "shipping_tax_class": "standard",
}  # fmt: skip


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


def desk(role: str = "admin") -> Client:
    client = Client()
    client.force_login(UserFactory(role=role))
    return client


def page(row: Any, name: str = "change") -> str:
    return reverse(f"admin:orders_{row._meta.model_name}_{name}", args=(row.pk,))


def rows(*rates: dict[str, Any], initial: int = 0) -> dict[str, Any]:
    """The inline table as a browser sends it."""
    typed: dict[str, Any] = {"rates-TOTAL_FORMS": len(rates), "rates-INITIAL_FORMS": initial}
    return typed | {f"rates-{n}-{name}": value for n, rate in enumerate(rates) for name, value in rate.items()}


def nineteen(**more: Any) -> dict[str, Any]:
    return {"tax_class": "standard", "name": "VAT 19 %", "percent": "19"} | more


def germany() -> TaxZone:
    zone = save_tax_zone(zone_id=None, fields=GERMANY, by=TESTS)
    set_tax_rates(zone_id=zone.pk, rates=[STANDARD], by=TESTS)
    return zone


def exempt(**fields: Any) -> TaxExemption:
    usual = {"kind": "certificate", "number": "A-1", "country": "DE", "valid_from": date(2026, 1, 1)}
    return save_exemption(exemption_id=None, fields=usual | {"user": UserFactory()} | fields, by=TESTS)


def test_a_zone_is_entered_with_its_rates_in_percent() -> None:
    client = desk()
    assert client.get(ADD_ZONE).status_code == 200
    food = nineteen(tax_class="food", name="VAT 7 %", percent="7")
    answer = client.post(ADD_ZONE, TYPED | rows(nineteen(), food))
    assert answer.status_code == 302, answer.content.decode()
    zone = TaxZone.objects.get()
    assert (zone.countries, zone.postcodes) == (["DE"], ["10115", "75*"])
    assert {rate.tax_class: f"{rate.rate.normalize():f}" for rate in zone.rates.all()} == {
        "food": "0.07",
        "standard": "0.19",
    }


def test_rates_are_changed_and_taken_away_on_the_page_of_the_zone() -> None:
    zone = germany()
    standard = zone.rates.get()
    client = desk()
    shown = client.get(page(zone)).content.decode()
    assert 'value="19"' in shown
    changed = nineteen(id=standard.pk, zone=zone.pk, percent="16")
    assert client.post(page(zone), TYPED | rows(changed, initial=1)).status_code == 302
    assert f"{TaxRate.objects.get().rate.normalize():f}" == "0.16"
    assert client.post(page(zone), TYPED | rows(changed | {"DELETE": "on"}, initial=1)).status_code == 302
    assert not TaxRate.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "rates", "said"),
    [
        ({"postcodes": "1000..99"}, [], "both ends of a span"),
        ({"code": "No Slug"}, [], "slug"),
        ({}, [nineteen(percent="190")], "less than or equal to 100"),
        ({}, [nineteen(), nineteen()], "standard has a rate already"),
        ({}, [nineteen(tax_class="Food & drink")], "joined by hyphens"),
    ],
)
def test_what_makes_no_sense_is_said_beside_the_field(wrong: dict[str, str], rates: list[Any], said: str) -> None:
    answer = desk().post(ADD_ZONE, TYPED | wrong | rows(*rates))
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not TaxZone.objects.exists()


def test_a_zone_goes_by_its_page() -> None:
    zone = germany()
    assert desk().post(page(zone, "delete"), {"post": "yes"}).status_code == 302
    assert not TaxZone.objects.exists()


def test_zones_are_listed_in_words_and_few_statements() -> None:
    germany()
    client = desk()
    client.get(ZONES)
    with CaptureQueriesContext(connection) as statements:
        shown = client.get(ZONES).content.decode()
    assert len(statements) < 12
    assert "Germany: 10115, 75*" in shown
    assert "standard 19 %" in shown


def test_service_staff_look_at_zones_and_the_warehouse_at_no_exemption() -> None:
    zone, exemption = germany(), exempt()
    service, warehouse = desk("customer_service"), desk("warehouse")
    shown = service.get(page(zone)).content.decode()
    assert "19 %" in shown
    assert service.post(page(zone), TYPED | {"name": "Mine"}).status_code == 403
    assert service.get(EXEMPTIONS).status_code == 200
    assert warehouse.get(EXEMPTIONS).status_code == 403
    assert warehouse.get(page(exemption)).status_code == 403


def test_a_vat_number_is_entered_and_its_country_follows() -> None:
    user = UserFactory()
    client = desk("customer_service")
    assert client.get(ADD_EXEMPTION).status_code == 200
    typed = {
        "user": user.pk,
        "kind": "vat_number",
        "number": "fr 40303265045",
        "country": "",
        "valid_from": "2026-01-01",
    }
    answer = client.post(ADD_EXEMPTION, typed)
    assert answer.status_code == 302, answer.content.decode()
    made = TaxExemption.objects.get()
    assert (made.user, made.number, made.country) == (user, "FR40303265045", "FR")
    wrong = client.post(ADD_EXEMPTION, typed | {"number": "FR1"})
    assert "This is no VAT number" in wrong.content.decode()
    assert TaxExemption.objects.count() == 1


def test_a_certificate_is_uploaded_and_downloaded_by_who_may() -> None:
    client = desk("customer_service")
    typed = {
        "user": UserFactory().pk,
        "kind": "certificate",
        "number": "A-1",
        "country": "DE",
        "valid_from": "2026-01-01",
    }
    refused = client.post(ADD_EXEMPTION, typed | {"upload": SimpleUploadedFile("a.pdf", b"<html>")})
    assert "A PDF, or a picture" in refused.content.decode()
    answer = client.post(ADD_EXEMPTION, typed | {"upload": SimpleUploadedFile("a.pdf", b"%PDF-1.7")})
    assert answer.status_code == 302, answer.content.decode()
    made = TaxExemption.objects.get()
    paper = client.get(page(made, "certificate"))
    assert (b"".join(paper), paper["Content-Type"]) == (b"%PDF-1.7", "application/pdf")
    assert paper["Content-Disposition"].startswith("attachment")
    assert desk("warehouse").get(page(made, "certificate")).status_code == 404
    assert client.post(page(made), typed | {"note": "seen"}).status_code == 302
    made.refresh_from_db()
    assert (made.note, made.certificate.read()) == ("seen", b"%PDF-1.7")


def test_an_exemption_is_ended_by_its_button() -> None:
    made = exempt()
    client = desk("customer_service")
    address = reverse("admin:orders_taxexemption_end", args=(made.pk,))
    assert client.post(address, {"_form_submitted": "True"}).status_code == 200
    made.refresh_from_db()
    assert made.valid_until is not None
    assert "ended" in client.get(EXEMPTIONS).content.decode()


def test_what_a_provider_declined_is_told_again_or_named_by_hand() -> None:
    buyable("MUG")
    document = TaxDocument.objects.create(order=place(), provider="stripe", calculation="taxcalc_1", amount=17)
    operation = TaxOperation.objects.create(
        document=document, kind="commit", cause="paid", amount=17, state="failed", last_error="reference_taken: taken"
    )
    client = desk()
    assert "reference_taken" in client.get(OPERATIONS).content.decode()
    again = reverse("admin:orders_taxoperation_try_again", args=(operation.pk,))
    assert client.post(again, {"_form_submitted": "True"}).status_code == 200
    operation.refresh_from_db()
    assert operation.state == "pending"
    TaxOperation.objects.update(state="failed")
    named = reverse("admin:orders_taxoperation_booked_as", args=(operation.pk,))
    assert client.post(named, {"_form_submitted": "True", "told": "tax_1"}).status_code == 200
    document.refresh_from_db()
    assert (document.transaction, document.state) == ("tax_1", "committed")
