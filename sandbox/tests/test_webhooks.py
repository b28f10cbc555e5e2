"""Events as a shop receives them."""

import json
import time
from collections import Counter

import pytest
import stripe

from sandbox.testing import RunningSandbox
from sandbox.tests.conftest import Shop, client_of
from sandbox.tests.stripe_calls import pay

STORY = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]


def test_an_event_is_signed_and_carries_the_object(selling: RunningSandbox, shop: Shop) -> None:
    intent = pay(client_of(selling))
    selling.wait_until_webhooks_are_delivered()
    assert sorted(shop.types) == sorted(STORY)
    for headers, body in shop.came:
        event = stripe.Webhook.construct_event(body, headers["Stripe-Signature"], "whsec_sandbox")
        assert event.id.startswith("evt_")
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(body + b" ", headers["Stripe-Signature"], "whsec_sandbox")
    last = next(json.loads(body) for _, body in shop.came if b'"payment_intent.succeeded"' in body)
    assert (last["data"]["object"]["id"], last["data"]["object"]["status"]) == (intent.id, "succeeded")


def test_a_shop_that_refuses_is_told_again(selling: RunningSandbox, shop: Shop) -> None:
    shop.status = 500
    pay(client_of(selling))
    wait_for(lambda: len(shop.came) >= 3)
    assert selling.webhook_counts()["delivered"] == 0
    shop.status = 204
    selling.wait_until_webhooks_are_delivered()
    assert selling.webhook_counts()["delivered"] == 3
    assert min(Counter(shop.ids).values()) >= 2


def test_copies_are_the_same_event_and_twice_is_another_one(selling: RunningSandbox, shop: Shop) -> None:
    selling.webhooks(copies=3)
    pay(client_of(selling))
    selling.wait_until_webhooks_are_delivered()
    assert sorted(Counter(shop.ids).values()) == [3, 3, 3]
    shop.came.clear()
    selling.webhooks(twice=True)
    pay(client_of(selling))
    selling.wait_until_webhooks_are_delivered()
    assert sorted(Counter(shop.ids).values()) == [1] * 6
    assert sorted(Counter(shop.types).values()) == [2, 2, 2]


def test_what_is_never_sent_stays_in_the_book(selling: RunningSandbox, shop: Shop) -> None:
    selling.webhooks(never=True)
    pay(client_of(selling))
    assert selling.webhook_counts() == {"queued": 0, "held": 0, "never": 3, "delivered": 0, "failing": 0}
    assert [event.type for event in client_of(selling).v1.events.list()][::-1] == STORY
    assert shop.came == []


def test_what_is_held_goes_out_shuffled_and_copied_by_a_seed(selling: RunningSandbox, shop: Shop) -> None:
    selling.webhooks(hold=True)
    for _ in range(20):
        pay(client_of(selling))
    held = selling.webhook_counts()["held"]
    queued = selling.flush_webhooks(shuffle=True, copies=[1, 5], seed=4, concurrency=20)
    selling.wait_until_webhooks_are_delivered()
    counts = Counter(shop.ids)
    assert (held, len(counts), sum(counts.values())) == (60, 60, queued)
    assert set(counts.values()) == {1, 2, 3, 4, 5}
    assert [kind for kind in shop.types if kind == STORY[0]][:20] != shop.types[:20]
    assert selling.webhook_counts()["held"] == 0


def test_a_delay_lets_the_shop_ask_first(selling: RunningSandbox, shop: Shop) -> None:
    selling.webhooks(delay=1)
    began = time.monotonic()
    pay(client_of(selling))
    assert shop.came == []
    selling.wait_until_webhooks_are_delivered()
    assert time.monotonic() - began >= 1
    assert len(shop.came) == 3


def test_a_kill_loses_neither_money_nor_events(selling: RunningSandbox, shop: Shop) -> None:
    shop.status = 503
    api = client_of(selling)
    intents = [pay(api, capture_method="manual").id for _ in range(10)]
    selling.knob(effect="delay", path="/never$")
    selling.kill()
    shop.came.clear()
    shop.status = 204
    selling.start()
    assert [found.id for found in api.v1.payment_intents.list()] == intents[::-1]
    assert len(selling.ask("GET", "/knobs")["knobs"]) == 1
    selling.wait_until_webhooks_are_delivered()
    assert len(set(shop.ids)) == 30
    assert api.v1.payment_intents.capture(intents[0]).status == "succeeded"


def wait_for(condition) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
