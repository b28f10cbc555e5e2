"""How the list of gift cards is narrowed."""

import django_filters
from django.db.models import QuerySet

from payments.gift_cards.querysets import STATES
from payments.models import GiftCard


class GiftCardFilter(django_filters.FilterSet):
    last4 = django_filters.CharFilter(method="by_last4", max_length=4, help_text="The code's last four.")
    recipient = django_filters.CharFilter("recipient_email", lookup_expr="iexact", max_length=254)
    state = django_filters.ChoiceFilter(choices=[(state, state) for state in STATES])

    class Meta:
        model = GiftCard
        fields: list[str] = []

    def by_last4(self, cards: QuerySet[GiftCard], name: str, value: str) -> QuerySet[GiftCard]:
        return cards.filter(last4=value.upper())
