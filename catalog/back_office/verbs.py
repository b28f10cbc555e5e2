"""Pages whose forms are saved by services."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from audit.admin import BackOfficeAdmin
from kernel.errors import Refused


class VerbsAdmin(BackOfficeAdmin):
    """Saves through the services. What they refuse after all is said on the page, and nothing is saved."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response: HttpResponse = super().changeform_view(request, *args, **kwargs)
        except Refused as refusal:
            messages.error(request, refusal.text)
            return redirect(request.get_full_path())
        return response

    def try_each(self, request: HttpRequest, rows: QuerySet[Any], verb: Callable[[Any], object]) -> None:
        """Do it to each selected row in its own transaction, and say what came of each."""
        done = []
        for row in rows:
            try:
                verb(row)
            except Refused as refusal:
                messages.error(request, f"{row}: {refusal.text}")
            else:
                done.append(str(row))
        if done:
            messages.success(request, f"Done for {len(done)}: {', '.join(done[:10])}{' …' if len(done) > 10 else ''}")
