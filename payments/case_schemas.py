"""What the OpenAPI document says of money cases."""

from typing import Any

from orders.schemas import operation, page, paged
from payments.advice import advice_on
from payments.case_serializers import MoneyCaseSerializer, ResolutionInput

CASE: dict[str, Any] = {
    "id": 7,
    "kind": "payment_mismatch",
    "about": "pi_3QExample",
    "detail": "At the provider, amount is 19.00, not 29.00.",
    "what_to_do": advice_on("payment_mismatch"),
    "order": "W1000001",
    "payment": "8f14e45f-ceea-4a7f-9a3c-2f1f5c1f7f10",
    "opened_at": "2030-03-05T09:12:00Z",
    "resolved_at": None,
    "resolved_by": "",
    "resolution": "",
}
RESOLVED = CASE | {
    "resolved_at": "2030-03-05T10:00:00Z",
    "resolved_by": "user:12",
    "resolution": "Refunded at the provider; the customer pays again.",
}

LIST = operation(
    *("money_cases_list", "Find what a person has to look at", paged(MoneyCaseSerializer, "MoneyCaseList")),
    page(CASE),
    description="Open and resolved, newest first unless `ordering` says otherwise.",
    tags=["payments"],
)
RESOLVE = operation(
    *("money_cases_resolve", "Say what was done about a money case", MoneyCaseSerializer, RESOLVED),
    description="Once: a resolved case refuses with `not_allowed_now`. What happens again is a new case.",
    request=ResolutionInput,
    sends={"Refunded": {"resolution": RESOLVED["resolution"]}},
    tags=["payments"],
)
