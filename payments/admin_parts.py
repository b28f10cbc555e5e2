"""The parts of payments as tables: looked at and searched."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from audit.admin.rows import said_of
from audit.names import names_of
from orders.admin.ledgers import PartAdmin
from orders.back_office.ask import page_url
from orders.back_office.display import ago, money, pill
from payments.models import Capture, Dispute, Operation, Payment, Refund


def amount(value: Any, currency: str) -> SafeString:
    return format_html('<span class="wb-amount">{}</span>', money(value, currency))


def made_by(row: Payment | Capture | Refund) -> str:
    return said_of(row.created_by, names_of({row.created_by}))


class PaymentPartAdmin(PartAdmin):
    """A table of parts of payments; each row leads to its order and its payment."""

    list_display: Any = ("number", "of_order", "sum", "state", "at")
    list_display_links = ("number",)
    list_select_related = ("payment__order",)
    search_fields: Any = ("payment__order__number", "provider_reference")
    search_help_text = "Order or the provider's id"

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return [name for row in self.fields or () for name in row]

    @admin.display(description="Id")
    def number(self, row: Any) -> str:
        return str(row.pk)

    @admin.display(description="Order")
    def of_order(self, row: Any) -> SafeString:
        order = row.payment.order
        return format_html('<a class="wb-link" href="{}">{}</a>', page_url(order), order.number)

    @admin.display(description="Payment")
    def of_payment(self, row: Any) -> SafeString:
        address = reverse("admin:payments_payment_change", args=(row.payment_id,))
        return format_html('<a class="wb-link wb-code" href="{}">{}</a>', address, row.payment_id)

    @admin.display(description="Amount")
    def sum(self, row: Any) -> SafeString:
        return amount(row.amount, row.payment.currency)

    @admin.display(description="By")
    def who(self, row: Any) -> str:
        return made_by(row)

    @admin.display(description="Settled")
    def settled(self, row: Any) -> SafeString:
        return ago(row.settled_at)


@admin.register(Refund)
class RefundAdmin(PaymentPartAdmin):
    list_display = ("number", "of_order", "sum", "cause", "reason", "state", "at")
    list_filter = ("status", "cause", "provider")
    fields = (
        ("of_payment", "of_order"),
        ("provider", "provider_reference"),
        ("sum", "state"),
        ("cause", "reason"),
        ("at", "settled"),
        ("who",),
    )


@admin.register(Capture)
class CaptureAdmin(PaymentPartAdmin):
    list_filter = ("status", "provider")
    fields = (
        ("of_payment", "of_order"),
        ("provider", "provider_reference"),
        ("sum", "state"),
        ("at", "settled"),
        ("who",),
    )


@admin.register(Dispute)
class DisputeAdmin(PaymentPartAdmin):
    list_display = ("provider_reference", "of_order", "sum", "reason", "state", "opened", "closed")
    list_display_links = ("provider_reference",)
    list_filter = ("status", "provider")
    fields = (
        ("of_payment", "of_order"),
        ("provider", "provider_reference"),
        ("sum", "state"),
        ("reason",),
        ("opened", "closed"),
    )

    @admin.display(description="Opened")
    def opened(self, dispute: Dispute) -> SafeString:
        return ago(dispute.opened_at)

    @admin.display(description="Closed")
    def closed(self, dispute: Dispute) -> SafeString:
        return ago(dispute.closed_at)


@admin.register(Operation)
class OperationAdmin(PaymentPartAdmin):
    ordering = ("-created_at",)
    list_display = ("number", "of_order", "kind", "asked_state", "attempts", "last_error", "at")
    list_filter = ("state", "kind")
    search_fields = ("payment__order__number",)
    search_help_text = "Order"
    fields = (
        ("of_payment", "of_order"),
        ("kind", "asked_state"),
        ("key", "attempts"),
        ("due_at", "finished_at"),
        ("last_error",),
        ("at", "who"),
    )

    @admin.display(description="Id")
    def number(self, row: Any) -> SafeString:
        return format_html('<span class="wb-code" title="{}">{}</span>', row.pk, str(row.pk)[:8])

    @admin.display(description="State")
    def asked_state(self, operation: Operation) -> SafeString:
        return pill(operation.state)
