"""Gift cards in the back office: found, issued, frozen, corrected. The ledger says how each balance came about."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm

from accounts.admin import VerbsAdmin, ask
from api.actors import Actor
from audit.admin.rows import said_of
from audit.names import names_of
from kernel.errors import Refused
from orders.admin.ledgers import PartAdmin, PartInline
from orders.back_office.ask import page_url
from orders.back_office.display import ago, money, pill
from payments.gift_cards.codes import hash_of
from payments.gift_cards.office import AdjustForm, ChangeForm, FreezeForm, IssueForm
from payments.gift_cards.querysets import STATES, with_state
from payments.gift_cards.services import (
    adjust_gift_card,
    change_gift_card,
    code_of,
    freeze_gift_card,
    issue_gift_card,
    unfreeze_gift_card,
)
from payments.models import GiftCard, GiftCardEntry

TONES = {"usable": "good", "empty": "plain", "frozen": "bad", "expired": "wait"}


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state, state.capitalize()) for state in STATES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(state=self.value()) if self.value() else queryset


class EntryInline(PartInline):
    model = GiftCardEntry
    fields = readonly_fields = ("kind", "sum", "order", "reason", "at", "who")
    verbose_name_plural = "Ledger"

    def get_queryset(self, request: HttpRequest) -> QuerySet[GiftCardEntry]:
        found: QuerySet[GiftCardEntry] = super().get_queryset(request)
        return found.select_related("card", "payment__order")

    @admin.display(description="Amount")
    def sum(self, entry: GiftCardEntry) -> SafeString:
        return format_html('<span class="wb-amount">{}</span>', money(entry.amount, entry.card.currency))

    @admin.display(description="Order")
    def order(self, entry: GiftCardEntry) -> SafeString:
        if entry.payment is None:
            return SafeString("")
        order = entry.payment.order
        return format_html('<a class="wb-link" href="{}">{}</a>', page_url(order), order.number)

    @admin.display(description="When")
    def at(self, entry: GiftCardEntry) -> SafeString:
        return ago(entry.created_at)

    @admin.display(description="By")
    def who(self, entry: GiftCardEntry) -> str:
        return said_of(entry.actor, names_of({entry.actor}))


@admin.register(GiftCard)
class GiftCardAdmin(PartAdmin, VerbsAdmin):
    list_display = ("end_of_code", "left", "state", "ends", "recipient", "bought", "at")
    list_display_links = ("end_of_code",)
    list_filter = (StateFilter, "currency")
    list_select_related = ()
    search_fields = ("last4",)
    search_help_text = "The whole code, its last four, a recipient or the order that bought it"
    fields = (("end_of_code", "state"), ("left", "ends"), ("frozen", "frozen_reason"), ("recipient", "bought"),
              ("note",), ("at", "who"))  # fmt: skip
    inlines = (EntryInline,)
    actions_list = ("issue",)
    actions_detail = ("edit", "adjust", "freeze", "release")

    def get_queryset(self, request: HttpRequest) -> QuerySet[GiftCard]:
        return with_state()

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return [name for row in self.fields for name in row]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[GiftCard], search_term: str
    ) -> tuple[QuerySet[GiftCard], bool]:
        typed = search_term.strip()
        if not typed:
            return queryset, False
        if code_hash := hash_of(typed):
            return queryset.filter(code_hash=code_hash), False
        bought = Q(bought_with__order__number=typed.upper())
        return queryset.filter(Q(last4=typed.upper()) | Q(recipient_email__iexact=typed) | bought), False

    # What is seen

    @admin.display(description="Card")
    def end_of_code(self, card: GiftCard) -> SafeString:
        return format_html('<span class="wb-code">…{}</span>', card.last4)

    @admin.display(description="Left")
    def left(self, card: GiftCard) -> SafeString:
        return format_html('<span class="wb-amount">{}</span>', money(card.balance, card.currency))

    @admin.display(description="State")
    def state(self, card: Any) -> SafeString:
        return pill(card.state, tone=TONES[card.state])

    @admin.display(description="Ends")
    def ends(self, card: GiftCard) -> SafeString:
        return ago(card.expires_at) or SafeString("Never")

    @admin.display(description="Frozen")
    def frozen(self, card: GiftCard) -> SafeString:
        return ago(card.frozen_at)

    @admin.display(description="For")
    def recipient(self, card: GiftCard) -> str:
        return card.recipient_email

    @admin.display(description="Issued")
    def at(self, row: GiftCard) -> SafeString:
        return ago(row.created_at)

    @admin.display(description="Bought with")
    def bought(self, card: GiftCard) -> SafeString:
        if card.bought_with is None:
            return SafeString("")
        order = card.bought_with.order
        return format_html('<a class="wb-link" href="{}">{}</a>', page_url(order), order.number)

    @admin.display(description="By")
    def who(self, card: GiftCard) -> str:
        return said_of(card.created_by, names_of({card.created_by}))

    # What is done

    def has_issue_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("gift_cards.issue")

    def has_adjust_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("gift_cards.adjust")

    def has_freeze_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        card = self.shown(request, object_id)
        return card is not None and card.frozen_at is None and request.user.has_perm("gift_cards.freeze")

    def has_release_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        card = self.shown(request, object_id)
        return card is not None and card.frozen_at is not None and request.user.has_perm("gift_cards.freeze")

    @action(
        description="Issue a gift card",
        permissions=("issue",),
        variant=ActionVariant.PRIMARY,
        dialog=ask("Issue a gift card", "The code is shown once, here.", form_class=IssueForm),
    )
    def issue(self, request: HttpRequest, form: IssueForm) -> HttpResponse:
        given = form.cleaned_data
        try:
            card = issue_gift_card(
                currency=given["currency"], amount=given["amount"], terms=form.terms(), by=self.actor(request)
            )
        except Refused as refusal:
            return render(request, "admin/payments/giftcard/issued.html", {"refusal": refusal.text})
        return render(request, "admin/payments/giftcard/issued.html", {"card": card, "code": code_of(card)})

    @action(
        description="Change",
        permissions=("adjust",),
        dialog=ask("Change", "Who it is for, how long, and what to know about it.", form_class=ChangeForm),
    )
    def edit(self, request: HttpRequest, form: ChangeForm, object_id: str) -> HttpResponse:
        def verb(by: Actor) -> GiftCard:
            return change_gift_card(card_id=int(object_id), changes=form.changes(), by=by)

        return self.run(request, verb, done="The card is changed.", object_id=object_id)

    @action(
        description="Correct the balance",
        permissions=("adjust",),
        dialog=ask("Correct the balance", "The ledger keeps what it was and why.", form_class=AdjustForm),
    )
    def adjust(self, request: HttpRequest, form: AdjustForm, object_id: str) -> HttpResponse:
        def verb(by: Actor) -> GiftCardEntry:
            amount, reason = form.cleaned_data["amount"], form.cleaned_data["reason"]
            return adjust_gift_card(card_id=int(object_id), amount=amount, reason=reason, by=by)

        return self.run(request, verb, done="The balance is corrected.", object_id=object_id)

    @action(
        description="Freeze",
        permissions=("freeze",),
        variant=ActionVariant.DANGER,
        dialog=ask("Freeze", "Nothing can be taken from the card until it is released.", form_class=FreezeForm),
    )
    def freeze(self, request: HttpRequest, form: FreezeForm, object_id: str) -> HttpResponse:
        def verb(by: Actor) -> GiftCard:
            return freeze_gift_card(card_id=int(object_id), reason=form.cleaned_data["reason"], by=by)

        return self.run(request, verb, done="The card is frozen.", object_id=object_id)

    @action(
        description="Release",
        permissions=("release",),
        dialog=ask("Release", "The card can be spent again."),
    )
    def release(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        def verb(by: Actor) -> GiftCard:
            return unfreeze_gift_card(card_id=int(object_id), by=by)

        return self.run(request, verb, done="The card is released.", object_id=object_id)
