import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.tests.factories import UserFactory
from orders.tests.factories import TESTS, place
from payments.gift_cards.services import code_of, freeze_gift_card, issue_bought_gift_cards, spend_gift_card
from payments.gift_cards.tests.factories import card_of, entries, fresh_card, gift_card_product, order_of
from payments.models import GiftCard
from payments.tests.factories import paid_by_hand

pytestmark = pytest.mark.django_db
LIST = reverse("admin:payments_giftcard_changelist")
CARD = "-".join(["4242"] * 4)  # a test number of the schemes


def desk(role: str = "admin") -> Client:
    client = Client()
    client.force_login(UserFactory(role=role))
    return client


def page(card: GiftCard, name: str = "change") -> str:
    return reverse(f"admin:payments_giftcard_{name}", args=(card.pk,))


def shown(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def press(client: Client, address: str, **typed: str) -> Any:
    return client.post(address, {"_form_submitted": "True"} | typed)


def test_cards_are_found_by_code_end_recipient_and_order() -> None:
    gift_card_product()
    order = place(("GIFT-25", 1))
    paid_by_hand(order)
    (bought,) = issue_bought_gift_cards(order_id=order.pk, by=TESTS)
    card, code = card_of("77.00", recipient_email="ada@example.com")
    client = desk("customer_service")
    assert "77.00" in shown(client, LIST)
    for typed in (code, code.lower().replace("-", " "), card.last4, "ADA@example.com"):
        found = shown(client, f"{LIST}?q={typed}")
        assert ("77.00" in found, f"…{bought.last4}" in found) == (True, False), typed
    assert f"…{bought.last4}" in shown(client, f"{LIST}?q={order.number}")
    assert "77.00" not in shown(client, f"{LIST}?q=ZZZZ-ZZZZ-ZZZZ-ZZZZ")


def test_a_card_shows_its_ledger_and_its_history_and_never_its_code() -> None:
    card, code = card_of("50.00")
    order = order_of()
    spend_gift_card(order_id=order.pk, code=code, by=TESTS)
    body = shown(desk("customer_service"), page(card))
    for text in ("21.00\xa0EUR", "50.00\xa0EUR", "−29.00\xa0EUR", order.number, "Usable"):
        assert text in body
    history = shown(desk(), page(card, "history"))
    assert code not in body + history
    assert 'name="_save"' not in body


def test_a_card_is_issued_and_its_code_shown_once() -> None:
    client = desk()
    address = reverse("admin:payments_giftcard_issue")
    assert "Issue a gift card" in shown(client, LIST)
    assert "once" in shown(client, address)
    typed = {"amount": "1.250,00".replace(".", ""), "currency": "eur", "recipient_email": "", "last_day": "2090-12-31"}
    answer = press(client, address, **typed, note="Goodwill")
    card = GiftCard.objects.get()
    code = re.search(r"(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}", answer.content.decode())
    assert (card.balance, card.currency, card.note, card.expires_at.year) == (1250, "EUR", "Goodwill", 2090)
    assert code is not None
    assert code[0] == code_of(card)
    assert "no-store" in answer["Cache-Control"]
    assert card.created_by.startswith("user:")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": "x"},
        {"amount": "0"},
        {"amount": "1.001"},
        {"currency": "EUX"},
        {"note": CARD},
        {"last_day": "2020-01-01"},
    ],
)
def test_what_is_wrong_is_said_and_nothing_issued(wrong: dict[str, str]) -> None:
    typed = {"amount": "5", "currency": "EUR"} | wrong
    answer = press(desk(), reverse("admin:payments_giftcard_issue"), **typed)
    assert answer.status_code == 200
    assert not GiftCard.objects.exists()


def test_a_card_is_frozen_with_a_reason_and_released() -> None:
    card, _ = card_of()
    client = desk("customer_service")
    press(client, page(card, "freeze"), reason="Lost")
    assert fresh_card(card).frozen_reason == "Lost"
    assert "Frozen" in shown(client, page(card))
    press(client, page(card, "release"))
    assert fresh_card(card).frozen_at is None


def test_a_balance_is_corrected_and_a_card_changed() -> None:
    card, _ = card_of("50.00")
    client = desk()
    press(client, page(card, "adjust"), amount="−20", reason="Issued too much")
    press(client, page(card, "edit"), recipient_email="ada@example.com", last_day="", note="VIP")
    changed = fresh_card(card)
    assert entries(card) == [("issued", 50), ("adjusted", -20)]
    assert (changed.recipient_email, changed.note, changed.expires_at) == ("ada@example.com", "VIP", None)


def test_the_day_as_it_was_shown_is_no_change() -> None:
    card, _ = card_of("50.00")
    client = desk()
    body = shown(client, page(card, "edit"))
    day = re.search(r'name="last_day" value="([^"]+)"', body)
    assert day is not None
    press(client, page(card, "edit"), recipient_email="", last_day=day[1], note="VIP")
    assert (fresh_card(card).note, fresh_card(card).expires_at) == ("VIP", card.expires_at)


def test_customer_service_looks_and_freezes_and_others_do_not_see_cards() -> None:
    card, _ = card_of()
    service = desk("customer_service")
    assert "Issue a gift card" not in shown(service, LIST)
    for address in (reverse("admin:payments_giftcard_issue"), page(card, "adjust"), page(card, "edit")):
        assert press(service, address, amount="5", reason="x", currency="EUR").status_code == 403
    warehouse = desk("warehouse")
    for address in (LIST, page(card), page(card, "freeze")):
        assert press(warehouse, address, reason="x").status_code == 403
    assert (GiftCard.objects.count(), fresh_card(card).frozen_at, fresh_card(card).balance) == (1, None, 50)


def test_nothing_can_be_typed_into_a_card_and_none_deleted() -> None:
    card, _ = card_of()
    client = desk()
    assert client.post(page(card), {"balance": "1"}).status_code == 403
    assert client.get(reverse("admin:payments_giftcard_add")).status_code == 403
    assert client.get(page(card, "delete")).status_code == 403


def test_a_list_costs_the_same_however_long_it_is() -> None:
    client, counts = desk(), []
    for _ in range(3):
        freeze_gift_card(card_id=card_of()[0].pk, reason="x", by=TESTS)
        with CaptureQueriesContext(connection) as queries:
            shown(client, LIST)
        counts.append(len(queries))
    assert len(set(counts)) == 1
    assert counts[0] < 15
