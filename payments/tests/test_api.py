import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import PartnerFactory, UserFactory, client_for, partner_client
from api.tokens import derive_token
from audit.models import LogEntry
from orders.models import Order
from orders.tests.factories import buyable, fresh, place
from orders.tests.http import fields, get, post, staff
from payments.models import Payment, Refund
from payments.tests.factories import paid_by_hand, paid_order

pytestmark = pytest.mark.django_db
MANUAL = {"provider": "manual"}


def payments_of(order: Order) -> str:
    return f"orders/{order.number}/payments"


def refunds_of(payment: Payment) -> str:
    return f"payments/{payment.pk}/refunds"


def test_staff_record_money_and_the_order_is_paid() -> None:
    buyable("MUG", price="10.00")
    order = place(("MUG", 3))
    response = post(staff("customer_service"), payments_of(order), MANUAL | {"note": "Cash"})
    assert response.status_code == 201
    body = response.json()
    assert {
        name: body[name] for name in ("order", "provider", "status", "amount", "captured", "refundable", "note")
    } == {
        "order": order.number,
        "provider": "manual",
        "status": "captured",
        "amount": "41.00",
        "captured": "41.00",
        "refundable": "41.00",
        "note": "Cash",
    }
    assert fresh(order).status == "paid"
    assert Payment.objects.get().history.get().actor.startswith("user:")


def test_the_same_key_pays_once() -> None:
    buyable()
    order, client, key = place(), staff("admin"), uuid.uuid4().hex
    first = post(client, payments_of(order), MANUAL | {"amount": "1.00"}, idempotency_key=key)
    again = post(client, payments_of(order), MANUAL | {"amount": "1.00"}, idempotency_key=key)
    assert (first.json(), first.status_code) == (again.json(), again.status_code)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Payment.objects.count() == 1


def test_without_a_key_nothing_is_paid() -> None:
    buyable()
    response = client_for(UserFactory(admin=True)).post(f"/api/v1/{payments_of(place())}", MANUAL)
    assert (response.status_code, response.json()["code"]) == (400, "idempotency_key_required")
    assert not Payment.objects.exists()


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ({"provider": "stripe"}, 400, "invalid", "provider"),
        ({"provider": "paypal"}, 400, "invalid", "provider"),
        ({"provider": ["manual"]}, 400, "invalid", "provider"),
        ({}, 400, "required", "provider"),
        (MANUAL | {"amount": "17.01"}, 409, "payment_mismatch", "amount"),
        (MANUAL | {"amount": "0"}, 400, "invalid", "amount"),
        (MANUAL | {"amount": "-1"}, 400, "invalid", "amount"),
        (MANUAL | {"amount": "1.005"}, 400, "invalid", "amount"),
        (MANUAL | {"amount": "NaN"}, 400, "invalid", "amount"),
        (MANUAL | {"amount": True}, 400, "invalid", "amount"),
        (MANUAL | {"note": "a\x00b"}, 400, "invalid", "note"),
    ],
)
def test_what_cannot_be_recorded_names_the_field(body, status, code, field) -> None:
    buyable()
    order = place()
    response = post(staff("admin"), payments_of(order), body)
    assert (response.status_code, response.json()["code"], fields(response)) == (status, code, [field])
    assert not Payment.objects.exists()
    assert fresh(order).version == 1


def test_a_paid_order_refuses_more_and_says_what_is_possible() -> None:
    order, _ = paid_order()
    response = post(staff("admin"), payments_of(order), MANUAL | {"amount": "1.00"})
    assert (response.status_code, response.json()["code"]) == (409, "not_allowed_now")
    assert "pack" in response.json()["available_actions"]
    assert "pay" not in response.json()["available_actions"]


def test_only_the_till_records_money() -> None:
    customer = UserFactory()
    buyable()
    order = place(user=customer)
    assert post(client_for(customer), payments_of(order), MANUAL).status_code == 403
    assert post(staff("warehouse"), payments_of(order), MANUAL).status_code == 403
    token = derive_token("order", order.number)
    assert post(client_for(), payments_of(order), MANUAL, x_order_token=token).status_code == 403
    assert post(client_for(UserFactory()), payments_of(order), MANUAL).status_code == 404
    assert post(client_for(), payments_of(order), MANUAL).status_code in {401, 403}
    assert not Payment.objects.exists()


