"""What a person sees and sets at the sandbox's own address."""

import httpx
import stripe

from sandbox.paypal.tests.client import Client as PayPal
from sandbox.paypal.tests.client import order_body
from sandbox.testing import RunningSandbox
from sandbox.tests.stripe_calls import pay


def test_the_page_shows_both_books_and_what_was_sent(api: stripe.StripeClient, sandbox: RunningSandbox) -> None:
    intent = pay(api, "pm_card_createDispute", amount=123456, metadata={"order_number": "<W&7>"})
    other = pay(api)
    api.v1.refunds.create({"payment_intent": other.id, "amount": 999})
    text = sandbox.client().get("/").text
    for shown in (intent.id, "1234.56 EUR", "&lt;W&amp;7&gt;", "needs_response", "9.99 EUR", "charge.refunded", "held"):
        assert shown in text
    assert "PayPal" in text
    assert intent.client_secret not in text


def test_a_payment_is_made_disputed_and_decided_by_hand(api: stripe.StripeClient, sandbox: RunningSandbox) -> None:
    intent = api.v1.payment_intents.create({"amount": 100, "currency": "eur"})
    submit(sandbox, "stripe/confirm", id=intent.id, card="pm_card_visa")
    assert api.v1.payment_intents.retrieve(intent.id).status == "succeeded"
    submit(sandbox, "stripe/dispute", id=intent.id)
    (dispute,) = api.v1.disputes.list({"payment_intent": intent.id})
    submit(sandbox, "stripe/close", id=dispute.id, status="won")
    assert api.v1.disputes.retrieve(dispute.id).status == "won"


def test_a_paypal_order_is_approved_on_a_page_and_disputed_by_hand(sandbox: RunningSandbox) -> None:
    paypal = PayPal(sandbox)
    _, order = paypal.post("/v2/checkout/orders", order_body("49.90", invoice_id="W-9"))
    approval = f"/paypal/checkoutnow?token={order['id']}"
    with sandbox.client() as client:
        assert approval in client.get("/").text
        assert "Pay 49.90 EUR" in client.get(approval).text
        client.post(approval, data={"button": "approve"})
        _, paid = paypal.post(f"/v2/checkout/orders/{order['id']}/capture")
        assert "There is nothing to decide" in client.get(approval).text
    (capture,) = paid["purchase_units"][0]["payments"]["captures"]
    submit(sandbox, "paypal/dispute", id=capture["id"])
    (dispute,) = paypal.get("/v1/customer/disputes", disputed_transaction_id=capture["id"])["items"]
    submit(sandbox, "paypal/close", id=dispute["dispute_id"], outcome="RESOLVED_SELLER_FAVOUR")
    assert paypal.get(f"/v1/customer/disputes/{dispute['dispute_id']}")["status"] == "RESOLVED"
    refused = submit(sandbox, "paypal/dispute", id="none")
    assert 'class="problem"' in refused.text


def test_knobs_are_set_and_removed_by_form(sandbox: RunningSandbox) -> None:
    submit(sandbox, "knob", effect="delay", provider="stripe", path="/refunds$", seconds="2", times="3")
    (knob,) = sandbox.ask("GET", "/knobs")["knobs"]
    assert (knob["effect"], knob["seconds"], knob["times"]) == ("delay", 2, 3)
    assert knob["match"] == {"provider": "stripe", "method": "", "path": "/refunds$"}
    assert "/refunds$" in sandbox.client().get("/").text
    submit(sandbox, "knob/remove", id=knob["id"])
    assert sandbox.ask("GET", "/knobs")["knobs"] == []
    submit(sandbox, "webhooks", copies="2", shuffle="on", delay="0.5")
    habits = sandbox.ask("GET", "/knobs/webhooks")
    assert (habits["copies"], habits["shuffle"], habits["delay"], habits["never"]) == (2, True, 0.5, False)


def test_what_cannot_be_done_is_said_on_the_page(api: stripe.StripeClient, sandbox: RunningSandbox) -> None:
    paid = pay(api)
    answers = [
        submit(sandbox, "stripe/confirm", id=paid.id, card="pm_card_visa"),
        submit(sandbox, "stripe/dispute", id="pi_none"),
        submit(sandbox, "knob", effect="delay", path="("),
        submit(sandbox, "knob", effect="delay", times="many"),
        submit(sandbox, "webhooks", copies="many"),
    ]
    assert all('class="problem"' in answer.text for answer in answers)
    assert sandbox.ask("GET", "/knobs")["knobs"] == []


def test_a_knob_that_means_nothing_is_refused(sandbox: RunningSandbox) -> None:
    for path, body in (
        ("/knobs", {"effect": "explode"}),
        ("/knobs", {"effect": "delay", "match": {"colour": "red"}}),
        ("/knobs", ["effect"]),
        ("/knobs", {"effect": "delay", "times": "many"}),
        ("/knobs", {"effect": "delay", "seconds": "long"}),
        ("/knobs/webhooks", {"colour": "red"}),
        ("/knobs/webhooks", {"copies": "many"}),
        ("/knobs/webhooks", {"hold": "yes"}),
        ("/knobs/webhooks/flush", {"copies": 3}),
        ("/knobs/webhooks/flush", {"copies": [5, 1]}),
    ):
        answer = sandbox.client().post(path, json=body)
        assert answer.status_code == 400
        assert answer.json()["error"]


def submit(sandbox: RunningSandbox, action: str, **form: str) -> httpx.Response:
    with sandbox.client() as client:
        answer = client.post(f"/do/{action}", data=form, follow_redirects=True)
    assert (answer.status_code, answer.url.path) == (200, "/")
    return answer
