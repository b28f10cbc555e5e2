"""What the OpenAPI document says of each operation on discount rules."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema

from catalog.discounts.serializers import RuleBody, RuleInput

RULE: dict[str, Any] = {
    "id": 5,
    "kind": "percent",
    "name": "Summer sale",
    "active": True,
    "starts_at": "2030-06-01T00:00:00Z",
    "ends_at": "2030-09-01T00:00:00Z",
    "percent": "10",
    "amount": None,
    "currency": "",
    "skus": [],
    "buy_quantity": None,
    "get_quantity": None,
    "get_skus": [],
    "max_times": None,
    "tags": [],
    "get_tags": [],
    "categories": ["mugs"],
    "get_categories": [],
    "version": 1,
    "lane": 1,
    "priority": 100,
    "exclusive": False,
    "groups": [],
    "tiers": [],
}
EXAMPLE = OpenApiExample("A rule", RULE, response_only=True)
IN = [
    OpenApiExample(
        "Ten percent off",
        {"name": "Sale", "kind": "percent", "percent": "10", "categories": ["mugs"]},
        request_only=True,
    ),
    OpenApiExample(
        "By quantity",
        {"name": "Many", "kind": "tiers", "tiers": [{"from": 10, "percent": "5"}, {"from": 50, "percent": "8"}]},
        request_only=True,
    ),
]
RULE_ID = OpenApiParameter("rule_id", OpenApiTypes.INT, OpenApiParameter.PATH)
IF_MATCH = OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, description="Only at this version.")
IF_NONE_MATCH = OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER, description="The `ETag` you have.")
TAGS = ["discounts"]
Decorator = Callable[[Any], Any]

LIST: Decorator = extend_schema(
    summary="List discount rules",
    description="Staff see all; others those that hold now and are for everybody.",
    responses=RuleBody(many=True),
    examples=[EXAMPLE],
    tags=TAGS,
)
RETRIEVE: Decorator = extend_schema(
    summary="Show a discount rule",
    parameters=[RULE_ID, IF_NONE_MATCH],
    responses={200: RuleBody, 304: None},
    examples=[EXAMPLE],
    tags=TAGS,
)
CREATE: Decorator = extend_schema(
    summary="Enter a discount rule", request=RuleInput, responses={201: RuleBody}, examples=[*IN, EXAMPLE], tags=TAGS
)
UPDATE: Decorator = extend_schema(
    summary="Change a discount rule",
    description="What is absent stays. Orders that were placed keep what the rule gave them.",
    parameters=[RULE_ID, IF_MATCH],
    request=RuleInput(partial=True),
    responses=RuleBody,
    examples=[EXAMPLE],
    tags=TAGS,
)
DESTROY: Decorator = extend_schema(
    summary="Take a discount rule away", parameters=[RULE_ID], responses={204: None}, tags=TAGS
)
