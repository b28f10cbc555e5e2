from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from orders.models import Order
from payments.gateways.base import Money, Snapshot, TransferFact
from payments.models import Payment
from payments.services.truth import authorized_now, disagreement, status_now
from payments.states import PaymentStatus, TransferStatus

ID = UUID("8f14e45f-ceea-4a7f-9a3c-2f1f5c1f7f10")
TAKEN = TransferFact(reference="ch_1", amount=Decimal(20), status=TransferStatus.SUCCEEDED)
ORDER = Order(number="W1000001")
SNAPSHOT = Snapshot(
    reference="pi_1",
    status=PaymentStatus.AUTHORIZED,
    money=Money(Decimal("20.00"), "EUR"),
    payment_id=str(ID),
    order_number="W1000001",
    payee="acct_shop",
    authorized=Decimal(20),
)


def payment(**values: Any) -> Payment:
    return Payment(pk=ID, amount=Decimal(20), currency="EUR", provider_reference="pi_1", **values)


def test_agrees_with_what_was_asked_for() -> None:
    assert disagreement(payment(), ORDER, SNAPSHOT, payee="acct_shop") == ""


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"money": Money(Decimal("19.99"), "EUR")}, "amount is 19.99, not 20.00"),
        ({"money": Money(Decimal(20), "USD")}, "currency is USD, not EUR"),
        ({"order_number": "W1000002"}, "order is W1000002, not W1000001"),
        ({"order_number": ""}, "order is missing, not W1000001"),
        ({"payee": "acct_other"}, "payee is acct_other, not acct_shop"),
        ({"payment_id": ""}, f"payment is missing, not {ID}"),
        ({"reference": "pi_2"}, "reference is pi_2, not pi_1"),
    ],
)
def test_names_what_is_another(wrong: dict[str, Any], said: str) -> None:
    found = disagreement(payment(), ORDER, replace(SNAPSHOT, **wrong), payee="acct_shop")
    assert found == f"At the provider, {said}."


def test_an_older_snapshot_never_brings_back_what_was_given_up() -> None:
    voided = payment(status=PaymentStatus.VOIDED, authorized=Decimal(0))
    assert authorized_now(voided, SNAPSHOT, Decimal(0)) == 0
    assert status_now(voided, SNAPSHOT) == PaymentStatus.VOIDED


def test_what_a_capture_released_stays_released() -> None:
    captured = payment(status=PaymentStatus.CAPTURED, authorized=Decimal(7), captured=Decimal(7))
    assert authorized_now(captured, SNAPSHOT, Decimal(7)) == 7


def test_a_capture_under_way_keeps_its_part_authorised() -> None:
    taking = payment(status=PaymentStatus.AUTHORIZED, authorized=Decimal(20), capturing=Decimal(5))
    assert authorized_now(taking, replace(SNAPSHOT, status=PaymentStatus.VOIDED), Decimal(0)) == 5


@pytest.mark.parametrize("status", list(PaymentStatus))
def test_money_taken_outweighs_all(status: PaymentStatus) -> None:
    taken = replace(SNAPSHOT, status=status, captures=(TAKEN,))
    assert status_now(payment(captured=Decimal(20)), taken) == PaymentStatus.CAPTURED


def test_a_snapshot_from_before_the_authorisation_takes_nothing_of_it() -> None:
    ready = payment(status=PaymentStatus.AUTHORIZED, authorized=Decimal(20))
    earlier = replace(SNAPSHOT, status=PaymentStatus.CREATED, authorized=Decimal(0))
    assert authorized_now(ready, earlier, Decimal(0)) == 20
    assert status_now(ready, earlier) == PaymentStatus.AUTHORIZED
