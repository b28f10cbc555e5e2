"""The back office's pages of people and partners."""

from collections.abc import Callable
from datetime import datetime, time
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from unfold.admin import TabularInline
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.forms import AdminPasswordChangeForm, BaseDialogForm, UserChangeForm, UserCreationForm
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminDateWidget,
    UnfoldAdminSelect2MultipleWidget,
)

from accounts import roles, services
from accounts.models import Address, CustomerGroup, Partner, PartnerToken, RefreshFamily, User
from api.actors import Actor
from audit.admin import BackOfficeAdmin, ReadOnlyAdmin
from audit.verbs import act_as
from kernel.errors import Refused

admin.site.unregister(Group)  # a role says what a person may do


class ReadOnlyInline(TabularInline):
    """Rows that are looked at; what may be done to them is a button."""

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


class NewPersonForm(UserCreationForm):
    class Meta:
        model = User
        fields = ("email", "first_name", "last_name", "role")


def group_choices() -> list[tuple[str, str]]:
    return list(CustomerGroup.objects.values_list("code", "name"))


class PersonForm(UserChangeForm):
    customer_groups = forms.MultipleChoiceField(
        choices=group_choices,
        required=False,
        widget=UnfoldAdminSelect2MultipleWidget,
        label="Customer groups",
        help_text="Whose discounts they get.",
    )

    class Meta:
        model = User
        fields = ("email", "first_name", "last_name", "role", "customer_groups", "password")
        field_classes: dict[str, type[forms.Field]] = {}


class AddressInline(ReadOnlyInline):
    model = Address
    fields = ("first_name", "last_name", "line1", "postal_code", "city", "country", "phone")
    verbose_name_plural = "Addresses"


class SessionInline(ReadOnlyInline):
    model = RefreshFamily
    fields = ("created_at", "revoked_at", "reason")
    readonly_fields = fields
    verbose_name_plural = "Sessions of apps"


@admin.register(CustomerGroup)
class CustomerGroupAdmin(BackOfficeAdmin):
    """Groups of customers that discounts can be for. Who is in one is said on the person's page."""

    list_display = ("name", "code")
    fields = ("name", "code")
    prepopulated_fields = {"code": ("name",)}
    search_fields = ("name", "code")
    ordering = ("name",)

    def get_readonly_fields(self, request: HttpRequest, obj: CustomerGroup | None = None) -> tuple[str, ...]:
        return ("code",) if obj else ()  # people and rules name it by its code

    def get_prepopulated_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return {} if obj else self.prepopulated_fields

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False  # a rule for a group that is gone would be for nobody


