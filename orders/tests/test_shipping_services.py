from datetime import time
from decimal import Decimal

import pytest
from django.db import transaction

from audit.doctor import check
from kernel.errors import Invalid, NotFound
from orders.delivery.services import (
    delete_shipping_method,
    delete_shipping_rate,
    delete_shipping_zone,
    save_shipping_method,
    save_shipping_rate,
    save_shipping_zone,
)
from orders.delivery.words import gap_words, gaps
from orders.invariants_prices import INVARIANTS
from orders.models import ShippingBand, ShippingMethod, ShippingRate, ShippingZone
from orders.tests.factories import TESTS
from orders.tests.shipping import bands, method, rate, stored, zone

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> None:
    zone()
    method()


def problems(refused: pytest.ExceptionInfo[Invalid]) -> list[tuple[str, str]]:
    return [(problem.field, problem.detail) for problem in refused.value.problems]


def test_a_zone_is_entered_as_it_is_compared_and_changed_in_part():
    made = zone(
        "south", countries=["de", "DE"], postcodes=["80 000..80-999", "75*", "75*"], excluded_postcodes=["80333"]
    )
    assert (made.countries, made.postcodes, made.excluded_postcodes) == (["DE"], ["80000..80999", "75*"], ["80333"])
    save_shipping_zone(zone_id=made.pk, fields={"priority": 5}, by=TESTS)
    made.refresh_from_db()
    assert (made.priority, made.countries, made.postcodes) == (5, ["DE"], ["80000..80999", "75*"])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"countries": ["XX"]}, ("countries", "XX is no country (ISO 3166-1 alpha-2, such as DE).")),
        ({"countries": ["DE"], "postcodes": ["2000..1000"]}, ("postcodes", "2000..1000: the span ends before it begins.")),
        ({"code": "Not A Slug"}, ("code", "Lower-case letters and digits, joined by hyphens.")),
        ({"code": "world"}, ("code", "Shipping zone with this Code already exists.")),
        ({"name": ""}, ("name", "This field cannot be blank.")),
    ],
)  # fmt: skip
def test_a_zone_that_makes_no_sense_is_refused(world, wrong, said):
    with pytest.raises(Invalid) as refused, transaction.atomic():
        save_shipping_zone(zone_id=None, fields={"code": "new", "name": "New"} | wrong, by=TESTS)
    assert said in problems(refused)
    assert ShippingZone.objects.count() == 1


def test_a_method_is_entered_and_changed_in_part():
    made = method(
        "express", cut_off=time(14), handling_days=0, transit_days=1, carrier=" UPS ", carrier_service="UPSSaver"
    )
    save_shipping_method(method_id=made.pk, fields={"active": False}, by=TESTS)
    made.refresh_from_db()
    assert (made.active, made.cut_off, made.handling_days, made.transit_days) == (False, time(14), 0, 1)
    assert (made.carrier, made.carrier_service) == ("UPS", "UPSSaver")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"carrier": "UPS"}, "carrier_service"),
        ({"carrier_service": "UPSSaver"}, "carrier"),
        ({"handling_days": 366}, "handling_days"),
        ({"transit_days": -1}, "transit_days"),
        ({"code": "standard"}, "code"),
    ],
)
def test_a_method_that_makes_no_sense_is_refused(world, wrong, field):
    with pytest.raises(Invalid) as refused, transaction.atomic():
        save_shipping_method(method_id=None, fields={"code": "new", "name": "New"} | wrong, by=TESTS)
    assert [name for name, _ in problems(refused)] == [field]
    assert ShippingMethod.objects.count() == 1


def test_a_price_is_entered_with_its_bands(world):
    made = rate(("2000", "10000", "9.90"), ("0", "2000", "4.90"), free_over=Decimal(100), per_kilo=Decimal("0.50"))
    made.refresh_from_db()
    assert (made.zone.code, made.method.code, made.free_over, made.per_kilo) == (
        "world",
        "standard",
        100,
        Decimal("0.50"),
    )
    assert stored(made) == [("0.00", "2000.00", "4.90"), ("2000.00", "10000.00", "9.90")]
    assert made.bands.model.objects.count() == 2


