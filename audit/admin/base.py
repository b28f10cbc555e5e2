"""The base of every page of the back office."""

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Field, Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from unfold.admin import ModelAdmin

from api.actors import Actor
from api.fields import no_card_number
from audit.admin.rows import lines_of, rows_of
from audit.changes import Search, snapshot
from audit.history import Tracked
from audit.kinds import Kind, kinds, read_version
from audit.pages import page_of
from audit.paging import EstimatedPaginator
from audit.references import resolved
from audit.verbs import act_as
from kernel.errors import Invalid

HISTORY_PAGE = 30
# Codes of somebody else's, which may be as long as the number of a payment card and look like one; secrets.
IDENTIFIERS = frozenset({"sku", "barcode", "tracking_number", "password"})


class BackOfficeAdmin(ModelAdmin):
    """Edits carry the person's name into the history; long tables are never counted row by row.

    The history of an object is read from the tables that PostgreSQL writes. Nothing there can be reverted: to
    change something back is a change of its own.
    """

    list_per_page = 50
    show_full_result_count = False
    list_fullwidth = True
    warn_unsaved_form = True
    paginator: type[Paginator] = EstimatedPaginator
    how_to_fill = ""  # what an empty list says: where its rows come from, or what to do instead

    def actor(self, request: HttpRequest) -> Actor:
        """Who clicks, for the services that buttons and actions call."""
        user: Any = request.user
        actor: Actor = user.as_actor()
        return actor

    def formfield_for_dbfield(self, db_field: "Field[Any, Any]", request: HttpRequest, **kwargs: Any) -> Any:
        """The field of a form, refusing the number of a payment card in free text."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(field, forms.CharField) and db_field.name not in IDENTIFIERS:
            field.validators.append(no_card_number)
        return field

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Offers to show all only where something is left out."""
        found = super().get_changelist_instance(request)
        if not found.query and not found.has_active_filters:
            found.full_result_count = found.result_count
        return found

    # Django opens the transaction around these two; the actor belongs inside it.
    def _changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST":
            act_as(self.actor(request))
        response: HttpResponse = super()._changeform_view(request, *args, **kwargs)
        return response

    def _delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST":
            act_as(self.actor(request))
        response: HttpResponse = super()._delete_view(request, *args, **kwargs)
        return response

    # Who did what is in the history, old and new values with it; Django's own log would say less, twice.
    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None: ...
    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None: ...
    def log_deletions(self, request: HttpRequest, queryset: Any) -> None: ...

    @property
    def kind(self) -> Kind | None:
        """What the history calls this model, or None when it keeps none."""
        return next((kind for kind in kinds().values() if kind.model is self.model), None)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        context["show_history"] = context.get("show_history", True) and issubclass(self.model, Tracked)
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_version"
        view = self.admin_site.admin_view(self.version_view)
        return [path("<path:object_id>/history/<int:history_id>/", view, name=name), *super().get_urls()]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Every change of one object, newest first; also of one that is gone."""
        kind = self._readable(request)
        keys = kind.keys_of(object_id)
        try:
            page = page_of(request, Search(kinds=[kind], object_ids=keys), HISTORY_PAGE)
        except Invalid:
            return HttpResponseRedirect(request.path)
        if not page.changes:
            raise Http404
        obj = self.get_object(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "title": f"History of {obj or f'{kind.title} {page.changes[0].label}'}",
            "opts": self.opts,
            "object": obj,
            "rows": rows_of(request, page.changes),
            "page": page,
            **(extra_context or {}),
        }
        return render(request, "admin/audit/object_history.html", context)

    def version_view(self, request: HttpRequest, object_id: str, history_id: int) -> HttpResponse:
        """One object as it was after one of its changes."""
        kind = self._readable(request)
        row = read_version(kind, kind.keys_of(object_id), history_id)
        if row is None:
            raise Http404
        (version,) = resolved([snapshot(kind, row)])
        back = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_history", args=(object_id,))
        context = {
            **self.admin_site.each_context(request),
            "title": f"{kind.title.capitalize()} {version.label} as it was",
            "opts": self.opts,
            "at": version.place.at,
            "lines": lines_of(version),
            "back": back,
        }
        return render(request, "admin/audit/version.html", context)

    def _readable(self, request: HttpRequest) -> Kind:
        kind = self.kind
        if kind is None or not self.has_view_or_change_permission(request):
            raise Http404
        return kind


class ReadOnlyAdmin(BackOfficeAdmin):
    """For facts and ledgers: looked at and searched, never typed into."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
