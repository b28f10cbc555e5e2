"""What the OpenAPI document says of reconciliation."""

from typing import Any

from orders.schemas import operation, page, paged
from payments.reconciliation.compare import ACTIONS
from payments.reconciliation.serializers import RunInput, RunSerializer, RunWithDifferencesSerializer

RUN: dict[str, Any] = {
    "id": 12,
    "provider": "stripe",
    "window_from": "2030-03-02T02:00:00Z",
    "window_to": "2030-03-05T02:00:00Z",
    "started_by": "system:reconcile_nightly",
    "started_at": "2030-03-05T02:00:00Z",
    "finished_at": "2030-03-05T02:00:41Z",
    "compared": 2311,
    "repaired": 1,
    "open": 1,
    "error": "",
}
DIFFERENCE: dict[str, Any] = {
    "id": 88,
    "kind": "missing_here",
    "state": "open",
    "object_type": "capture",
    "reference": "ch_3QExample",
    "payment": None,
    "ours": "",
    "theirs": "29.00 EUR, succeeded",
    "action": ACTIONS["missing_here"],
    "resolved_at": None,
    "resolved_by": "",
    "resolution": "",
}
BEGUN = RUN | {"finished_at": None, "compared": 0, "repaired": 0, "open": 0, "started_by": "user:1"}
TAGS = ["payments"]

LIST = operation(
    *("reconciliation_runs_list", "Find comparisons with providers", paged(RunSerializer, "ReconciliationRunList")),
    page(RUN),
    tags=TAGS,
)
RETRIEVE = operation(
    *("reconciliation_runs_read", "Look at a comparison and its differences", RunWithDifferencesSerializer),
    RUN | {"differences": [DIFFERENCE]},
    tags=TAGS,
)
CREATE = operation(
    *("reconciliation_runs_create", "Compare our books with a provider's", RunSerializer, BEGUN),
    status=202,
    description="A worker does it; look at the run until it has `finished_at`. One at a time for each provider: "
    "while one is on its way, `not_allowed_now`. A window has at most 31 days.",
    request=RunInput,
    sends={
        "The last three days": {"provider": "stripe"},
        "A window": {"provider": "paypal", "since": "2030-03-01T00:00:00Z", "until": "2030-03-02T00:00:00Z"},
    },
    tags=TAGS,
)