def test_bands_are_replaced_as_a_whole_and_only_what_differs_is_written(world):
    made = rate(("0", "1000", "4.00"), ("1000", "2000", "6.00"), ("2000", None, "9.00"))
    before = {band.lower: band.pk for band in made.bands.all()}
    wanted = bands(("0", "1000", "4.00"), ("1000", "3000", "6.50"), ("3000", None, "9.00"))
    save_shipping_rate(rate_id=made.pk, fields={}, bands=wanted, by=TESTS)
    assert stored(made) == [("0.00", "1000.00", "4.00"), ("1000.00", "3000.00", "6.50"), ("3000.00", None, "9.00")]
    after = {band.lower: band.pk for band in made.bands.all()}
    assert (after[0], after[1000]) == (before[0], before[1000])
    assert ShippingBand.history.filter(lower=0).count() == 1


def test_a_price_is_changed_without_its_bands(world):
    made = rate()
    save_shipping_rate(rate_id=made.pk, fields={"transit_days": 7}, by=TESTS)
    made.refresh_from_db()
    assert (made.transit_days, stored(made)) == (7, [("0.00", None, "5.00")])


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("0", "2000", "4"), ("1500", "3000", "6")], [("bands.1.lower", "0 to 2000 and 1500 to 3000 overlap.")]),
        ([("1500", "3000", "6"), ("0", "2000", "4")], [("bands.0.lower", "0 to 2000 and 1500 to 3000 overlap.")]),
        ([("0", "2000", "4"), ("0", "1000", "6")], [("bands.1.lower", "0 to 2000 and 0 to 1000 overlap.")]),
        ([("0", "9000", "4"), ("10", "20", "6"), ("30", None, "6")],
         [("bands.1.lower", "0 to 9000 and 10 to 20 overlap."), ("bands.2.lower", "0 to 9000 and from 30 overlap.")]),
        ([("0", None, "4"), ("2000", "3000", "6")],
         [("bands.1.lower", "The band from 0 has no end, so none can follow it.")]),
        ([("0", "100", "4"), ("300", "200", "6")], [("bands.1.upper", "300 to 200 ends before it begins.")]),
        ([("300", "300", "6")], [("bands.0.upper", "300 to 300 ends where it begins.")]),
        ([("0", None, "-1")], [("bands.0.price", "An amount is not below 0.")]),
        ([("-5", None, "1")], [("bands.0.lower", "A weight is not below 0.")]),
        ([("0", None, "1.005")], [("bands.0.price", "EUR has 2 decimal places.")]),
        ([("0", "0.5", "1")], [("bands.0.upper", "0.5 is no whole number of grams.")]),
        ([("0", "1000000000000", "1")], [("bands.0.upper", "At most twelve digits.")]),
    ],
)  # fmt: skip
def test_bands_that_make_no_sense_are_refused_by_their_place(world, rows, said):
    made = rate()
    with pytest.raises(Invalid) as refused, transaction.atomic():
        save_shipping_rate(rate_id=made.pk, fields={"transit_days": 9}, bands=bands(*rows), by=TESTS)
    assert problems(refused) == said
    made.refresh_from_db()
    assert (made.transit_days, stored(made)) == (None, [("0.00", None, "5.00")])


def test_bands_by_value_have_the_decimals_of_the_currency(world):
    rate(("0", "99.99", "5.00"), ("99.99", None, "0"), basis="subtotal")
    with pytest.raises(Invalid) as refused, transaction.atomic():
        rate(("0", "99.5", "500"), basis="subtotal", currency="JPY")
    assert problems(refused) == [("bands.0.upper", "JPY has 0 decimal places.")]


