"""What money adds to the page of an order: its panel, two verbs, and finding an order by a payment."""

from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest

from api.actors import Actor
from kernel.errors import NotAllowedNow, Refused
from kernel.money import ZERO, format_amount
from orders.actions import Facts
from orders.back_office.display import money
from orders.back_office.forms import Caller, VerbForm, choice, text
from orders.back_office.many import Answers, Many
from orders.back_office.panels import Panel
from orders.back_office.verbs import Verb
from orders.models import Order
from payments.models import Payment
from payments.services import Wanted, capture_payment, record_manual_payment, refund_payment, void_payment
from payments.states import Provider

REFUND_REASONS = ("Goodwill", "Returned", "Damaged", "Paid twice")


def amount_field(order: Order, offered: Decimal) -> forms.CharField:
    """An amount in the order's currency, starting out with what is offered."""
    return forms.CharField(
        label=f"Amount in {order.currency}",
        initial=format_amount(offered, order.currency),
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )


def as_amount(typed: str) -> Decimal:
    """`1,234.50` and `1234,5` as people type them. Raises `ValidationError`."""
    plain = typed.replace(" ", "")
    if "," in plain:
        plain = plain.replace(",", "") if "." in plain else plain.replace(",", ".")
    field = forms.DecimalField(max_digits=18, decimal_places=4)
    return field.clean(plain)


class PayForm(VerbForm):
    note = text("Note", required=False, max_length=500)

    def build(self) -> None:
        self.fields["amount"] = amount_field(self.order, self.order.money().outstanding)
        self.order_fields(["amount"])

    def clean_amount(self) -> Decimal:
        return as_amount(self.cleaned_data["amount"])

    def perform(self, caller: Caller) -> object:
        return record_manual_payment(order_id=self.order.pk, by=caller.actor, **self.cleaned_data)


class RefundForm(VerbForm):
    reason = text("Why", suggestions=REFUND_REASONS)

    def build(self) -> None:
        found = [payment for payment in Payment.objects.filter(order=self.order) if payment.refundable > 0]
        names = [(str(payment.pk), f"{payment.get_provider_display()}, {_left(payment)}") for payment in found]
        self.fields["payment"] = choice("Payment", names)
        # All that is left of the payment chosen on another page, else of the first.
        left = {str(payment.pk): payment.refundable for payment in found}
        offered = left.get(self.chosen.get("payment", ""), next(iter(left.values()), ZERO))
        self.fields["amount"] = amount_field(self.order, offered)
        self.order_fields(["payment", "amount", "reason"])

    def clean_amount(self) -> Decimal:
        return as_amount(self.cleaned_data["amount"])

    def perform(self, caller: Caller) -> object:
        return refund_payment(
            payment_id=UUID(self.cleaned_data["payment"]),
            wanted=Wanted(amount=self.cleaned_data["amount"]),
            reason=self.cleaned_data["reason"],
            by=caller.actor,
        )


class CaptureForm(VerbForm):
    def build(self) -> None:
        found = [payment for payment in Payment.objects.filter(order=self.order) if payment.capturable > 0]
        self.fields["payment"] = _payment_field(found)
        offered = max((payment.capturable for payment in found), default=ZERO)
        self.fields["amount"] = amount_field(self.order, offered)

    def clean_amount(self) -> Decimal:
        return as_amount(self.cleaned_data["amount"])

    def perform(self, caller: Caller) -> object:
        payment = UUID(self.cleaned_data["payment"])
        return capture_payment(payment_id=payment, amount=self.cleaned_data["amount"], by=caller.actor)


class VoidForm(VerbForm):
    def build(self) -> None:
        self.fields["payment"] = _payment_field(_open(self.order))

    def perform(self, caller: Caller) -> object:
        return void_payment(payment_id=UUID(self.cleaned_data["payment"]), by=caller.actor)


def _payment_field(payments: Iterable[Payment]) -> forms.ChoiceField:
    """A choice among these, by provider and amount."""
    names = [(str(each.pk), f"{each.get_provider_display()}, {money(each.amount, each.currency)}") for each in payments]
    return choice("Payment", names)


def _open(order: Order) -> list[Payment]:
    return [payment for payment in Payment.objects.filter(order=order) if payment.is_open]


def _capturable(order: Order, facts: Facts, role: str) -> Refused | None:
    return None if order.authorized_total > order.captured_total else NotAllowedNow("Nothing is authorised.")


def _voidable(order: Order, facts: Facts, role: str) -> Refused | None:
    """Looked up only on the order's own page, for its buttons."""
    return None if _open(order) else NotAllowedNow("No attempt to pay is open.")


def _left(payment: Payment) -> str:
    return f"{money(payment.refundable, payment.currency)} left"


def _refundable(order: Order, facts: Facts, role: str) -> Refused | None:
    """Only the quick look: what can still be refunded is settled under the payment's lock."""
    left = order.captured_total - order.refunded_total
    return None if left > 0 else NotAllowedNow("There is no money to give back.")


def _pay_in_full(order: Order, answers: Answers, by: Actor) -> object:
    return record_manual_payment(order_id=order.pk, by=by)


VERBS = (
    Verb("pay", "Record payment", "payments", "orders.pay", PayForm, "The payment is recorded.", urgency=20,
         many=Many(_pay_in_full)),
    Verb("refund", "Refund", "currency_exchange", "payments.add_refund", RefundForm, "The money is given back.",
         check=_refundable),
    Verb("capture", "Capture", "credit_score", "payments.change_payment", CaptureForm,
         "The provider is asked to take the money.", check=_capturable),
    Verb("void", "Give up payment", "credit_card_off", "payments.change_payment", VoidForm,
         "The provider is asked to give the payment up.", check=_voidable),
)  # fmt: skip


def payments_panel(request: HttpRequest, order: Order) -> Panel | None:
    """Attempts and refunds, and what is still due. Not for those who may not see payments."""
    if not request.user.has_perm("payments.view_payment"):
        return None
    found = list(Payment.objects.filter(order=order).prefetch_related("refunds", "disputes").order_by("created_at"))
    return Panel("Payments", "payments", "admin/payments/order_panel.html", {"payments": found})


def orders_by_payment(text: str) -> QuerySet[Payment, int] | None:
    """Order ids by a payment's own id or its provider's."""
    typed = text.strip()
    try:
        found = Payment.objects.filter(pk=UUID(typed))
    except ValueError:
        # The index leads by provider.
        found = Payment.objects.filter(provider__in=Provider.values, provider_reference=typed)
    return found.order_by("-order_id").values_list("order_id", flat=True) if typed else None
