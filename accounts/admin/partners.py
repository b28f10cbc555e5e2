"""The back office's pages of partners and their tokens."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminDateWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from accounts import roles, services
from accounts.admin.base import CodesField, ReadOnlyInline, VerbsAdmin, ask
from accounts.models import Partner, PartnerToken
from api.actors import Actor
from audit.admin import ReadOnlyAdmin
from audit.admin.pills import pill
from kernel.errors import Refused


class TokenShown:
    """How a token is shown: by its beginning, with what it is good for in a word."""

    @display(description="state")
    def state(self, token: PartnerToken) -> SafeString:
        ended = token.expires_at is not None and token.expires_at <= timezone.now()
        if token.revoked_at is not None:
            return pill("Revoked", "bad")
        if ended:
            return pill("Expired", "wait")
        return pill("Sandbox", "go") if token.sandbox else pill("Live", "good")

    @display(description="scopes")
    def may(self, token: PartnerToken) -> str:
        return ", ".join(token.scopes)

    @display(description="networks")
    def used_from(self, token: PartnerToken) -> str:
        return ", ".join(token.networks) or "anywhere"

    @display(description="expires at")
    def ends_at(self, token: PartnerToken) -> datetime | str:
        return token.expires_at or "never"


class TokenInline(TokenShown, ReadOnlyInline):
    model = PartnerToken
    fields = ("token", "state", "may", "used_from", "created_at", "ends_at", "last_used_at")
    readonly_fields = fields
    verbose_name_plural = "Tokens"
    nothing = "No token yet: the partner calls nothing. Issue one above."

    def token(self, token: PartnerToken) -> SafeString:
        page = reverse("admin:accounts_partnertoken_change", args=(token.pk,))
        return format_html('<a class="wb-link wb-strong" href="{}">{}</a>', page, token)


class NewTokenForm(BaseDialogForm):
    scopes = forms.MultipleChoiceField(choices=roles.scope_choices, widget=UnfoldAdminCheckboxSelectMultipleWidget)
    last_day = forms.DateField(
        required=False, widget=UnfoldAdminDateWidget, help_text="Empty: until it is revoked. Written 2030-12-31."
    )
    networks = forms.CharField(
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="Where it may be used from, such as 192.0.2.0/24, with blanks between. Empty: from anywhere.",
    )
    sandbox = forms.BooleanField(
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text="For tests: its orders take no stock and no money, and never ship.",
    )

    def terms(self) -> services.TokenTerms:
        given = self.cleaned_data
        day = given["last_day"]
        return services.TokenTerms(
            scopes=given["scopes"],
            expires_at=timezone.make_aware(datetime.combine(day, time.max)) if day else None,
            networks=given["networks"].replace(",", " ").split(),
            sandbox=given["sandbox"],
        )


class RotationForm(BaseDialogForm):
    overlap_hours = forms.IntegerField(
        min_value=0,
        max_value=24 * 90,
        initial=24,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="How long the old one still works.",
    )


class GivenForm(forms.ModelForm):
    """What a partner was given: all of it, or what is chosen."""

    all_products = forms.BooleanField(
        required=False, widget=UnfoldBooleanSwitchWidget, help_text="Off: only what is chosen below."
    )
    categories = CodesField("categories", help_text="With all below them.")
    skus = forms.CharField(
        required=False,
        label="SKUs",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="Products beside those of the categories, with blanks or line breaks between.",
    )
    all_warehouses = forms.BooleanField(
        required=False, widget=UnfoldBooleanSwitchWidget, help_text="Off: only those chosen below."
    )
    warehouses = CodesField("warehouses")

    class Meta:
        model = Partner
        fields = ("name", "active", "requests_per_minute")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        partner = self.instance
        self.initial.update(
            all_products=partner.categories is None and partner.skus is None,
            categories=partner.categories or [],
            skus="\n".join(partner.skus or []),
            all_warehouses=partner.warehouses is None,
            warehouses=partner.warehouses or [],
        )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        everything = given.get("all_products")
        return given | {
            "categories": None if everything else given.get("categories", []),
            "skus": None if everything else given.get("skus", "").split(),
            "warehouses": None if given.get("all_warehouses") else given.get("warehouses", []),
        }


@admin.register(Partner)
class PartnerAdmin(VerbsAdmin):
    form = GivenForm
    list_display = ("name", "active", "created_at", "closed_at")
    list_filter = ("active",)
    search_fields = ("name",)
    fieldsets = (
        (None, {"fields": ("name", ("active", "requests_per_minute"), ("created_at", "closed_at"))}),
        ("Products it sees and orders", {"fields": ("all_products", "categories", "skus")}),
        ("Warehouses whose stock it sees and orders", {"fields": ("all_warehouses", "warehouses")}),
    )
    conditional_fields = {
        "categories": "all_products == false",
        "skus": "all_products == false",
        "warehouses": "all_warehouses == false",
    }
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
                partner_id=int(object_id), terms=form.terms(), by=self.actor(request)
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
class PartnerTokenAdmin(TokenShown, ReadOnlyAdmin, VerbsAdmin):
    list_display = ("prefix", "partner", "state", "may", "ends_at", "last_used_at", "revoked_at")
    list_filter = ("sandbox",)
    list_select_related = ("partner",)
    search_fields = ("prefix__startswith", "partner__name")
    fields = (
        *("partner", "prefix", "state", "may", "used_from"),
        *("created_at", "ends_at", "last_used_at", "revoked_at"),
    )
    readonly_fields = fields
    actions_detail = ("rotate", "revoke")

    def has_revoke_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        token = self.shown(request, object_id)
        return token is not None and token.revoked_at is None and request.user.has_perm("accounts.change_partnertoken")

    @action(
        description="Rotate",
        permissions=("revoke",),
        dialog=ask(
            "Rotate",
            "A new token of the same terms is shown once, here; the old one still works for a while.",
            form_class=RotationForm,
        ),
    )
    def rotate(self, request: HttpRequest, form: RotationForm, object_id: str) -> HttpResponse:
        token = PartnerToken.objects.get(pk=object_id)
        try:
            _, plain = services.rotate_partner_token(
                partner_id=token.partner_id,
                token_id=token.pk,
                overlap=timedelta(hours=form.cleaned_data["overlap_hours"]),
                by=self.actor(request),
            )
        except Refused as refusal:
            return render(request, "accounts/new_token.html", {"refusal": refusal.text})
        return render(request, "accounts/new_token.html", {"plain": plain})

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
