"""Pages that show each person the rows of their warehouses."""

from typing import Any

from django.contrib.admin import RelatedFieldListFilter
from django.db.models import QuerySet
from django.db.models.fields.related import RelatedField
from django.http import Http404, HttpRequest, HttpResponse

from audit.admin import BackOfficeAdmin
from inventory.callers import own_warehouses
from inventory.models import Warehouse


class OwnRowsAdmin(BackOfficeAdmin):
    """Lists, pages, searches and autocompletes read `visible_to`; another's row is one that is not there."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: Any = super().get_queryset(request)
        visible: QuerySet[Any] = rows.visible_to(request.user)
        return visible

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        self._check_own(request, object_id)
        return super().history_view(request, object_id, extra_context)

    def version_view(self, request: HttpRequest, object_id: str, history_id: int) -> HttpResponse:
        self._check_own(request, object_id)
        return super().version_view(request, object_id, history_id)

    def _check_own(self, request: HttpRequest, object_id: str) -> None:
        """The history is not read through `get_queryset`, since it also knows what is gone."""
        if own_warehouses(request.user) is not None and self.get_object(request, object_id) is None:
            raise Http404


class OwnWarehouseFilter(RelatedFieldListFilter):
    """By warehouse, of those that the person sees."""

    def has_output(self) -> bool:
        """Also with no choice to offer, once one was made: Django leaves out a filter that would show nothing."""
        return self.lookup_val is not None or super().has_output()

    def field_choices(self, field: "RelatedField[Any, Any]", request: HttpRequest, model_admin: Any) -> list[Any]:
        mine = {"pk__in": Warehouse.objects.visible_to(request.user).values("pk")}
        ordering = self.field_admin_ordering(field, request, model_admin)
        choices: Any = field.get_choices(include_blank=False, limit_choices_to=mine, ordering=ordering)
        return list(choices)
