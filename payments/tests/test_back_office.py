from decimal import Decimal

import pytest
from django import forms

from audit.models import LogEntry
from orders.models import OrderTransition
from orders.tests.back_office import ask_url, do, list_url, look, page_url, staff, told
from orders.tests.factories import buyable, fresh, place
from payments.back_office import as_amount
from payments.models import Payment, Refund
from payments.services import record_manual_payment
from payments.tests.factories import TESTS

pytestmark = pytest.mark.django_db


def paid_by_hand():
    order = place(("MUG", 3))
    return order, record_manual_payment(order_id=order.pk, by=TESTS)


def test_what_is_due_is_offered_and_recorded() -> None:
    buyable(price="10.00")
    order = place(("MUG", 3))
    client = staff("customer_service")
    shown = client.get(ask_url(order, "pay"))
    assert [(effect.what, effect.becomes) for effect in shown.context["rehearsal"].effects][:2] == [
        ("Stage", "Paid"),
        ("Payment", "Paid"),
    ]
    assert Payment.objects.count() == 0
    response = do(client, order, "pay", amount="41.00", note="Cash")
    payment = Payment.objects.get()
    assert told(response) == ["The payment is recorded."]
    assert (payment.captured, payment.note, fresh(order).status) == (41, "Cash", "paid")


def test_a_part_leaves_the_rest_to_pay() -> None:
    buyable(price="10.00")
    order = place(("MUG", 3))
    do(staff(), order, "pay", amount="1,5")
    assert (fresh(order).payment_status, Payment.objects.get().captured) == ("partially_paid", Decimal("1.50"))


@pytest.mark.parametrize("amount", ["41.01", "0", "-1", "1.234", "a lot", ""])
def test_an_amount_that_cannot_be_is_refused(amount: str) -> None:
    buyable(price="10.00")
    order = place(("MUG", 3))
    before = OrderTransition.objects.count(), LogEntry.objects.count()
    response = look(staff(), order, "pay", amount=amount)
    refused = response.context["form"].errors or response.context["rehearsal"].refusal
    assert refused
    assert response.context["seen"] == ""
    assert (Payment.objects.count(), OrderTransition.objects.count(), LogEntry.objects.count()) == (0, *before)


def test_a_refund_shows_what_goes_back_and_gives_it() -> None:
    buyable(price="10.00")
    order, payment = paid_by_hand()
    client = staff()
    answers = {"payment": str(payment.pk), "amount": "5.00", "reason": "Goodwill"}
    effects = look(client, order, "refund", **answers).context["rehearsal"].effects
    assert ("Refunded", "0.00\N{NO-BREAK SPACE}EUR", "5.00\N{NO-BREAK SPACE}EUR") in [
        (effect.what, effect.was, effect.becomes) for effect in effects
    ]
    do(client, order, "refund", **answers)
    refund = Refund.objects.get()
    assert (refund.amount, refund.reason, fresh(order).payment_status) == (5, "Goodwill", "partially_refunded")


def test_more_than_was_paid_cannot_go_back() -> None:
    buyable(price="10.00")
    order, payment = paid_by_hand()
    response = look(staff(), order, "refund", payment=str(payment.pk), amount="41.01", reason="x")
    assert response.context["rehearsal"].refusal.code == "amount_exceeds_captured"
    assert Refund.objects.count() == 0


def test_money_is_shown_to_those_who_work_with_it() -> None:
    buyable()
    order, _ = paid_by_hand()
    assert "Received" in staff("customer_service").get(page_url(order)).content.decode()
    assert "Received" not in staff("warehouse").get(page_url(order)).content.decode()
    assert staff("warehouse").get(ask_url(order, "refund")).status_code == 403


def test_an_order_is_found_by_its_payment() -> None:
    buyable()
    order, payment = paid_by_hand()
    place()
    Payment.objects.filter(pk=payment.pk).update(provider_reference="ch_42")
    for typed in (str(payment.pk), "ch_42"):
        assert staff().get(list_url(q=typed)).url == page_url(order)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("12", "12"), ("12.50", "12.50"), ("12,50", "12.50"), ("1,234.50", "1234.50"), (" 1 234,5 ", "1234.5")],
)
def test_amounts_are_read_as_people_type_them(typed: str, meant: str) -> None:
    assert as_amount(typed) == Decimal(meant)


def test_what_is_no_amount_is_said() -> None:
    with pytest.raises(forms.ValidationError):
        as_amount("ten")
