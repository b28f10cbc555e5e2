"""Parts of a refund that spans several captures, as PayPal shows them one by one."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from payments.gateways.base import TransferFact
from payments.gateways.paypal.documents import merged
from payments.states import TransferStatus

JUST_NOW = timezone.now() - timedelta(minutes=1)
LONG_AGO = timezone.now() - timedelta(days=2)
DONE, FAILED, PENDING = TransferStatus.SUCCEEDED, TransferStatus.FAILED, TransferStatus.PENDING


def part(reference: str, amount: str, custom_id: str, *, status: str = "COMPLETED", at: datetime = JUST_NOW) -> Any:
    return {
        "id": reference,
        "amount": {"currency_code": "EUR", "value": amount},
        "status": status,
        "custom_id": custom_id,
        "create_time": at.isoformat(),
    }


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (("COMPLETED", "COMPLETED"), DONE),
        (("COMPLETED", "PENDING"), PENDING),
        (("FAILED", "COMPLETED"), FAILED),
    ],
)
def test_all_parts_are_one_refund_as_good_as_its_worst(statuses: tuple[str, str], expected: TransferStatus) -> None:
    parts = [part("B", "25.00", "7-45.00", status=statuses[1]), part("A", "20.00", "7-45.00", status=statuses[0])]
    assert merged(parts) == (TransferFact("A", Decimal("45.00"), expected, "7"),)


def test_while_parts_are_missing_nothing_is_shown() -> None:
    assert merged([part("A", "20.00", "7-45.00")]) == ()


def test_what_was_given_back_stands_for_itself_when_the_rest_never_came() -> None:
    assert merged([part("A", "20.00", "7-45.00", at=LONG_AGO)]) == (TransferFact("A", Decimal("20.00"), DONE),)


@pytest.mark.parametrize("custom_id", ["", "8d2f6a0e-7f0a-4f5e-9a59-0f3f6d1c2b11", "7-x", "gift"])
def test_refunds_with_another_custom_id_are_not_ours_and_not_one(custom_id: str) -> None:
    found = merged([part("A", "20.00", custom_id), part("B", "5.00", custom_id)])
    assert [(fact.reference, fact.ours) for fact in found] == [("A", ""), ("B", "")]
