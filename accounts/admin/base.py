"""What the pages of people and partners share."""

from collections.abc import Callable
from typing import Any

from allauth.account.admin import EmailAddressAdmin
from allauth.mfa.admin import AuthenticatorAdmin
from allauth.socialaccount.admin import SocialAccountAdmin, SocialAppAdmin, SocialTokenAdmin
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.module_loading import import_string
from unfold.admin import TabularInline
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelect2MultipleWidget

from api.actors import Actor
from audit.admin import BackOfficeAdmin
from kernel.errors import Refused

# Shown in our own way: a role's group on a page of its own, and what allauth keeps on the person's.
_REPLACED = (GroupAdmin, EmailAddressAdmin, AuthenticatorAdmin, SocialAccountAdmin, SocialAppAdmin, SocialTokenAdmin)
for _model in [model for model, page in admin.site._registry.items() if isinstance(page, _REPLACED)]:
    admin.site.unregister(_model)


class ReadOnlyInline(TabularInline):
    """Rows that are looked at; what may be done to them is a button. `nothing` is said where there are none."""

    template = "accounts/rows.html"
    nothing = "None."
    extra = 0
    per_page = 10
    can_delete = False
    hide_title = True

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class VerbsAdmin(BackOfficeAdmin):
    """Buttons that ask first, then call a service."""

    def shown(self, request: HttpRequest, object_id: str | None) -> Any:
        """The row of this page, or None when the address names none."""
        return self.get_object(request, str(object_id))

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


def ask(title: str, description: str, *, form_class: type[BaseDialogForm] | None = None) -> Any:
    """The window in which a button asks; only its POST does anything."""
    return {"title": title, "description": description, "form_class": form_class, "form_submit_text": title}


class CodesField(forms.MultipleChoiceField):
    """Codes of things that other apps keep; `settings.CODE_CHOICES` says where they are listed."""

    def __init__(self, what: str, **kwargs: Any) -> None:
        kwargs = {"required": False, "widget": UnfoldAdminSelect2MultipleWidget} | kwargs
        super().__init__(choices=import_string(settings.CODE_CHOICES[what]), **kwargs)
