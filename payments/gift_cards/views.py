"""Gift cards over HTTP."""

from typing import Any, cast

from django.db.models import QuerySet
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.permissions import IsAdmin
from api.inputs import read_input
from api.views import GenericViewSet, ViewSet
from kernel.errors import NotFound
from payments.gift_cards import schemas
from payments.gift_cards.filters import GiftCardFilter
from payments.gift_cards.guesses import count_guess
from payments.gift_cards.querysets import with_state
from payments.gift_cards.serializers import (
    BalanceSerializer,
    CodeInput,
    GiftCardChanges,
    GiftCardInput,
    GiftCardSerializer,
)
from payments.gift_cards.services import (
    CardChanges,
    Terms,
    change_gift_card,
    code_of,
    freeze_gift_card,
    issue_gift_card,
    usable_card,
)
from payments.gift_cards.services.staff import BY_STAFF
from payments.models import GiftCard


class GiftCardViewSet(GenericViewSet):
    """The shop's gift cards, for admins. A code is answered once, when its card is issued."""

    queryset = GiftCard.objects.none()
    serializer_class = GiftCardSerializer
    permission_classes = [IsAdmin]
    filterset_class = GiftCardFilter
    idempotency_required = {"create"}
    ordering_fields = {"-created_at": ("-id",), "created_at": ("id",)}

    def get_queryset(self) -> QuerySet[GiftCard]:
        return with_state()

    @schemas.LIST
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(GiftCardSerializer(page, many=True).data)

    @schemas.CREATE
    def create(self, request: Request) -> Response:
        given = read_input(GiftCardInput, request).validated_data
        terms = Terms(**{name: given[name] for name in ("expires_at", "recipient_email", "note")})
        card = issue_gift_card(currency=given["currency"], amount=given["amount"], terms=terms, by=self.actor)
        return Response(self.show(card.pk) | {"code": code_of(card)}, status=201)

    @schemas.RETRIEVE
    def retrieve(self, request: Request, card_id: int) -> Response:
        return Response(self.show(card_id))

    @schemas.UPDATE
    def partial_update(self, request: Request, card_id: int) -> Response:
        changes = cast(CardChanges, dict(read_input(GiftCardChanges, request).validated_data))
        change_gift_card(card_id=card_id, changes=changes, by=self.actor)
        return Response(self.show(card_id))

    @schemas.DESTROY
    def destroy(self, request: Request, card_id: int) -> Response:
        freeze_gift_card(card_id=card_id, reason=BY_STAFF, by=self.actor)
        return Response(status=204)

    def show(self, card_id: int) -> dict[str, Any]:
        card = self.get_queryset().filter(pk=card_id).first()
        if card is None:
            raise NotFound("There is no such gift card.")
        return dict(GiftCardSerializer(card).data)


class BalanceViewSet(ViewSet):
    """What is left on a card, for whoever knows its code."""

    serializer_class = CodeInput  # for the schema
    permission_classes = [AllowAny]
    refuses = {"balance": {"404", "429"}}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        # Before any transaction of the request: a guess counts even when everything else is undone.
        if self.action == "balance":
            count_guess(request)

    @schemas.BALANCE
    def balance(self, request: Request) -> Response:
        card = usable_card(read_input(CodeInput, request).validated_data["code"])
        return Response(BalanceSerializer(card).data, headers={"Cache-Control": "no-store"})
