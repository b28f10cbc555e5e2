from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.tests.factories import UserFactory
from orders.tests.factories import TESTS, buyable, fresh, place
from payments.models import Payment, Refund
from payments.services import Wanted, refund_payment
from payments.tests.factories import paid_by_hand, paid_order

pytestmark = pytest.mark.django_db
PAYMENTS, REFUNDS = reverse("admin:payments_payment_changelist"), reverse("admin:payments_refund_changelist")


def desk(role: str = "customer_service") -> Client:
    client = Client()
    client.force_login(UserFactory(role=role))
    return client


def page(payment: Payment, name: str = "change") -> str:
    return reverse(f"admin:payments_payment_{name}", args=(payment.pk,))


def shown(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def test_payments_are_found_by_order_and_by_their_id() -> None:
    order, payment = paid_order()
    other = place(("MUG", 1))
    paid_by_hand(other)
    client = desk()
    everything = shown(client, PAYMENTS)
    assert order.number in everything
    assert other.number in everything
    for typed in (order.number, str(payment.pk)):
        found = shown(client, f"{PAYMENTS}?q={typed}")
        assert order.number in found
        assert other.number not in found
    assert order.number not in shown(client, f"{PAYMENTS}?q=nothing")


def test_a_payment_shows_its_money_its_refunds_and_its_history() -> None:
    _, payment = paid_order()
    refund_payment(payment_id=payment.pk, wanted=Wanted(amount=Decimal(5)), reason="Scratched", by=TESTS)
    body = shown(desk(), page(payment))
    for text in ("65.00\xa0EUR", "5.00\xa0EUR", "60.00\xa0EUR", "Scratched"):
        assert text in body
    assert 'name="_save"' not in body
    assert "Refunded" in shown(desk(), page(payment, "history"))


def test_the_button_leads_to_the_refund_of_this_payment_with_what_is_left() -> None:
    buyable("MUG", price="10.00")
    order = place(("MUG", 3))
    first, second = paid_by_hand(order, "21.00"), paid_by_hand(order, "20.00")
    client = desk()
    for payment, left in ((first, "21.00"), (second, "20.00")):
        response = client.get(page(payment, "refund"))
        assert response.url == f"/admin/orders/order/{order.pk}/do/refund/?payment={payment.pk}"
        assert f'value="{left}"' in shown(client, response.url)


def test_a_refund_is_shown_before_it_is_done_and_done_once_confirmed() -> None:
    order, payment = paid_order()
    client = desk()
    address = client.get(page(payment, "refund")).url
    answers = {"payment": str(payment.pk), "amount": "5.00", "reason": "Goodwill"}
    looked = client.post(address, answers | {"intent": "look"})
    assert "5.00" in looked.content.decode()
    assert not Refund.objects.exists()
    seen = looked.context["seen"]
    done = client.post(address, answers | {"intent": "do", "seen": seen})
    assert done.status_code == 302
    assert (Refund.objects.get().amount, fresh(order).refunded_total) == (5, 5)
    assert Refund.objects.get().created_by.startswith("user:")


def test_refunds_are_found_by_order() -> None:
    order, payment = paid_order()
    refund = refund_payment(payment_id=payment.pk, wanted=Wanted(amount=Decimal(5)), reason="Scratched", by=TESTS)
    client = desk()
    assert "Scratched" in shown(client, f"{REFUNDS}?q={order.number}")
    assert "Scratched" not in shown(client, f"{REFUNDS}?q=W1")
    body = shown(client, reverse("admin:payments_refund_change", args=(refund.pk,)))
    assert "System · tests" in body


def test_whom_money_does_not_concern_does_not_see_it() -> None:
    _, payment = paid_order()
    client = desk("warehouse")
    for address in (PAYMENTS, REFUNDS, page(payment), page(payment, "refund")):
        assert client.get(address).status_code == 403
    assert Client().get(PAYMENTS).status_code == 302


def test_nothing_can_be_typed_into_money() -> None:
    _, payment = paid_order()
    client = desk("admin")
    assert client.post(page(payment), {"amount": "1"}).status_code == 403
    assert client.get(reverse("admin:payments_payment_add")).status_code == 403
    assert client.get(page(payment, "delete")).status_code == 403


def test_a_list_costs_the_same_however_long_it_is() -> None:
    buyable("MUG", price="10.00")
    client, counts = desk(), []
    for _ in range(3):
        refund_payment(payment_id=paid_by_hand(place()).pk, wanted=Wanted(amount=Decimal(1)), reason="x", by=TESTS)
        for address in (PAYMENTS, REFUNDS):
            with CaptureQueriesContext(connection) as queries:
                shown(client, address)
            counts.append(len(queries))
    assert max(counts) < 15
    assert counts[:2] == counts[2:4] == counts[4:]
