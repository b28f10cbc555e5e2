"""The history of everything: who, what, when."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from audit.admin.base import HISTORY_PAGE, ReadOnlyAdmin
from audit.admin.rows import rows_of
from audit.asking import PARAMETERS, read_search
from audit.kinds import kinds
from audit.models import ChangeRecord
from audit.pages import Page, page_of
from kernel.errors import Invalid

NOTHING = Page(changes=[], next=None, previous=None)


@admin.register(ChangeRecord)
class HistoryAdmin(ReadOnlyAdmin):
    """The same search as the audit API's, as a page."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            return HttpResponseRedirect("..")
        asked = {name: request.GET.get(name, "") for name in sorted(PARAMETERS)}
        page, refusal = NOTHING, ""
        try:
            page = page_of(request, read_search(asked), HISTORY_PAGE)
        except Invalid as invalid:
            refusal = f"{invalid.problems[0].field}: {invalid.text}"
        options = sorted(((kind.name, kind.title) for kind in kinds().values()), key=lambda option: option[1])
        context = {
            **self.admin_site.each_context(request),
            "title": "History",
            "opts": self.opts,
            "kinds": options,
            "asked": asked | {"since": asked["from"]},
            "narrowed": any(asked.values()),
            "refusal": refusal,
            "rows": rows_of(request, page.changes),
            "page": page,
            **(extra_context or {}),
        }
        return render(request, "admin/audit/changes.html", context)
