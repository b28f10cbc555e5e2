import re
from datetime import time
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from orders.models import ShippingMethod, ShippingRate, ShippingZone
from orders.tests.back_office import staff
from orders.tests.shipping import method, rate, stored, zone

pytestmark = pytest.mark.django_db
ZONE = {"name": "South", "code": "south", "active": "on", "priority": "100"}
METHOD = {
    "name": "Express", "code": "express", "active": "on", "position": "0", "cut_off": "14:00", "handling_days": "0",
    "transit_days": "1",
}  # fmt: skip


def url(model: str, verb: str, *args: Any) -> str:
    return reverse(f"admin:orders_{model}_{verb}", args=args)


def shown(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def typed(*rows: tuple[str, ...], initial: int = 0, **fields: str) -> dict[str, str]:
    """The page of a price: rows are (from, to below, price, id?, delete?)."""
    found = {
        "currency": "EUR", "basis": "weight", "per_item": "0", "per_kilo": "0", "bands-TOTAL_FORMS": str(len(rows)),
        "bands-INITIAL_FORMS": str(initial), "bands-MIN_NUM_FORMS": "0", "bands-MAX_NUM_FORMS": "1000",
    } | fields  # fmt: skip
    for place_, row in enumerate(rows):
        for name, value in zip(("lower", "upper", "price", "id", "DELETE"), row, strict=False):
            if value:
                found[f"bands-{place_}-{name}"] = value
    return found


def errors(answer: Any) -> list[str]:
    """What is said on the page, field by field."""
    found = [text for each in answer.context["errors"] for text in each]
    assert all(escape(text) in answer.content.decode() for text in found)
    return found


def test_a_zone_is_entered_with_its_patterns_line_by_line():
    client = staff()
    shown(client, url("shippingzone", "add"))
    answer = client.post(
        url("shippingzone", "add"),
        ZONE | {"countries": ["DE"], "regions": "Bayern\n", "postcodes": "80000..80999\n75*", "excluded_postcodes": ""},
    )
    assert answer.status_code == 302, errors(answer)
    made = ShippingZone.objects.get()
    assert (made.countries, made.regions, made.postcodes) == (["DE"], ["BAYERN"], ["80000..80999", "75*"])
    body = shown(client, url("shippingzone", "change", made.pk))
    assert "80000..80999\n75*" in body
    assert re.search(r'<option value="DE"[^>]*selected[^>]*>\s*Germany', body)
    assert "Germany: BAYERN: 80000..80999, 75*" in shown(client, url("shippingzone", "changelist"))


def test_a_pattern_that_cannot_be_used_is_said_beside_it():
    answer = staff().post(url("shippingzone", "add"), ZONE | {"countries": ["DE"], "postcodes": "80*\n2000..1000"})
    assert errors(answer) == ["2000..1000: the span ends before it begins."]
    assert not ShippingZone.objects.exists()


def test_a_method_is_entered_and_says_what_it_promises():
    client = staff()
    answer = client.post(url("shippingmethod", "add"), METHOD)
    assert answer.status_code == 302, errors(answer)
    made = ShippingMethod.objects.get()
    assert (made.cut_off, made.handling_days, made.transit_days, made.active) == (time(14), 0, 1, True)
    promise = r"Ordered now: leaves \w{3} \d+ \w{3}, arrives \w{3} \d+ \w{3}\."
    for address in (url("shippingmethod", "change", made.pk), url("shippingmethod", "changelist")):
        assert re.search(promise, shown(client, address))


def test_half_a_carrier_is_said_beside_the_other_half():
    answer = staff().post(url("shippingmethod", "add"), METHOD | {"carrier": "UPS"})
    assert errors(answer) == ["A live rate needs both: the carrier and its service."]
    assert not ShippingMethod.objects.exists()


def test_a_price_is_entered_with_its_bands_and_drawn_as_a_table():
    near, fast, client = zone("near"), method("express"), staff()
    shown(client, f"{url('shippingrate', 'add')}?zone={near.pk}&method={fast.pk}")
    rows = [("0", "2000", "4.90"), ("3000", "10000", "9.90"), ("", "", "")]
    fields = {"zone": str(near.pk), "method": str(fast.pk), "free_over": "100", "per_kilo": "0.5"}
    answer = client.post(url("shippingrate", "add"), typed(*rows, **fields), follow=True)
    assert answer.redirect_chain, errors(answer)
    made = ShippingRate.objects.get()
    assert stored(made) == [("0.00", "2000.00", "4.90"), ("3000.00", "10000.00", "9.90")]
    assert (made.free_over, made.per_kilo, made.zone, made.method) == (100, Decimal("0.5"), near, fast)
    said = [str(message) for message in answer.context["messages"]]
    assert "What weighs 2,000 g to below 3,000 g is not sent this way." in said
    body = shown(client, url("shippingrate", "change", made.pk))
    for text in (
        "4.90\xa0EUR", "2,000\xa0g", "not sent", "Goods worth 100.00\xa0EUR or more are sent for nothing.",
        "Plus 0.50 EUR for each kilogram.", "What weighs 10,000 g or more is not sent this way.", "From, grams", "Price, EUR",
        'value="2000"', 'value="9.90"', 'value="0.50"',
    ):  # fmt: skip
        assert text in body, text
    assert "0000" not in re.sub(r"[12]0000\b", "", "".join(re.findall(r'name="bands-\d[^>]*', body)))


def test_bands_are_changed_added_and_taken_away_in_the_same_form():
    zone(), method()
    made, client = rate(("0", "1000", "4.00"), ("1000", "2000", "6.00")), staff()
    first, second = [str(band.pk) for band in made.bands.order_by("lower")]
    rows = [("0", "1500", "4.50", first), ("1000", "2000", "6.00", second, "on"), ("1500", "", "7.00")]
    ids = {"zone": str(made.zone_id), "method": str(made.method_id), "bands-0-rate": str(made.pk)}
    answer = client.post(url("shippingrate", "change", made.pk), typed(*rows, initial=2, **ids))
    assert answer.status_code == 302, errors(answer)
    assert stored(made) == [("0.00", "1500.00", "4.50"), ("1500.00", None, "7.00")]


@pytest.mark.parametrize(
    ("rows", "fields", "said"),
    [
        ([("0", "2000", "4"), ("1500", "3000", "6")], {}, ["0 to 2000 and 1500 to 3000 overlap."]),
        ([("0", "", "4"), ("1500", "3000", "6")], {}, ["The band from 0 has no end, so none can follow it."]),
        ([("10", "5", "4")], {}, ["10 to 5 ends before it begins."]),
        ([("0", "0.5", "4")], {}, ["0.5 is no whole number of grams."]),
        ([("0", "", "4.001")], {}, ["EUR has 2 decimal places."]),
        ([("0", "", "4")], {"currency": "xyz"}, ["An ISO 4217 currency code, such as EUR."]),
        ([("0", "", "4")], {"per_item": "-1"}, ["An amount is not below 0."]),
        ([("0", "", "4")], {"currency": "usd"}, ["This method has a price into this zone in USD already."]),
    ],
)
def test_what_makes_no_sense_is_said_beside_it_and_nothing_saved(rows, fields, said):
    ids = {"zone": str(zone().pk), "method": str(method().pk)}
    there = rate(currency="USD")
    answer = staff().post(url("shippingrate", "add"), typed(*rows, **(ids | fields)))
    assert (answer.status_code, errors(answer)) == (200, said)
    assert list(ShippingRate.objects.all()) == [there]


def test_zones_stand_against_methods_with_the_lowest_price():
    zone("near", countries=["DE"]), zone(), method(), method("express")
    rate(zone="world", free_over=Decimal(50))
    fast = rate(("0", "1000", "9.90"), ("1000", None, "14.90"), zone="near", method="express")
    body = shown(staff(), url("shippingrate", "changelist"))
    for text in ("5.00\xa0EUR, free from 50.00\xa0EUR", "from 9.90\xa0EUR", url("shippingrate", "change", fast.pk)):
        assert text in body, text
    near, express = ShippingZone.objects.get(code="near"), ShippingMethod.objects.get(code="express")
    assert f"?zone={near.pk}&amp;method={ShippingMethod.objects.get(code='standard').pk}" in body
    assert "from 9.90\xa0EUR" in shown(staff(), url("shippingzone", "change", near.pk))
    assert "from 9.90\xa0EUR" in shown(staff(), url("shippingmethod", "change", express.pk))


def test_an_empty_page_says_what_happens_and_what_to_do():
    body = shown(staff(), url("shippingrate", "changelist"))
    assert "everything is sent for 5.00\xa0EUR" in body
    method()
    assert "There is no zone yet" in shown(staff(), url("shippingrate", "changelist"))


@pytest.mark.parametrize("role", ["customer_service", "warehouse"])
def test_others_look_and_change_nothing(role):
    world, standard = zone("world", countries=["DE"]), method(cut_off=time(14))
    made, client = rate(("0", "1000", "4.90")), staff(role)
    for model, row, texts in (
        ("shippingzone", world, ("Germany", "4.90\xa0EUR")),
        ("shippingmethod", standard, ("14:00", "Ordered now", "4.90\xa0EUR")),
        ("shippingrate", made, ("4.90\xa0EUR", "What weighs 1,000 g or more is not sent this way.")),
    ):
        body = shown(client, url(model, "change", row.pk))
        assert [text for text in texts if text not in body] == []
        assert "add a price" not in shown(client, url(model, "changelist")) + body
        assert client.post(url(model, "change", row.pk), {}).status_code == 403
        assert client.post(url(model, "delete", row.pk), {"post": "yes"}).status_code == 403
        assert client.get(url(model, "add")).status_code == 403
    assert stored(made) == [("0.00", "1000.00", "4.90")]


def test_what_is_deleted_goes_through_the_services():
    world, standard, client = zone(), method(), staff()
    made = rate()
    assert "delete" in shown(client, url("shippingrate", "delete", made.pk)).lower()
    client.post(url("shippingrate", "delete", made.pk), {"post": "yes"})
    rate()
    client.post(url("shippingzone", "delete", world.pk), {"post": "yes"})
    client.post(url("shippingmethod", "delete", standard.pk), {"post": "yes"})
    assert (ShippingRate.objects.count(), ShippingZone.objects.count(), ShippingMethod.objects.count()) == (0, 0, 0)


def test_lists_cost_the_same_however_long_they_are():
    client, counts = staff(), []
    for number in range(3):
        zone(f"zone-{number}"), method(f"method-{number}")
        rate(("0", "1000", "4.00"), ("1000", None, "5.00"), zone=f"zone-{number}", method=f"method-{number}")
        for model in ("shippingzone", "shippingmethod", "shippingrate"):
            with CaptureQueriesContext(connection) as queries:
                shown(client, url(model, "changelist"))
            counts.append(len(queries))
    assert counts[:3] == counts[3:6] == counts[6:]
    assert max(counts) < 20


def test_the_sidebar_leads_to_all_three():
    body = shown(staff("warehouse"), reverse("admin:index"))
    for title in ("Shipping zones", "Shipping methods", "Shipping prices"):
        assert title in body
