"""Campaigns and codes for tests, and uses of them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from audit.doctor import check
from orders import invariants_codes
from orders.codes.redeem import Used, reserve_codes
from orders.codes.services import NewCode, create_campaign
from orders.models import DiscountCampaign, DiscountCode, DiscountRedemption, Order
from orders.tests.factories import TESTS

TERMS: dict[str, Any] = {"name": "Spring", "kind": "percent", "percent": Decimal(10)}


def campaign(*codes: str, limit: int | None = None, **terms: Any) -> DiscountCampaign:
    """Ten percent off with these codes, `SPRING` unless some are given."""
    made = [NewCode(code, limit) for code in codes or ("SPRING",)]
    return create_campaign(fields=TERMS | terms, codes=made, by=TESTS)


def use(order: Order, *codes: str, amount: str = "1.00", email: str = "guest@example.com") -> None:
    """Count a use of each code in an order that was placed without."""
    order.discount_codes = list(codes)
    Order.objects.filter(pk=order.pk).update(discount_codes=order.discount_codes)
    reserve_codes(order, [Used(code, Decimal(amount)) for code in codes], email=email)


def code_of(text: str = "SPRING") -> DiscountCode:
    return DiscountCode.objects.select_related("campaign").get(code=text)


def counted(text: str = "SPRING") -> tuple[int, Decimal, Sequence[int]]:
    """Uses of a code; what its campaign has spent; uses of it by customer."""
    code = code_of(text)
    by_customer = code.campaign.customers.order_by("id").values_list("uses", flat=True)
    return code.uses, code.campaign.spent, list(by_customer)


def states(order: Order) -> list[str]:
    return list(DiscountRedemption.objects.filter(order=order).order_by("id").values_list("state", flat=True))


def broken() -> list[str]:
    """The promises about codes that do not hold."""
    return [found.invariant.name for found in map(check, invariants_codes.INVARIANTS) if found is not None]
