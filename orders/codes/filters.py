"""How the lists of codes and campaigns are narrowed."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet

from catalog.filters import YesNo
from orders.codes.reading import normal_code
from orders.models import DiscountCampaign, DiscountCode


def switched(queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
    return queryset.filter(**{name: value == "true"})


class CodeFilter(django_filters.FilterSet):
    code = django_filters.CharFilter(method="named", max_length=50, help_text="Exactly this code.")
    campaign = django_filters.NumberFilter(
        "campaign", min_value=1, max_value=2**63 - 1, decimal_places=0, help_text="The id of its campaign."
    )
    active = YesNo(method=switched, help_text="Whether the code is switched on.")
    q = django_filters.CharFilter(
        method="search", max_length=100, help_text="The beginning of a code, or a part of its campaign's name."
    )

    class Meta:
        model = DiscountCode
        fields: list[str] = []

    def named(self, codes: QuerySet[DiscountCode], name: str, value: str) -> QuerySet[DiscountCode]:
        return codes.filter(code=normal_code(value))

    def search(self, codes: QuerySet[DiscountCode], name: str, value: str) -> QuerySet[DiscountCode]:
        return codes.filter(Q(code__startswith=normal_code(value)) | Q(campaign__name__icontains=value.strip()))


class CampaignFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(choices=DiscountCampaign.Kind.choices)
    active = YesNo(method=switched, help_text="Whether it is switched on, whatever its dates.")
    q = django_filters.CharFilter("name", lookup_expr="icontains", max_length=100, help_text="A part of its name.")

    class Meta:
        model = DiscountCampaign
        fields: list[str] = []
