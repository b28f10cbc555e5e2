"""Rules and campaigns by what they do now."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from catalog.discounts.words import ENDED, OFF, RUNNING, WAITING


class StateFilter(admin.SimpleListFilter):
    title = "status"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name.capitalize()) for name in (RUNNING, WAITING, ENDED, OFF)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        now = timezone.now()
        ended, waiting = Q(ends_at__lte=now), Q(starts_at__gt=now)
        chosen = {
            OFF: queryset.filter(active=False),
            ENDED: queryset.filter(ended, active=True),
            WAITING: queryset.filter(waiting, active=True),
            RUNNING: queryset.filter(active=True).exclude(ended).exclude(waiting),
        }
        return chosen.get(self.value() or "", queryset)
