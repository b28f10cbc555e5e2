"""What the OpenAPI document says of each operation on campaigns and codes."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from orders.codes.serializers import (
    CampaignBody,
    CampaignInput,
    CodeBatch,
    CodeBatchInput,
    DiscountCodeBody,
    DiscountCodeChanges,
    DiscountCodeInput,
)
from orders.schemas import operation

CAMPAIGN: dict[str, Any] = {
    "id": 7,
    "kind": "percent",
    "name": "Spring",
    "active": True,
    "starts_at": "2030-03-01T00:00:00Z",
    "ends_at": "2030-06-01T00:00:00Z",
    "percent": "10",
    "amount": None,
    "currency": "EUR",
    "applies_to": "order",
    "cap": "20.00",
    "minimum_spend": "50.00",
    "skus": [],
    "categories": ["mugs"],
    "tags": [],
    "buy_quantity": None,
    "get_quantity": None,
    "get_skus": [],
    "get_categories": [],
    "get_tags": [],
    "max_times": None,
    "first_order_only": False,
    "limit_per_customer": 1,
    "combines": True,
    "budget": "1000.00",
    "spent": "34.90",
    "version": 1,
}
CODE = CAMPAIGN | {
    "id": 31,
    "code": "SPRING-10",
    "campaign": 7,
    "campaign_active": True,
    "limit": 500,
    "uses": 3,
}
TEN_PERCENT = {"kind": "percent", "percent": "10", "currency": "EUR", "cap": "20.00", "limit_per_customer": 1}
BOUGHT = {"kind": "buy_x_get_y", "buy_quantity": 2, "get_quantity": 1, "percent": "100", "categories": ["mugs"]}
IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description="Only at this version of the terms: the `ETag`."
)
CODE_ID = OpenApiParameter("code_id", OpenApiTypes.INT, OpenApiParameter.PATH)
CAMPAIGN_ID = OpenApiParameter("campaign_id", OpenApiTypes.INT, OpenApiParameter.PATH)
TAGS: dict[str, Any] = {"tags": ["discounts"]}

LIST_CODES = operation("discount_codes_list", "List discount codes", DiscountCodeBody(many=True), CODE, **TAGS)
CREATE_CODE = operation(
    *("discount_codes_create", "Enter a discount code", DiscountCodeBody, CODE),
    status=201,
    description="With terms it gets a campaign of its own; with `campaign` it is one more code of that one. "
    "A code there is already is refused with 409 `code_taken`.",
    request=DiscountCodeInput,
    sends={
        "With terms": {"code": "SPRING-10"} | TEN_PERCENT,
        "Free shipping": {"code": "SHIPFREE", "kind": "free_shipping", "first_order_only": True},
        "Buy two, get one": {"code": "THREE4TWO"} | BOUGHT,
        "Of a campaign": {"campaign": 7, "code": "SPRING-VIP", "limit": 500},
    },
    **TAGS,
)
READ_CODE = operation(
    "discount_codes_read", "Look at a discount code", DiscountCodeBody, CODE, parameters=[CODE_ID], **TAGS
)
CHANGE_CODE = operation(
    *("discount_codes_change", "Change a discount code", DiscountCodeBody, CODE | {"active": False}),
    description="`limit` and `active` are the code's. The terms are its campaign's: they change for all its codes. "
    "Orders that were placed keep what they were given.",
    request=DiscountCodeChanges(partial=True),
    sends={"Switch it off": {"active": False}, "Another percentage": {"percent": "15"}},
    parameters=[CODE_ID, IF_MATCH],
    **TAGS,
)
DELETE_CODE = operation(
    *("discount_codes_delete", "Remove a discount code", None, None),
    status=204,
    description="Only while no order has ever had it, else 409 `not_allowed_now`: switch it off. With the last "
    "code goes the campaign.",
    parameters=[CODE_ID],
    **TAGS,
)
LIST_CAMPAIGNS = operation("discount_campaigns_list", "List campaigns", CampaignBody(many=True), CAMPAIGN, **TAGS)
CREATE_CAMPAIGN = operation(
    *("discount_campaigns_create", "Enter a campaign", CampaignBody, CAMPAIGN | {"spent": "0.00"}),
    status=201,
    description="Terms without a code: codes are added one by one or many at once.",
    request=CampaignInput,
    sends={"Ten percent": {"name": "Spring"} | TEN_PERCENT},
    **TAGS,
)
READ_CAMPAIGN = operation(
    "discount_campaigns_read", "Look at a campaign", CampaignBody, CAMPAIGN, parameters=[CAMPAIGN_ID], **TAGS
)
CHANGE_CAMPAIGN = operation(
    *("discount_campaigns_change", "Change a campaign", CampaignBody, CAMPAIGN | {"active": False, "version": 2}),
    description="What is absent stays. Orders that were placed keep what they were given.",
    request=CampaignInput(partial=True),
    sends={"Switch it off": {"active": False}, "A larger budget": {"budget": "2000.00"}},
    parameters=[CAMPAIGN_ID, IF_MATCH],
    **TAGS,
)
MAKE_CODES = operation(
    *("discount_campaigns_make_codes", "Make many codes", CodeBatch, {"codes": ["SPRING-7KQ2M9XW4H"]}),
    status=201,
    description="Letters and digits by chance, without those that look alike. A repetition with the same key gets "
    "the same codes.",
    request=CodeBatchInput,
    sends={"For single use": {"count": 500, "prefix": "SPRING-"}},
    parameters=[CAMPAIGN_ID],
    **TAGS,
)
