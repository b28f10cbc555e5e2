"""Buttons that ask in a window, then call a service."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.forms import BaseDialogForm

from api.actors import Actor
from audit.admin import ReadOnlyAdmin
from inventory.back_office.ask import PERMISSION
from kernel.errors import Refused


class AskingAdmin(ReadOnlyAdmin):
    """A page of facts with verbs for whoever moves stock."""

    # By name, since unfold looks dotted permissions up in the database when it checks the project.
    def has_move_stock_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm(PERMISSION)

    def run(self, request: HttpRequest, verb: Callable[[Actor], object], *, done: str, object_id: str) -> HttpResponse:
        """Call the service in the name of who clicked, say what came of it, and go back to the page."""
        try:
            verb(self.actor(request))
        except Refused as refusal:
            messages.error(request, refusal.text)
        else:
            messages.success(request, done)
        page = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=(object_id,))
        return HttpResponse(headers={"HX-Redirect": page})


def window(title: str, description: str, *, form_class: type[BaseDialogForm] | None = None) -> Any:
    """The window in which a button asks; only its POST does anything."""
    return {"title": title, "description": description, "form_class": form_class, "form_submit_text": title}
