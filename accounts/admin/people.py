"""The back office's pages of people."""

from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.forms import AdminPasswordChangeForm, BaseDialogForm, UserCreationForm
from unfold.widgets import UnfoldAdminSelect2MultipleWidget

from accounts import services
from accounts.admin.base import CodesField, ReadOnlyInline, VerbsAdmin, ask
from accounts.models import Address, CustomerGroup, RefreshFamily, User
from accounts.oidc import title_of
from accounts.personal_data.office import PersonalDataVerbs
from accounts.second_factor import has_second_factor
from api.actors import Actor
from audit.admin import BackOfficeAdmin
from audit.verbs import act_as

KINDS = {"totp": "Authenticator app", "webauthn": "Security key", "recovery_codes": "Recovery codes"}


class NewPersonForm(UserCreationForm):
    class Meta:
        model = User
        fields = ("email", "first_name", "last_name", "role")


def group_choices() -> list[tuple[str, str]]:
    return list(CustomerGroup.objects.values_list("code", "name"))


class PersonForm(UserChangeForm):
    password = None  # type: ignore[assignment]  # a button sets another
    warehouses = CodesField(
        "warehouses", label="Warehouses", help_text="Of warehouse staff: whose goods they see and move. None: all."
    )
    customer_groups = forms.MultipleChoiceField(
        choices=group_choices,
        required=False,
        widget=UnfoldAdminSelect2MultipleWidget,
        label="Customer groups",
        help_text="Whose discounts they get.",
    )

    class Meta:
        model = User
        fields = ("email", "first_name", "last_name", "role", "warehouses", "customer_groups")
        field_classes: dict[str, type[forms.Field]] = {}


class AddressInline(ReadOnlyInline):
    model = Address
    fields = ("first_name", "last_name", "line1", "postal_code", "city", "country", "phone")
    verbose_name_plural = "Addresses"
    nothing = "No address is kept."


class SessionInline(ReadOnlyInline):
    model = RefreshFamily
    fields = ("device", "created_at", "last_used_at", "revoked_at", "reason")
    readonly_fields = fields
    verbose_name_plural = "Sessions of apps"
    nothing = "No app has logged in."


class IdentityInline(ReadOnlyInline):
    model = SocialAccount
    ordering = ("provider",)
    fields = ("issuer", "email", "linked_at", "last_used_at")
    readonly_fields = fields
    verbose_name_plural = "Linked accounts"
    nothing = "No account of another issuer is linked."

    def issuer(self, account: SocialAccount) -> str:
        return title_of(account.provider)

    @display(description="e-mail there")
    def email(self, account: SocialAccount) -> str:
        return str((account.extra_data.get("id_token") or {}).get("email", ""))

    def linked_at(self, account: SocialAccount) -> datetime:
        return account.date_joined

    def last_used_at(self, account: SocialAccount) -> datetime:
        return account.last_login


class SecondFactorInline(ReadOnlyInline):
    model = Authenticator
    ordering = ("type", "id")
    fields = ("kind", "created_at", "last_used_at")
    readonly_fields = fields
    verbose_name_plural = "Second factor"
    nothing = "None: the password alone lets this person in."

    def kind(self, authenticator: Authenticator) -> str:
        return KINDS[authenticator.type]


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
class PersonAdmin(PersonalDataVerbs, UserAdmin, VerbsAdmin):  # type: ignore[misc]  # the stubs of both disagree on `log_…`
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
        (None, {"fields": (("first_name", "last_name"), "email", "role", "warehouses", "customer_groups")}),
        (
            "Account",
            {
                "fields": (
                    ("is_active", "email_verified_at"),
                    ("created_at", "last_login"),
                    ("password_state", "erasure_state"),
                )
            },
        ),
    )
    add_fieldsets = (
        (None, {"fields": (("first_name", "last_name"), "email", "role", "usable_password", "password1", "password2")}),
    )
    readonly_fields = (
        *("is_active", "email_verified_at", "created_at", "last_login"),
        *("password_state", "erasure_state"),
    )
    inlines = (AddressInline, SessionInline, IdentityInline, SecondFactorInline)
    actions_detail = (
        *("deactivate", "reactivate", "log_out_everywhere"),
        {
            "title": "More",
            "items": ["set_password", "remove_second_factor", *PersonalDataVerbs.personal_data_actions],
        },
    )

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

    @display(description="password")
    def password_state(self, user: User) -> str:
        return "Set" if user.has_usable_password() else "None: an account of another issuer lets them in"

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

    @action(description="Set a password", permissions=("change",))
    def set_password(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect("admin:auth_user_password_change", object_id)

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

    def has_remove_second_factor_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        user = self.shown(request, object_id)
        return user is not None and self.has_change_permission(request) and has_second_factor(user.pk)

    @action(
        description="Remove second factor",
        permissions=("remove_second_factor",),
        variant=ActionVariant.DANGER,
        dialog=ask(
            "Remove second factor",
            "For somebody who lost it, once you know that it is them who asks. They are logged out everywhere; the "
            "password alone lets them in, and where the role needs a second factor they set up another first.",
        ),
    )
    def remove_second_factor(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        def verb(by: Actor) -> None:
            services.remove_second_factor(user_id=int(object_id), by=by)

        return self.run(request, verb, done="The second factor is removed.", object_id=object_id)


@admin.register(Address)
class AddressAdmin(BackOfficeAdmin):
    list_display = ("user", "first_name", "last_name", "line1", "postal_code", "city", "country")
    list_filter = ("country",)
    list_select_related = ("user",)
    search_fields = ("user__email__istartswith", "last_name__istartswith", "postal_code__istartswith")
    autocomplete_fields = ("user",)
