"""The gateway against the sandbox: a process of its own, over HTTP."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from payments.gateways.base import Declined, DisputeFact, Money, Request, Unclear
from payments.gateways.paypal import PayPalGateway
from payments.states import DisputeStatus, PaymentStatus, TransferStatus
from payments.tests.paypal_shop import (
    approve,
    approved,
    eur,
    gateway_to,
    help_with,
    key,
    paid,
    request,
    running,
)
from sandbox.testing import RunningSandbox


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with running(tmp_path_factory.mktemp("sandbox")) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(process: RunningSandbox) -> Iterator[RunningSandbox]:
    yield process
    process.ask("DELETE", "/knobs")


@pytest.fixture
def gateway(sandbox: RunningSandbox, settings: Any) -> PayPalGateway:
    return gateway_to(sandbox, settings)


def captured(*amounts: str) -> list[Decimal]:
    return [Decimal(amount) for amount in amounts]


def test_an_order_carries_our_ids_and_waits_for_the_customer(gateway: PayPalGateway, sandbox: RunningSandbox) -> None:
    asked = request()
    opened = gateway.create(asked)
    assert (opened.status, opened.money, opened.captures) == (PaymentStatus.CREATED, eur("50.00"), ())
    assert (opened.payment_id, opened.order_number, opened.payee) == (str(asked.payment_id), "W-1001", "SANDBOXMERCHA")
    assert opened.approve_url == f"{sandbox.paypal_url}/checkoutnow?token={opened.reference}"
    assert not opened.is_approved


def test_an_approved_order_is_captured_once(gateway: PayPalGateway, sandbox: RunningSandbox) -> None:
    opened = approved(sandbox, gateway, request())
    assert gateway.look_up(opened.reference).is_approved
    taken = gateway.complete(opened.reference, key=key())
    assert taken.status == PaymentStatus.CAPTURED
    assert [fact.amount for fact in taken.captures] == captured("50.00")
    assert taken.captures[0].status == TransferStatus.SUCCEEDED
    assert taken.authorized == Decimal("50.00")
    assert gateway.complete(opened.reference, key=key()) == taken


def test_an_order_that_nobody_approved_stays_open(gateway: PayPalGateway) -> None:
    opened = gateway.create(request())
    left = gateway.complete(opened.reference, key=key())
    assert (left.status, left.captures) == (PaymentStatus.CREATED, ())


def test_a_declined_instrument_takes_nothing_and_another_may_be_used(
    gateway: PayPalGateway, sandbox: RunningSandbox
) -> None:
    opened = approved(sandbox, gateway, request(), payer="INSTRUMENT_DECLINED")
    with pytest.raises(Declined) as refusal:
        gateway.complete(opened.reference, key=key())
    assert refusal.value.code == "instrument_declined"
    left = gateway.look_up(opened.reference)
    assert (left.captures, left.approve_url) == ((), opened.approve_url)
    approve(sandbox, opened)
    assert gateway.complete(opened.reference, key=key()).status == PaymentStatus.CAPTURED


def test_what_is_authorised_is_captured_in_parts_and_the_last_releases_the_rest(
    gateway: PayPalGateway, sandbox: RunningSandbox
) -> None:
    held = paid(sandbox, gateway, request(capture_at_once=False))
    assert (held.status, held.authorized, held.captures) == (PaymentStatus.AUTHORIZED, Decimal("50.00"), ())
    assert held.authorization_expires_at is not None
    assert timedelta(days=28) < held.authorization_expires_at - timezone.now() < timedelta(days=30)
    first = gateway.capture(held.reference, eur("20.00"), is_last=False, key=key())
    assert (first.status, first.authorized) == (PaymentStatus.CAPTURED, Decimal("50.00"))
    last = gateway.capture(held.reference, eur("10.00"), is_last=True, key=key())
    assert (last.status, last.authorized) == (PaymentStatus.CAPTURED, Decimal("30.00"))
    assert sorted(fact.amount for fact in last.captures) == captured("10.00", "20.00")
    with pytest.raises(Declined, match="authorization_already_captured"):
        gateway.capture(held.reference, eur("1.00"), is_last=True, key=key())


def test_the_rest_of_an_authorisation_is_given_back(gateway: PayPalGateway, sandbox: RunningSandbox) -> None:
    held = paid(sandbox, gateway, request(capture_at_once=False))
    gateway.capture(held.reference, eur("20.00"), is_last=False, key=key())
    again = key()
    left = gateway.void(held.reference, key=again)
    assert (left.status, left.authorized) == (PaymentStatus.CAPTURED, Decimal("20.00"))
    assert gateway.void(held.reference, key=again) == left


def test_a_void_authorisation_takes_nothing(gateway: PayPalGateway, sandbox: RunningSandbox) -> None:
    held = paid(sandbox, gateway, request(capture_at_once=False))
    left = gateway.void(held.reference, key=key())
    assert (left.status, left.authorized) == (PaymentStatus.VOIDED, Decimal(0))
    with pytest.raises(Declined, match="authorization_voided"):
        gateway.capture(held.reference, eur("50.00"), is_last=True, key=key())


def test_an_order_that_took_nothing_is_void_by_not_being_captured(
    gateway: PayPalGateway, sandbox: RunningSandbox
) -> None:
    opened = approved(sandbox, gateway, request())
    assert gateway.void(opened.reference, key=key()).status == PaymentStatus.VOIDED
    assert gateway.look_up(opened.reference).captures == ()


def test_a_lapsed_authorisation_vouches_for_nothing(gateway: PayPalGateway, sandbox: RunningSandbox) -> None:
    held = paid(sandbox, gateway, request(capture_at_once=False))
    order = sandbox_order(sandbox, held.reference)
    help_with(sandbox, f"authorizations/{order['authorizations'][0]['id']}/expire")
    left = gateway.look_up(held.reference)
    assert (left.status, left.authorized) == (PaymentStatus.VOIDED, Decimal(0))
    with pytest.raises(Declined, match="authorization_expired"):
        gateway.capture(held.reference, eur("50.00"), is_last=True, key=key())


def test_more_than_is_authorised_is_refused(gateway: PayPalGateway, sandbox: RunningSandbox) -> None:
    held = paid(sandbox, gateway, request(capture_at_once=False))
    with pytest.raises(Declined, match="max_capture_amount_exceeded"):
        gateway.capture(held.reference, eur("50.01"), is_last=True, key=key())
    assert gateway.look_up(held.reference).captures == ()


def test_a_denied_authorisation_has_failed(gateway: PayPalGateway, sandbox: RunningSandbox) -> None:
    denied = paid(sandbox, gateway, request(capture_at_once=False), payer="DENIED")
    assert (denied.status, denied.failure_code) == (PaymentStatus.FAILED, "authorization_denied")


@pytest.mark.parametrize(
    ("outcome", "status"), [("COMPLETED", PaymentStatus.CAPTURED), ("DECLINED", PaymentStatus.FAILED)]
)
def test_a_pending_capture_is_waited_for(
    gateway: PayPalGateway, sandbox: RunningSandbox, outcome: str, status: PaymentStatus
) -> None:
    waiting = paid(sandbox, gateway, payer="PENDING")
    assert (waiting.status, waiting.authorized) == (PaymentStatus.AUTHORIZED, Decimal("50.00"))
    assert waiting.captures[0].status == TransferStatus.PENDING
    help_with(sandbox, f"captures/{waiting.captures[0].reference}/settle", status=outcome)
    assert gateway.look_up(waiting.reference).status == status


def test_two_parts_are_refunded_and_never_more_than_was_captured(
    gateway: PayPalGateway, sandbox: RunningSandbox
) -> None:
    taken = paid(sandbox, gateway)
    gateway.refund(taken.reference, eur("20.00"), refund_id=7, reason="broken", key=key())
    with pytest.raises(Declined) as refusal:
        gateway.refund(taken.reference, eur("30.01"), refund_id=8, reason="too much", key=key())
    assert refusal.value.code == "refund_amount_exceeded"
    left = gateway.refund(taken.reference, eur("30.00"), refund_id=9, reason="", key=key())
    assert sorted((fact.ours, fact.amount, fact.status) for fact in left.refunds) == [
        ("7", Decimal("20.00"), TransferStatus.SUCCEEDED),
        ("9", Decimal("30.00"), TransferStatus.SUCCEEDED),
    ]
    assert left.status == PaymentStatus.CAPTURED


def test_a_refund_that_no_single_capture_covers_is_one_to_us(gateway: PayPalGateway, sandbox: RunningSandbox) -> None:
    held = paid(sandbox, gateway, request(capture_at_once=False))
    for amount in ("20.00", "30.00"):
        gateway.capture(held.reference, eur(amount), is_last=amount == "30.00", key=key())
    left = gateway.refund(held.reference, eur("45.00"), refund_id=7, reason="all", key=key())
    assert [(fact.ours, fact.amount) for fact in left.refunds] == [("7", Decimal("45.00"))]
    amounts = [refund["amount"]["value"] for refund in sandbox_order(sandbox, held.reference)["refunds"]]
    assert sorted(amounts) == ["20.00", "25.00"]


def test_a_refund_of_several_parts_goes_on_where_it_stopped(gateway: PayPalGateway, sandbox: RunningSandbox) -> None:
    held = paid(sandbox, gateway, request(capture_at_once=False))
    for amount in ("20.00", "30.00"):
        gateway.capture(held.reference, eur(amount), is_last=amount == "30.00", key=key())
    same = key()
    second = gateway.look_up(held.reference).captures[1].reference
    sandbox.knob(effect="unavailable", provider="paypal", method="POST", path=f"{second}/refund$", times=1)
    with pytest.raises(Unclear):
        gateway.refund(held.reference, eur("45.00"), refund_id=7, reason="all", key=same)
    assert gateway.look_up(held.reference).refunds == ()
    left = gateway.refund(held.reference, eur("45.00"), refund_id=7, reason="all", key=same)
    assert [(fact.ours, fact.amount) for fact in left.refunds] == [("7", Decimal("45.00"))]
    assert len(sandbox_order(sandbox, held.reference)["refunds"]) == 2


@pytest.mark.parametrize(
    ("outcome", "status"), [("COMPLETED", TransferStatus.SUCCEEDED), ("FAILED", TransferStatus.FAILED)]
)
def test_a_pending_refund_is_waited_for(
    gateway: PayPalGateway, sandbox: RunningSandbox, outcome: str, status: TransferStatus
) -> None:
    taken = paid(sandbox, gateway, payer="REFUND_PENDING")
    waiting = gateway.refund(taken.reference, eur("5.00"), refund_id=7, reason="x", key=key()).refunds[0]
    assert waiting.status == TransferStatus.PENDING
    help_with(sandbox, f"refunds/{waiting.reference}/settle", status=outcome)
    assert gateway.look_up(taken.reference).refunds == (replace(waiting, status=status),)


@pytest.mark.parametrize("effect", ["drop_answer", "error_after", "error_before", "rate_limit"])
def test_an_answer_that_does_not_come_is_unclear_and_the_same_key_takes_the_money_once(
    gateway: PayPalGateway, sandbox: RunningSandbox, effect: str
) -> None:
    opened = approved(sandbox, gateway, request())
    same = key()
    sandbox.knob(effect=effect, provider="paypal", method="POST", path="/capture$", times=1)
    with pytest.raises(Unclear) as problem:
        gateway.complete(opened.reference, key=same)
    assert not problem.value.is_final
    again = gateway.complete(opened.reference, key=same)
    assert [fact.amount for fact in again.captures] == captured("50.00")


@pytest.mark.parametrize("effect", ["drop_answer", "error_after"])
def test_a_refund_whose_answer_is_lost_is_made_once(
    gateway: PayPalGateway, sandbox: RunningSandbox, effect: str
) -> None:
    taken, same = paid(sandbox, gateway), key()
    sandbox.knob(effect=effect, provider="paypal", method="POST", path="/refund$", times=1)
    with pytest.raises(Unclear):
        gateway.refund(taken.reference, eur("20.00"), refund_id=7, reason="x", key=same)
    again = gateway.refund(taken.reference, eur("20.00"), refund_id=7, reason="x", key=same)
    assert [fact.amount for fact in again.refunds] == captured("20.00")


def test_a_capture_whose_answer_is_lost_is_made_once(gateway: PayPalGateway, sandbox: RunningSandbox) -> None:
    held, same = paid(sandbox, gateway, request(capture_at_once=False)), key()
    sandbox.knob(effect="drop_answer", provider="paypal", method="POST", path="/capture$", times=1)
    with pytest.raises(Unclear):
        gateway.capture(held.reference, eur("50.00"), is_last=True, key=same)
    again = gateway.capture(held.reference, eur("50.00"), is_last=True, key=same)
    assert [fact.amount for fact in again.captures] == captured("50.00")


def test_an_order_whose_answer_is_lost_is_found_by_its_key(gateway: PayPalGateway, sandbox: RunningSandbox) -> None:
    asked = request()
    sandbox.knob(effect="drop_answer", provider="paypal", method="POST", path="/orders$", times=1)
    with pytest.raises(Unclear):
        gateway.create(asked)
    found = gateway.find(asked, since=timezone.now() - timedelta(minutes=5))
    assert found is not None
    assert found == gateway.create(asked)
    assert gateway.find(asked, since=timezone.now() - timedelta(hours=6)) is None


def test_a_slow_answer_is_unclear(sandbox: RunningSandbox, settings: Any) -> None:
    gateway = gateway_to(sandbox, settings, PAYMENT_READ_SECONDS=0.3)
    gateway.create(request())  # has a token now
    sandbox.knob(effect="delay", seconds=1.5, provider="paypal", method="POST", path="/orders$", times=1)
    with pytest.raises(Unclear):
        gateway.create(request())


def test_nobody_there_is_unclear(gateway: PayPalGateway, settings: Any, sandbox: RunningSandbox) -> None:
    nowhere = gateway_to(sandbox, settings, PAYPAL_API_URL="http://127.0.0.1:9/paypal")
    with pytest.raises(Unclear):
        nowhere.create(request())


def test_an_outdated_token_is_renewed(gateway: PayPalGateway, sandbox: RunningSandbox) -> None:
    gateway.create(request())
    gateway._client._token.access_token = "withdrawn"
    with pytest.raises(Unclear, match="401"):
        gateway.create(request())
    assert gateway.create(request()).reference


def test_an_unknown_order_is_not_found(gateway: PayPalGateway) -> None:
    with pytest.raises(Declined) as refusal:
        gateway.look_up("5O190127TN364715T")
    assert refusal.value.code == "not_found"


def test_a_payment_is_found_by_one_of_its_captures(gateway: PayPalGateway, sandbox: RunningSandbox) -> None:
    taken = paid(sandbox, gateway)
    assert gateway.look_up(f"capture:{taken.captures[0].reference}") == taken


@pytest.mark.parametrize(("currency", "sent"), [("JPY", "500"), ("HUF", "500"), ("EUR", "500.00")])
def test_amounts_have_the_decimals_of_their_currency(
    gateway: PayPalGateway, sandbox: RunningSandbox, currency: str, sent: str
) -> None:
    taken = paid(sandbox, gateway, request("500", currency))
    assert sandbox_order(sandbox, taken.reference)["captures"][0]["amount"] == {
        "currency_code": currency,
        "value": sent,
    }
    left = gateway.refund(taken.reference, Money(Decimal("120"), currency), refund_id=7, reason="x", key=key())
    assert (left.money, left.refunds[0].amount) == (Money(Decimal("500"), currency), Decimal("120"))


@pytest.mark.parametrize(
    ("money", "code"),
    [(Money(Decimal("1.500"), "KWD"), "currency_not_supported"), (Money(Decimal("10.50"), "HUF"), "decimal_precision")],
)
def test_what_paypal_does_not_take_is_declined(gateway: PayPalGateway, money: Money, code: str) -> None:
    asked: Request = replace(request(), money=money)
    with pytest.raises(Declined) as refusal:
        gateway.create(asked)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        ("RESOLVED_SELLER_FAVOUR", DisputeStatus.WON),
        ("RESOLVED_BUYER_FAVOUR", DisputeStatus.LOST),
        ("CANCELED_BY_BUYER", DisputeStatus.WON),
        ("ACCEPTED", DisputeStatus.LOST),
    ],
)
def test_a_dispute_is_seen_and_how_it_ends(
    gateway: PayPalGateway, sandbox: RunningSandbox, outcome: str, status: DisputeStatus
) -> None:
    taken = paid(sandbox, gateway)
    opened = help_with(sandbox, f"captures/{taken.captures[0].reference}/dispute", reason="UNAUTHORISED")
    fact = DisputeFact(opened["dispute_id"], Decimal("50.00"), DisputeStatus.OPEN, "unauthorised")
    assert gateway.look_up(taken.reference).disputes == (fact,)
    with pytest.raises(Declined, match="capture_disputed"):
        gateway.refund(taken.reference, eur("1.00"), refund_id=7, reason="x", key=key())
    help_with(sandbox, f"disputes/{opened['dispute_id']}/close", outcome=outcome)
    assert gateway.look_up(taken.reference).disputes == (replace(fact, status=status),)


def test_the_book_lists_what_moved(gateway: PayPalGateway, sandbox: RunningSandbox) -> None:
    since = timezone.now() - timedelta(days=40)
    taken = paid(sandbox, gateway)
    refund = gateway.refund(taken.reference, eur("20.00"), refund_id=7, reason="x", key=key()).refunds[0]
    dispute = help_with(sandbox, f"captures/{taken.captures[0].reference}/dispute")
    gateway.create(request())
    book = list(gateway.book(since, timezone.now() + timedelta(seconds=2)))
    mine = {(entry.kind, entry.reference): entry for entry in book if entry.payment_reference == taken.reference}
    assert {place: (entry.money, entry.status) for place, entry in mine.items()} == {
        ("capture", taken.captures[0].reference): (eur("50.00"), "succeeded"),
        ("refund", refund.reference): (eur("20.00"), "succeeded"),
        ("dispute", dispute["dispute_id"]): (eur("50.00"), "open"),
    }
    assert not [entry for entry in book if entry.kind == "payment"]
    assert not list(gateway.book(since - timedelta(days=2), since))


def test_a_foreign_refund_has_no_id_of_ours(gateway: PayPalGateway, sandbox: RunningSandbox) -> None:
    taken = paid(sandbox, gateway)
    gateway.refund(taken.reference, eur("5.00"), refund_id=7, reason="x", key=key())
    by_hand(sandbox, f"/v2/payments/captures/{taken.captures[0].reference}/refund", custom_id=taken.payment_id)
    refunds = gateway.look_up(taken.reference).refunds
    assert sorted((fact.ours, fact.amount) for fact in refunds) == [("", Decimal("45.00")), ("7", Decimal("5.00"))]


def sandbox_order(sandbox: RunningSandbox, reference: str) -> Any:
    """The payments of an order as PayPal shows them."""
    with sandbox.client() as client:
        order = client.get(f"/paypal/v2/checkout/orders/{reference}", headers=token_of(sandbox)).json()
    return order["purchase_units"][0]["payments"]


def by_hand(sandbox: RunningSandbox, path: str, **body: Any) -> Any:
    """What staff do on PayPal's own pages."""
    with sandbox.client() as client:
        return client.post(f"/paypal{path}", json=body, headers=token_of(sandbox)).raise_for_status().json()


def token_of(sandbox: RunningSandbox) -> dict[str, str]:
    keys = (sandbox.settings["PAYPAL_CLIENT_ID"], sandbox.settings["PAYPAL_CLIENT_SECRET"])
    with sandbox.client() as client:
        answer = client.post("/paypal/v1/oauth2/token", data={"grant_type": "client_credentials"}, auth=keys)
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}
