"""The base of every page of the back office, and the pages of the log."""

from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin

from api.actors import Actor
from audit.verbs import act_as


class BackOfficeAdmin(SimpleHistoryAdmin, ModelAdmin):
    """Edits carry the person's name into the history; long tables are never counted row by row."""

    list_per_page = 50
    show_full_result_count = False
    list_fullwidth = True
    warn_unsaved_form = True

    def actor(self, request: HttpRequest) -> Actor:
        """Who clicks, for the services that buttons and actions call."""
        user: Any = request.user
        actor: Actor = user.as_actor()
        return actor

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


class ReadOnlyAdmin(BackOfficeAdmin):
    """For facts and ledgers: looked at and searched, never typed into."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
