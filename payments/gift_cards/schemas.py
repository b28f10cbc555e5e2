"""What the OpenAPI document says of each operation on gift cards."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from orders.schemas import operation
from payments.gift_cards.serializers import (
    BalanceSerializer,
    CodeInput,
    GiftCardChanges,
    GiftCardInput,
    GiftCardSerializer,
    IssuedGiftCardSerializer,
)

CARD: dict[str, Any] = {
    "id": 17,
    "last4": "G6H7",
    "currency": "EUR",
    "balance": "50.00",
    "state": "usable",
    "frozen": False,
    "frozen_reason": "",
    "expires_at": "2033-03-04T10:00:00Z",
    "recipient_email": "ada@example.com",
    "note": "Goodwill",
    "order": None,
    "created_at": "2030-03-04T10:00:00Z",
}
CODE = "A0B1-C2D3-E4F5-G6H7"
ISSUED = CARD | {"code": CODE}
FROZEN = CARD | {"state": "frozen", "frozen": True, "frozen_reason": "Frozen by staff."}
CARD_ID = OpenApiParameter("card_id", OpenApiTypes.INT, OpenApiParameter.PATH)
GIFT_CARDS: dict[str, Any] = {"tags": ["gift cards"]}

LIST = operation("gift_cards_list", "List gift cards", GiftCardSerializer(many=True), CARD, **GIFT_CARDS)
CREATE = operation(
    *("gift_cards_create", "Issue a gift card", IssuedGiftCardSerializer, ISSUED),
    status=201,
    description="The answer carries the code, once; it is stored nowhere. A recipient is sent it by e-mail.",
    request=GiftCardInput,
    sends={"For somebody": {"currency": "EUR", "amount": "50.00", "recipient_email": "ada@example.com"}},
    **GIFT_CARDS,
)
RETRIEVE = operation(
    "gift_cards_read", "Look at a gift card", GiftCardSerializer, CARD, parameters=[CARD_ID], **GIFT_CARDS
)
UPDATE = operation(
    *("gift_cards_change", "Change or freeze a gift card", GiftCardSerializer, FROZEN),
    request=GiftCardChanges,
    sends={"Freeze it": {"frozen": True}, "Release it": {"frozen": False}},
    parameters=[CARD_ID],
    **GIFT_CARDS,
)
DESTROY = operation(
    *("gift_cards_delete", "Freeze a gift card", None, None),
    status=204,
    description="No card is ever deleted: its ledger stays, and nothing can be taken from it.",
    parameters=[CARD_ID],
    **GIFT_CARDS,
)
BALANCE = operation(
    *("gift_cards_balance", "See what is left on a gift card", BalanceSerializer),
    {"balance": "50.00", "currency": "EUR", "expires_at": "2033-03-04T10:00:00Z"},
    description="One and the same `gift_card_not_usable` for a code nobody has, a frozen card and one that has "
    "expired. Each try counts, right or wrong; beyond the limit 429 `rate_limited` with `Retry-After`.",
    request=CodeInput,
    sends={"A code": {"code": CODE}},
    **GIFT_CARDS,
)
