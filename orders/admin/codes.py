"""Codes: found, switched on and off, and which orders used them."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm

from accounts.admin import VerbsAdmin as AskingAdmin
from accounts.admin import ask
from api.actors import Actor
from catalog.back_office.verbs import VerbsAdmin as SavingAdmin
from orders.admin.ledgers import PartAdmin, PartInline
from orders.back_office.ask import page_url
from orders.back_office.campaigns import LimitForm, asked
from orders.back_office.display import ago, money, pill
from orders.codes import words
from orders.codes.reading import normal_code
from orders.codes.services import change_code
from orders.models import DiscountCampaign, DiscountCode, DiscountRedemption

TONES = {words.RUNNING: "good", words.WAITING: "wait", words.ENDED: "plain", words.OFF: "bad", words.SPENT: "move"}


class RedemptionInline(PartInline):
    model = DiscountRedemption
    fields = readonly_fields = ("of_order", "whose", "off", "how", "at")
    verbose_name_plural = "Orders that used it"
    per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[DiscountRedemption]:
        found: QuerySet[DiscountRedemption] = super().get_queryset(request)
        return found.select_related("order").order_by("-id")

    @admin.display(description="Order")
    def of_order(self, use: DiscountRedemption) -> SafeString:
        return format_html('<a class="wb-link" href="{}">{}</a>', page_url(use.order), use.order.number)

    @admin.display(description="Customer")
    def whose(self, use: DiscountRedemption) -> str:
        return use.order.email

    @admin.display(description="Off")
    def off(self, use: DiscountRedemption) -> SafeString:
        return format_html('<span class="wb-amount">{}</span>', money(use.amount, use.order.currency))

    @admin.display(description="State")
    def how(self, use: DiscountRedemption) -> SafeString:
        return pill(use.state, tone={"reserved": "wait", "confirmed": "good"}.get(use.state, "plain"))

    @admin.display(description="When")
    def at(self, use: DiscountRedemption) -> SafeString:
        return ago(use.created_at)


@admin.register(DiscountCode)
class CodeAdmin(PartAdmin, SavingAdmin, AskingAdmin):
    list_display = ("written", "of_campaign", "gives", "state", "used", "at")
    list_display_links = ("written",)
    list_filter = ("active",)
    list_select_related = ("campaign",)
    search_fields = ("code",)
    search_help_text = "A code or its beginning"
    fields = (("written", "state"), ("of_campaign", "gives"), ("used", "at"))
    inlines = (RedemptionInline,)
    actions = ("switch_on", "switch_off")  # type: ignore[assignment]
    actions_detail = ("set_limit", "turn_on", "turn_off")

    def get_queryset(self, request: HttpRequest) -> QuerySet[DiscountCode]:
        return DiscountCode.objects.select_related("campaign")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return [name for row in self.fields for name in row]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[DiscountCode], search_term: str
    ) -> tuple[QuerySet[DiscountCode], bool]:
        typed = normal_code(search_term)
        return (queryset.filter(code__startswith=typed) if typed else queryset), False

    @admin.display(description="Code")
    def written(self, code: DiscountCode) -> SafeString:
        return format_html('<span class="wb-code">{}</span>', code.code)

    @admin.display(description="Campaign")
    def of_campaign(self, code: DiscountCode) -> SafeString:
        page = reverse("admin:orders_discountcampaign_change", args=(code.campaign_id,))
        return format_html('<a class="wb-link" href="{}">{}</a>', page, code.campaign.name)

    @admin.display(description="Gives")
    def gives(self, code: DiscountCode) -> str:
        return words.gives(code.campaign)

    @admin.display(description="Status")
    def state(self, code: DiscountCode) -> SafeString:
        if not code.active:
            return pill(words.OFF, tone=TONES[words.OFF])
        if code.limit is not None and code.uses >= code.limit:
            return pill(words.SPENT, tone=TONES[words.SPENT])
        found = words.state(code.campaign, timezone.now())
        return pill(found, tone=TONES[found])

    @admin.display(description="Used")
    def used(self, code: DiscountCode) -> str:
        return f"{code.uses:,}" if code.limit is None else f"{code.uses:,} of {code.limit:,}"

    # What is done

    def has_keep_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("orders.change_discountcode")

    def has_turn_on_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        code = self.shown(request, object_id)
        return code is not None and not code.active and self.has_keep_permission(request)

    def has_turn_off_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        code = self.shown(request, object_id)
        return code is not None and code.active and self.has_keep_permission(request)

    @action(description="Switch on", permissions=("keep",))
    def switch_on(self, request: HttpRequest, queryset: QuerySet[DiscountCode]) -> None:
        by = self.actor(request)
        self.try_each(request, queryset, lambda row: change_code(code_id=row.pk, changes={"active": True}, by=by))

    @action(description="Switch off", permissions=("keep",))
    def switch_off(self, request: HttpRequest, queryset: QuerySet[DiscountCode]) -> None:
        by = self.actor(request)
        self.try_each(request, queryset, lambda row: change_code(code_id=row.pk, changes={"active": False}, by=by))

    @action(description="Set its limit", permissions=("keep",), dialog=ask("Set its limit", "", form_class=LimitForm))
    def set_limit(self, request: HttpRequest, form: LimitForm, object_id: str) -> HttpResponse:
        return self.change(request, object_id, asked(form), done="The limit is set.")

    @action(description="Switch on", permissions=("turn_on",), dialog=ask("Switch on", "It can be used again."))
    def turn_on(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        return self.change(request, object_id, {"active": True}, done="The code is switched on.")

    @action(
        description="Switch off",
        permissions=("turn_off",),
        variant=ActionVariant.DANGER,
        dialog=ask("Switch off", "Orders that were placed with it keep what it gave them."),
    )
    def turn_off(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        return self.change(request, object_id, {"active": False}, done="The code is switched off.")

    def change(self, request: HttpRequest, object_id: str, changes: dict[str, Any], *, done: str) -> HttpResponse:
        def verb(by: Actor) -> DiscountCode:
            return change_code(code_id=int(object_id), changes=changes, by=by)

        return self.run(request, verb, done=done, object_id=object_id)


def list_of(campaign: DiscountCampaign) -> str:
    """Where the codes of a campaign are listed."""
    return f"{reverse('admin:orders_discountcode_changelist')}?campaign__id__exact={campaign.pk}"