def test_too_many_bands_are_refused(world):
    with pytest.raises(Invalid) as refused, transaction.atomic():
        rate(*[(str(n), str(n + 1), "1") for n in range(101)])
    assert problems(refused) == [("bands", "At most 100 bands.")]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"currency": "XXX"}, ("currency", "An ISO 4217 currency code, such as EUR.")),
        ({"per_item": Decimal("-1")}, ("per_item", "An amount is not below 0.")),
        ({"per_kilo": Decimal("0.001")}, ("per_kilo", "EUR has 2 decimal places.")),
        ({"free_over": Decimal("1e12")}, ("free_over", "At most twelve digits before the point.")),
        ({"basis": "volume"}, ("basis", "One of: weight, subtotal.")),
        ({"transit_days": 400}, ("transit_days", "A number from 0 to 365.")),
        ({"zone": "nowhere"}, ("zone", "There is no shipping zone nowhere.")),
        ({"method": "nohow"}, ("method", "There is no shipping method nohow.")),
        ({"currency": "USD"}, ("currency", "This method has a price into this zone in USD already.")),
    ],
)
def test_a_price_that_makes_no_sense_is_refused(world, wrong, said):
    rate(currency="USD")
    with pytest.raises(Invalid) as refused, transaction.atomic():
        rate(**wrong)
    assert said in problems(refused)
    assert ShippingRate.objects.count() == 1


def test_another_currency_is_checked_against_the_bands_that_stay(world):
    made = rate(("0", None, "4.90"))
    with pytest.raises(Invalid) as refused, transaction.atomic():
        save_shipping_rate(rate_id=made.pk, fields={"currency": "JPY"}, by=TESTS)
    assert problems(refused) == [("bands.0.price", "JPY has 0 decimal places.")]


def test_what_is_gone_takes_its_prices_with_it(world):
    zone("de", countries=["DE"])
    method("express")
    rate()
    rate(zone="de")
    kept = rate(method="express")
    delete_shipping_zone(zone_id=ShippingZone.objects.get(code="de").pk, by=TESTS)
    delete_shipping_method(method_id=ShippingMethod.objects.get(code="standard").pk, by=TESTS)
    assert list(ShippingRate.objects.all()) == [kept]
    delete_shipping_rate(rate_id=kept.pk, by=TESTS)
    assert (ShippingRate.objects.count(), ShippingBand.objects.count(), ShippingZone.objects.count()) == (0, 0, 1)


def test_what_is_not_there_cannot_be_changed(world):
    calls = (
        lambda: save_shipping_zone(zone_id=0, fields={}, by=TESTS),
        lambda: save_shipping_method(method_id=0, fields={}, by=TESTS),
        lambda: save_shipping_rate(rate_id=10**9, fields={}, by=TESTS),
        lambda: delete_shipping_zone(zone_id=0, by=TESTS),
        lambda: delete_shipping_method(method_id=0, by=TESTS),
        lambda: delete_shipping_rate(rate_id=0, by=TESTS),
    )
    for call in calls:
        with pytest.raises(NotFound), transaction.atomic():
            call()


def test_gaps_are_allowed_and_said():
    rows = bands(("2000", "3000", "6"), ("500", "1000", "4"))
    assert gaps(rows) == [(0, 500), (1000, 2000), (3000, None)]
    assert [gap_words(gap, basis="weight", currency="EUR") for gap in gaps(rows)] == [
        "What weighs less than 500 g is not sent this way.",
        "What weighs 1,000 g to below 2,000 g is not sent this way.",
        "What weighs 3,000 g or more is not sent this way.",
    ]
    assert gaps(bands(("0", "10", "1"), ("10", None, "2"))) == gaps([]) == []
    assert gap_words(gaps(bands(("0", "99.5", "1")))[0], basis="subtotal", currency="EUR") == (
        "What is worth 99.50 EUR or more is not sent this way."
    )


def test_the_doctor_finds_bands_that_overlap(world):
    (invariant,) = [found for found in INVARIANTS if found.name == "orders.shipping_bands"]
    made = rate(("0", "1000", "4.00"), ("1000", None, "6.00"))
    assert check(invariant) is None
    made.bands.filter(lower=0).update(upper=1001)
    assert check(invariant) is not None
