"""What the OpenAPI document says of pick lists, papers and carrier scans."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema

from orders.schemas import Decorator, operation, page, paged
from orders.serializers import bench

SUMMARY: dict[str, Any] = {
    "number": "PL1001",
    "warehouse": "BER-1",
    "state": "picking",
    "assigned_to": "warehouse@example.com",
    "orders": 1,
    "units": 2,
    "picked": 1,
    "short": 0,
    "created_at": "2030-03-01T08:00:00Z",
    "finished_at": None,
}
TASK: dict[str, Any] = {
    "id": 81,
    "order": "W1000042",
    "line": 311,
    "sku": "MUG-BLUE",
    "barcode": "4006381333931",
    "name": "Blue mug",
    "bin": "A-03-2",
    "quantity": 2,
    "picked": 1,
    "short": 0,
    "left": 1,
}
EXAMPLE = SUMMARY | {"tasks": [TASK]}
MADE = EXAMPLE | {"state": "open", "assigned_to": None, "picked": 0, "tasks": [TASK | {"picked": 0, "left": 2}]}
DONE = EXAMPLE | {"state": "done", "finished_at": "2030-03-01T08:20:00Z"}
TAGS: dict[str, Any] = {"tags": ["pick lists"]}

LIST = operation(
    *("pick_lists_list", "List pick lists", paged(bench.PickListSummarySerializer, "PickListList"), page(SUMMARY)),
    description="Of the caller's warehouses, the newest first.",
    **TAGS,
)
MAKE = operation(
    *("pick_lists_make", "Make a pick list", bench.PickListSerializer, MADE),
    status=201,
    description="From the orders with the oldest promises: paid for, not on hold, and on no other list.",
    request=bench.PickListInput,
    sends={"Ten orders": {"warehouse": "BER-1", "orders": 10}},
    **TAGS,
)
READ = operation("pick_lists_read", "Look at a pick list", bench.PickListSerializer, EXAMPLE, **TAGS)
PICK = operation(
    *("pick_lists_pick", "Confirm units taken from a shelf", bench.PickListSerializer, EXAMPLE),
    description="A code that is not on the list is refused as `wrong_item`, and nothing is counted. The last unit "
    "finishes the list.",
    request=bench.PickInput,
    sends={"A scan": {"code": "4006381333931"}},
    **TAGS,
)
SHORT = operation(
    *("pick_lists_short", "Say that units are not there", bench.PickListSerializer, EXAMPLE),
    description="The order stays open for them, and another list will ask again.",
    request=bench.ShortInput,
    sends={"One is missing": {"task": 81, "quantity": 1, "reason": "missing"}},
    **TAGS,
)
FINISH = operation(
    *("pick_lists_finish", "End a walk early", bench.PickListSerializer, DONE),
    description="What was not fetched may be put on another list.",
    **TAGS,
)
CANCEL = operation(
    *("pick_lists_cancel", "Call off a pick list", bench.PickListSerializer, DONE | {"state": "cancelled"}),
    description="What was fetched goes back to its shelf.",
    **TAGS,
)


def paper(name: str, summary: str, tag: str) -> Decorator:
    return extend_schema(
        operation_id=name,
        summary=summary,
        tags=[tag],
        responses={(200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY, "A PDF.")},
    )


SLIP = paper("shipments_packing_slip", "Print the packing slip", "shipments")
LABEL = paper("shipments_label", "Print the label", "shipments")
PICK_LIST = paper("pick_lists_pdf", "Print a pick list", "pick lists")