@admin.register(User)
class PersonAdmin(UserAdmin, VerbsAdmin):  # type: ignore[misc]  # the stubs of both disagree on `log_…`
    """Customers and staff. The role says what a person may do; there are no permissions of one's own."""

    form = PersonForm
    add_form = NewPersonForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("email", "name", "shown_role", "is_active", "email_verified_at", "created_at")
    list_filter = ("role", "is_active")
    search_fields = ("email__istartswith", "last_name__istartswith")
    search_help_text = "Beginning of the e-mail or of the last name"
    ordering = ("-id",)
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": (("first_name", "last_name"), "email", "role", "customer_groups", "password")}),
        ("Account", {"fields": (("is_active", "email_verified_at"), ("created_at", "last_login"))}),
    )
    add_fieldsets = (
        (None, {"fields": (("first_name", "last_name"), "email", "role", "usable_password", "password1", "password2")}),
    )
    readonly_fields = ("is_active", "email_verified_at", "created_at", "last_login")
    inlines = (AddressInline, SessionInline)
    actions_detail = ("deactivate", "reactivate", "log_out_everywhere")

    @display(description="name")
    def name(self, user: User) -> str:
        return user.get_full_name()

    @display(
        description="role",
        ordering="role",
        label={"Admin": "danger", "Customer Service": "info", "Warehouse": "warning", "Customer": "success"},
    )
    def shown_role(self, user: User) -> str:
        return user.get_role_display()

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False  # orders name people; leaving is another verb than deleting a row

    def get_inlines(self, request: HttpRequest, obj: User | None = None) -> tuple[type[ReadOnlyInline], ...]:
        return self.inlines if obj else ()

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        own = obj is not None and obj.pk == request.user.pk
        return (*self.readonly_fields, "role") if own else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:
        if change and "email" in form.changed_data:
            obj.email_verified_at = None  # nobody has proven to read the new mailbox
        if change and "role" in form.changed_data:
            services.change_role(user_id=obj.pk, role=User.Role(obj.role), by=self.actor(request))
        super().save_model(request, obj, form, change)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        with transaction.atomic():
            if request.method == "POST":
                act_as(self.actor(request))
            response: HttpResponse = super().user_change_password(request, id, form_url)
            if response.status_code == 302:
                services.note_password_changed(user_id=int(id), by=self.actor(request))
        return response

    def has_deactivate_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        user = self.shown(request, object_id)
        return (
            user is not None and user.is_active and user.pk != request.user.pk and self.has_change_permission(request)
        )

    def has_reactivate_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        user = self.shown(request, object_id)
        return user is not None and not user.is_active and self.has_change_permission(request)

    @action(
        description="Deactivate",
        permissions=("deactivate",),
        variant=ActionVariant.DANGER,
        dialog=ask("Deactivate", "The person is logged out everywhere at once and cannot log in again."),
    )
    def deactivate(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        def verb(by: Actor) -> User:
            return services.deactivate_user(user_id=int(object_id), by=by)

        return self.run(request, verb, done="The person is deactivated.", object_id=object_id)

    @action(
        description="Reactivate",
        permissions=("reactivate",),
        dialog=ask("Reactivate", "The person can log in again."),
    )
    def reactivate(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        def verb(by: Actor) -> User:
            return services.reactivate_user(user_id=int(object_id), by=by)

        return self.run(request, verb, done="The person is active again.", object_id=object_id)

    @action(
        description="Log out everywhere",
        permissions=("change",),
        dialog=ask("Log out everywhere", "Every app of this person has to log in again."),
    )
    def log_out_everywhere(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        def verb(by: Actor) -> int:
            return services.end_sessions(user_id=int(object_id), by=by)

        return self.run(request, verb, done="The person is logged out everywhere.", object_id=object_id)


@admin.register(Address)
class AddressAdmin(BackOfficeAdmin):
    list_display = ("user", "first_name", "last_name", "line1", "postal_code", "city", "country")
    list_filter = ("country",)
    list_select_related = ("user",)
    search_fields = ("user__email__istartswith", "last_name__istartswith", "postal_code__istartswith")
    autocomplete_fields = ("user",)


class TokenInline(ReadOnlyInline):
    model = PartnerToken
    fields = ("prefix", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at")
    readonly_fields = fields
    verbose_name_plural = "Tokens"
    show_change_link = True
    hide_title = False


class NewTokenForm(BaseDialogForm):
    scopes = forms.MultipleChoiceField(choices=roles.scope_choices, widget=UnfoldAdminCheckboxSelectMultipleWidget)
    last_day = forms.DateField(
        required=False, widget=UnfoldAdminDateWidget, help_text="Empty: until it is revoked. Written 2030-12-31."
    )

    def expires_at(self) -> datetime | None:
        day = self.cleaned_data["last_day"]
        return timezone.make_aware(datetime.combine(day, time.max)) if day else None


@admin.register(Partner)
class PartnerAdmin(VerbsAdmin):
    list_display = ("name", "active", "created_at", "closed_at")
    list_filter = ("active",)
    search_fields = ("name",)
    fields = ("name", "active", "created_at", "closed_at")
    readonly_fields = ("created_at", "closed_at")
    inlines = (TokenInline,)
    actions_detail = ("issue_token", "close")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False  # orders name partners: closing is the way

    def get_inlines(self, request: HttpRequest, obj: Partner | None = None) -> tuple[type[ReadOnlyInline], ...]:
        return self.inlines if obj else ()

    def get_readonly_fields(self, request: HttpRequest, obj: Partner | None = None) -> tuple[str, ...]:
        return ("name", "active", *self.readonly_fields) if obj and obj.closed_at else self.readonly_fields

    def has_open_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        partner = self.shown(request, object_id)
        return partner is not None and partner.closed_at is None and self.has_change_permission(request)

    @action(
        description="Issue a token",
        permissions=("open",),
        variant=ActionVariant.PRIMARY,
        dialog=ask("Issue a token", "The token is shown once, here.", form_class=NewTokenForm),
    )
    def issue_token(self, request: HttpRequest, form: NewTokenForm, object_id: str) -> HttpResponse:
        try:
            _, plain = services.issue_partner_token(
                partner_id=int(object_id),
                scopes=form.cleaned_data["scopes"],
                expires_at=form.expires_at(),
                by=self.actor(request),
            )
        except Refused as refusal:
            return render(request, "accounts/new_token.html", {"refusal": refusal.text})
        return render(request, "accounts/new_token.html", {"plain": plain})

    @action(
        description="Close",
        permissions=("open",),
        variant=ActionVariant.DANGER,
        dialog=ask("Close", "Every token of the partner is revoked, for good. Its orders stay."),
    )
    def close(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        def verb(by: Actor) -> Partner:
            return services.close_partner(partner_id=int(object_id), by=by)

        return self.run(request, verb, done="The partner is closed.", object_id=object_id)


@admin.register(PartnerToken)
class PartnerTokenAdmin(ReadOnlyAdmin, VerbsAdmin):
    list_display = ("prefix", "partner", "scopes", "expires_at", "last_used_at", "revoked_at")
    list_select_related = ("partner",)
    search_fields = ("prefix__startswith", "partner__name")
    fields = ("partner", "prefix", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at")
    readonly_fields = fields
    actions_detail = ("revoke",)

    def has_revoke_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        token = self.shown(request, object_id)
        return token is not None and token.revoked_at is None and request.user.has_perm("accounts.change_partnertoken")

    @action(
        description="Revoke",
        permissions=("revoke",),
        variant=ActionVariant.DANGER,
        dialog=ask("Revoke", "The token opens nothing from now on, for good."),
    )
    def revoke(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        token = PartnerToken.objects.get(pk=object_id)

        def verb(by: Actor) -> None:
            services.revoke_partner_token(partner_id=token.partner_id, token_id=token.pk, by=by)

        return self.run(request, verb, done="The token is revoked.", object_id=object_id)
