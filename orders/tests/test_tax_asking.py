"""What a tax provider is asked before an order is placed, and that nobody waits for one that is away."""

import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from orders.tax.asking import ask_ahead, cached_answer, forget_calculation, pause
from orders.tax.provider import LineTax, TaxedLine
from orders.tests.taxes import answered, asked, with_stripe_tax
from sandbox.testing import RunningSandbox, start_sandbox

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with start_sandbox(home=tmp_path_factory.mktemp("sandbox"), shop_url="") as found:
        yield found


@pytest.fixture
def sandbox(settings: Any, running: RunningSandbox) -> Iterator[RunningSandbox]:
    with_stripe_tax(settings, running)
    yield running
    running.ask("DELETE", "/knobs")
    pause.end()


def test_the_provider_says_the_tax_of_each_line_and_of_the_shipping(sandbox: RunningSandbox) -> None:
    answer = answered(asked("10.00", "9.99", shipping=Decimal("5.00"), shipping_class="standard"))
    vat = Decimal("0.19")
    assert answer.lines == {
        "L0": LineTax(Decimal("1.90"), vat, "VAT 19 %"),
        "L1": LineTax(Decimal("1.90"), vat, "VAT 19 %"),
    }
    assert answer.shipping == LineTax(Decimal("0.95"), vat, "VAT 19 %")
    assert answer.total == Decimal("29.74")


def test_tax_that_prices_hold_changes_no_total(sandbox: RunningSandbox) -> None:
    answer = answered(asked("119.00", included=True))
    assert (answer.lines["L0"].amount, answer.total) == (Decimal("19.00"), Decimal("119.00"))


def test_a_state_has_its_own_rate(sandbox: RunningSandbox) -> None:
    answer = answered(asked("100.00", country="US", region="CA", postal_code="94080"))
    assert answer.lines["L0"] == LineTax(Decimal("7.25"), Decimal("0.0725"), "Sales tax 7.25 %")


@pytest.mark.parametrize("relief", ["exempt", "reverse_charge"])
def test_relief_is_told(sandbox: RunningSandbox, relief: str) -> None:
    assert answered(asked("100.00", relief=relief)).lines == {"L0": LineTax()}


def test_what_has_no_class_or_costs_nothing_is_not_told(sandbox: RunningSandbox) -> None:
    lines = (
        TaxedLine("card", Decimal(50), ""),
        TaxedLine("mug", Decimal(10), "standard"),
        TaxedLine("gift", Decimal(0), "standard"),
    )
    answer = answered(asked(shipping=Decimal(5)).__class__(currency="EUR", included=False, lines=lines, country="DE"))
    assert (answer.lines["card"], answer.lines["gift"], answer.total) == (LineTax(), LineTax(), Decimal("11.90"))


def test_a_class_has_the_code_of_the_settings(settings: Any, sandbox: RunningSandbox) -> None:
    settings.TAX_STRIPE_CODES = {"standard": "txcd_00000000"}
    assert answered(asked("100.00")).lines == {"L0": LineTax()}


def test_the_same_basket_is_asked_for_once(sandbox: RunningSandbox) -> None:
    assert cached_answer(asked()) is None
    first = answered(asked())
    assert cached_answer(asked("10.0000")) == first
    sandbox.knob(effect="unavailable", provider="stripe", path="tax")
    assert ask_ahead(asked()) == first


@pytest.mark.parametrize(
    "other",
    [
        asked("10.01"), asked(country="FR"), asked(included=True), asked(relief="exempt"), asked(postal_code="10117"),
        asked(shipping=Decimal(1), shipping_class="standard"), asked("10.00", "1.00"),
    ],
)  # fmt: skip
def test_another_basket_is_another_question(other: Any) -> None:
    assert other.fingerprint != asked().fingerprint


def test_one_that_is_away_costs_one_time_out_and_is_then_left_alone(sandbox: RunningSandbox) -> None:
    sandbox.knob(effect="delay", provider="stripe", path="tax", seconds=3)
    begun = time.monotonic()
    assert ask_ahead(asked()) is None
    assert 0.9 < time.monotonic() - begun < 2.5
    begun = time.monotonic()
    assert ask_ahead(asked("20.00")) is None
    assert time.monotonic() - begun < 0.3


def test_after_the_pause_it_is_asked_again(settings: Any, sandbox: RunningSandbox) -> None:
    settings.TAX_RETRY_SECONDS = 0.2
    sandbox.knob(effect="unavailable", provider="stripe", path="tax", times=1)
    assert ask_ahead(asked()) is None
    time.sleep(0.25)
    assert answered(asked()).total == Decimal("11.90")


def test_a_refusal_is_of_one_basket_only(sandbox: RunningSandbox) -> None:
    too_many = asked(*["1.00"] * 101)
    assert ask_ahead(too_many) is None
    assert answered(asked()).total == Decimal("11.90")
    assert ask_ahead(too_many) is None


def test_nobody_is_asked_within_a_transaction(sandbox: RunningSandbox) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="outside any transaction"):
        ask_ahead(asked())


def test_without_a_provider_or_a_country_nobody_is_asked(settings: Any, sandbox: RunningSandbox) -> None:
    assert ask_ahead(asked(country="")) is None
    settings.TAX_PROVIDER = ""
    assert (ask_ahead(asked()), cached_answer(asked())) == (None, None)


def test_an_order_takes_its_calculation_with_it(sandbox: RunningSandbox) -> None:
    first = answered(asked())
    forget_calculation(first.calculation)
    assert cached_answer(asked()) is None
    assert answered(asked()).calculation != first.calculation