def test_owner_guest_and_staff_see_the_payments_but_only_staff_the_note() -> None:
    customer = UserFactory()
    buyable()
    order = place(user=customer)
    paid_by_hand(order)
    Payment.objects.update(note="From the till")
    token = derive_token("order", order.number)
    by_owner = get(client_for(customer), payments_of(order))
    by_token = get(client_for(), payments_of(order), x_order_token=token)
    by_staff = get(staff("warehouse"), payments_of(order))
    assert [row["note"] for row in by_staff.json()["results"]] == ["From the till"]
    assert by_owner.json() == by_token.json()
    assert [(row["amount"], row["note"]) for row in by_owner.json()["results"]] == [("17.00", "")]


def test_others_do_not_see_them() -> None:
    order, _ = paid_order()
    assert get(client_for(UserFactory()), payments_of(order)).status_code == 404
    assert get(client_for(), payments_of(order), x_order_token="wrong").status_code == 404
    assert get(partner_client(PartnerFactory()), payments_of(order)).status_code == 404
    assert get(partner_client(scopes=["stock:read"]), payments_of(order)).status_code == 403


def test_a_refund_shows_on_the_payment() -> None:
    order, payment = paid_order()
    client = staff("customer_service")
    response = post(client, refunds_of(payment), {"amount": "5.00", "reason": "scratched"})
    assert response.status_code == 201
    assert (response.json()["amount"], response.json()["status"], response.json()["cause"]) == (
        "5.00",
        "succeeded",
        "requested",
    )
    (row,) = get(client, payments_of(order)).json()["results"]
    assert (row["refunded"], row["refundable"]) == ("5.00", "60.00")
    assert [refund["reason"] for refund in row["refunds"]] == ["scratched"]


def test_a_dry_run_answers_and_changes_nothing() -> None:
    order, payment = paid_order()
    told = LogEntry.objects.count()
    response = post(staff("admin"), refunds_of(payment) + "?dry_run=true", {"reason": "goodwill"})
    assert (response.status_code, response.json()["amount"], response.json()["status"]) == (201, "65.00", "succeeded")
    assert response.headers["Dry-Run"] == "true"
    assert not Refund.objects.exists()
    assert LogEntry.objects.count() == told
    assert fresh(order).refunded_total == 0


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ({"amount": "65.01", "reason": "x"}, 409, "amount_exceeds_captured", "amount"),
        ({"amount": "0.00", "reason": "x"}, 400, "invalid", "amount"),
        ({"amount": "5.00"}, 400, "required", "reason"),
        ({"amount": "5.00", "reason": ""}, 400, "invalid", "reason"),
        ({"amount": "five", "reason": "x"}, 400, "invalid", "amount"),
    ],
)
def test_what_cannot_be_refunded_names_the_field(body, status, code, field) -> None:
    _, payment = paid_order()
    response = post(staff("admin"), refunds_of(payment), body)
    assert (response.status_code, response.json()["code"], fields(response)) == (status, code, [field])
    assert not Refund.objects.exists()


def test_only_the_till_refunds() -> None:
    _, payment = paid_order()
    body = {"reason": "x"}
    assert post(staff("warehouse"), refunds_of(payment), body).status_code == 403
    assert post(client_for(UserFactory()), refunds_of(payment), body).status_code == 403
    assert post(client_for(), refunds_of(payment), body).status_code == 401
    assert post(staff("admin"), f"payments/{uuid.uuid4()}/refunds", body).status_code == 404
    assert not Refund.objects.exists()


def test_a_list_costs_the_same_however_many_payments_there_are() -> None:
    buyable("MUG", price="10.00")
    order, client = place(("MUG", 3)), staff("admin")
    counts = []
    for _ in range(3):
        paid_by_hand(order, "10.00")
        with CaptureQueriesContext(connection) as queries:
            get(client, payments_of(order))
        counts.append(len(queries))
    assert counts == [6, 6, 6]  # four, and the savepoint around them
