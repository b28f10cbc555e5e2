"""Payments and refunds in the back office: looked at and searched. Money moves by a verb on its order."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action

from orders.admin.ledgers import PartAdmin, PartInline
from orders.back_office.display import ago, pill, words
from payments import admin_cases, admin_inbox  # noqa: F401  register their pages
from payments.admin_parts import amount, made_by
from payments.gift_cards import admin as gift_card_pages  # noqa: F401  registers its page
from payments.models import Capture, Dispute, Operation, Payment, Refund
from payments.reconciliation import admin as reconciliation_pages  # noqa: F401  registers its pages


class RefundInline(PartInline):
    model = Refund
    fields = readonly_fields = ("sum", "cause", "reason", "state", "at", "who")
    verbose_name_plural = "Refunds"

    @admin.display(description="Amount")
    def sum(self, refund: Refund) -> SafeString:
        return amount(refund.amount, refund.payment.currency)

    @admin.display(description="Status")
    def state(self, refund: Refund) -> SafeString:
        return pill(refund.status)

    @admin.display(description="When")
    def at(self, refund: Refund) -> SafeString:
        return ago(refund.created_at)

    @admin.display(description="By")
    def who(self, refund: Refund) -> str:
        return made_by(refund)


class CaptureInline(PartInline):
    model = Capture
    fields = readonly_fields = ("sum", "state", "provider_reference", "at", "who")
    verbose_name_plural = "Captures"

    @admin.display(description="Amount")
    def sum(self, capture: Capture) -> SafeString:
        return amount(capture.amount, capture.payment.currency)

    @admin.display(description="Status")
    def state(self, capture: Capture) -> SafeString:
        return pill(capture.status)

    @admin.display(description="When")
    def at(self, capture: Capture) -> SafeString:
        return ago(capture.created_at)

    @admin.display(description="By")
    def who(self, capture: Capture) -> str:
        return made_by(capture)


class DisputeInline(PartInline):
    model = Dispute
    fields = readonly_fields = ("provider_reference", "sum", "state", "reason", "opened_at", "closed_at")
    verbose_name_plural = "Disputes"

    @admin.display(description="Amount")
    def sum(self, dispute: Dispute) -> SafeString:
        return amount(dispute.amount, dispute.payment.currency)

    @admin.display(description="Status")
    def state(self, dispute: Dispute) -> SafeString:
        return pill(dispute.status)


class OperationInline(PartInline):
    model = Operation
    fields = readonly_fields = ("kind", "state_shown", "attempts", "next_attempt", "last_error", "created_at")
    verbose_name_plural = "What the provider was asked"

    @admin.display(description="State")
    def state_shown(self, operation: Operation) -> SafeString:
        return pill(operation.state)

    @admin.display(description="Next attempt")
    def next_attempt(self, operation: Operation) -> SafeString:
        return SafeString("") if operation.finished_at else ago(operation.due_at)


@admin.register(Payment)
class PaymentAdmin(PartAdmin):
    list_display = ("short_id", "of_order", "provider", "state", "asked", "received", "given_back", "note", "at")
    list_display_links = ("short_id",)
    list_filter = ("provider", "status")
    ordering = ("-created_at", "-id")  # type: ignore[assignment]
    search_fields = ("order__number", "provider_reference")
    search_help_text = "Order, payment id or the provider's id"
    fields = (
        ("id", "of_order"),
        ("provider", "provider_reference"),
        ("state", "at"),
        ("asked", "held"),
        ("received", "given_back"),
        ("on_its_way_back", "left"),
        ("refused", "held_until"),
        ("who", "note"),
    )
    inlines = (CaptureInline, RefundInline, DisputeInline, OperationInline)
    actions_row = actions_detail = ("refund",)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return [name for row in self.fields for name in row]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Payment], search_term: str
    ) -> tuple[QuerySet[Payment], bool]:
        try:
            return queryset.filter(pk=UUID(search_term.strip())), False
        except ValueError:
            return super().get_search_results(request, queryset, search_term)

    def has_refund_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("payments.add_refund")

    @action(description="Refund", permissions=["refund"], icon="currency_exchange")
    def refund(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The order's page asks how much and why, shows what would happen, and does it."""
        payment = self.get_object(request, object_id)
        if payment is None:
            raise Http404
        ask = reverse("admin:orders_order_ask", args=(payment.order_id, "refund"))
        return redirect(f"{ask}?{urlencode({'payment': payment.pk})}")

    @admin.display(description="Payment")
    def short_id(self, payment: Payment) -> SafeString:
        return format_html('<span class="wb-code" title="{}">{}</span>', payment.pk, str(payment.pk)[:8])

    @admin.display(description="Amount")
    def asked(self, payment: Payment) -> SafeString:
        return amount(payment.amount, payment.currency)

    @admin.display(description="Authorised")
    def held(self, payment: Payment) -> SafeString:
        return amount(payment.authorized, payment.currency)

    @admin.display(description="Authorised until")
    def held_until(self, payment: Payment) -> SafeString:
        return ago(payment.authorization_expires_at)

    @admin.display(description="Last refused with")
    def refused(self, payment: Payment) -> str:
        return words(payment.failure_code)

    @admin.display(description="Received")
    def received(self, payment: Payment) -> SafeString:
        return amount(payment.captured, payment.currency)

    @admin.display(description="Given back")
    def given_back(self, payment: Payment) -> SafeString:
        return amount(payment.refunded, payment.currency) if payment.refunded else SafeString("")

    @admin.display(description="On its way back")
    def on_its_way_back(self, payment: Payment) -> SafeString:
        return amount(payment.refunding, payment.currency)

    @admin.display(description="By")
    def who(self, payment: Payment) -> str:
        return made_by(payment)

    @admin.display(description="Left to refund")
    def left(self, payment: Payment) -> SafeString:
        return amount(payment.refundable, payment.currency)
