"""What the back office does about a person's data."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm

from accounts.models import User
from accounts.personal_data import services
from accounts.personal_data.models import DataExport, Erasure
from api.actors import Actor

WHAT_GOES = (
    "The person is logged out everywhere at once and gets a mail with a link to think again. When the time is over, "
    "and no order, return or payment is under way, their name, e-mail, addresses, sessions, baskets and the texts on "
    "their orders are erased, from the history too, for good. Orders keep their lines, amounts and country."
)


def _ask(title: str, description: str) -> dict[str, Any]:
    return {"title": title, "description": description, "form_class": None, "form_submit_text": title}


class PersonalDataVerbs:
    """Buttons for the page of a person: `actions_detail = (..., *PersonalDataVerbs.personal_data_actions)`.

    And `erasure_state` for its fields, which says since when and until when. Belongs beside an admin with `run`,
    `shown` and `has_change_permission`.
    """

    personal_data_actions = ("export_data", "erase", "keep")

    run: Callable[..., HttpResponse]
    shown: Callable[[HttpRequest, str | None], Any]
    has_change_permission: Callable[..., bool]

    @display(description="personal data")
    def erasure_state(self, user: User) -> str:
        """Where the person's wish to be erased stands, in a sentence."""
        if user.erased_at is not None:
            return f"Erased on {_day(user.erased_at)}."
        wish = Erasure.objects.filter(user=user, ended_at=None).first()
        if wish is None or user.erase_at is None:
            return _copy_of(user)
        asked = f"Asked to be erased on {_day(wish.requested_at)}, by {_whom(wish, user)}."
        if user.erase_at > timezone.now():
            return f"{asked} Erased on {_day(user.erase_at)} unless that is taken back."
        return f"{asked} Due since {_day(user.erase_at)}. {wish.waits_for}".strip()

    def has_export_data_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        user = self.shown(request, object_id)
        return user is not None and user.erased_at is None and self.has_change_permission(request)

    def has_erase_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        user = self.shown(request, object_id)
        is_open = user is not None and not user.is_staff and user.erased_at is None and user.erase_at is None
        return is_open and self.has_change_permission(request)

    def has_keep_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        user = self.shown(request, object_id)
        is_waiting = user is not None and user.erased_at is None and user.erase_at is not None
        return is_waiting and self.has_change_permission(request)

    @action(
        description="Export",
        permissions=("export_data",),
        dialog=_ask("Export", "A copy of all that we hold about the person is made. They get a mail and fetch it."),
    )
    def export_data(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        def verb(by: Actor) -> DataExport:
            return services.request_export(user_id=int(object_id), by=by)

        return self.run(request, verb, done="The copy is being made; the person gets a mail.", object_id=object_id)

    @action(
        description="Erase",
        permissions=("erase",),
        variant=ActionVariant.DANGER,
        dialog=_ask("Erase", WHAT_GOES),
    )
    def erase(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        def verb(by: Actor) -> User:
            return services.ask_erasure(user_id=int(object_id), by=by)

        return self.run(
            request, verb, done="The account is closed, and the person will be erased.", object_id=object_id
        )

    @action(
        description="Keep",
        permissions=("keep",),
        dialog=_ask("Keep", "The wish to be erased is taken back, and the account is as it was before it."),
    )
    def keep(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        def verb(by: Actor) -> User:
            return services.withdraw_erasure(user_id=int(object_id), by=by)

        return self.run(request, verb, done="The person is kept.", object_id=object_id)


def _copy_of(user: User) -> str:
    export = services.newest_export(user)
    if export is None:
        return "Nothing was asked for."
    return f"A copy was asked for on {_day(export.requested_at)}: {export.status}."


def _whom(wish: Erasure, user: User) -> str:
    return "the person" if wish.requested_by == str(user.as_actor()) else "staff"


def _day(moment: Any) -> str:
    return str(date_format(timezone.localtime(moment), "DATETIME_FORMAT"))
