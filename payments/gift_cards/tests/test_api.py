from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from api.models import Attempts
from api.tokens import derive_token
from orders.tests.factories import TESTS, fresh
from payments.gift_cards.services import freeze_gift_card
from payments.gift_cards.tests.factories import UNUSABLE, card_of, fresh_card, order_of, past_its_time
from payments.models import GiftCard

pytestmark = pytest.mark.django_db
URL = "/api/v1/gift-cards"
BALANCE = f"{URL}/balance"
NOBODYS = "A0B1-C2D3-E4F5-G6H7"


def client(role: str | None = None) -> APIClient:
    made = APIClient()
    if role:
        made.force_authenticate(UserFactory(role=role))
    return made


def issue(caller: APIClient, key: str = "k" * 20, **more: Any) -> Any:
    body = {"currency": "EUR", "amount": "50.00"} | more
    return caller.post(URL, body, HTTP_IDEMPOTENCY_KEY=key)


def code_of_problem(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


def test_an_admin_issues_a_card_and_sees_its_code_once() -> None:
    admin = client("admin")
    answer = issue(admin, recipient_email="Ada@Example.com", note="Goodwill")
    assert answer.status_code == 201
    body = answer.json()
    assert (body["balance"], body["currency"], body["state"], body["frozen"]) == ("50.00", "EUR", "usable", False)
    assert (body["recipient_email"], body["note"], body["order"]) == ("ada@example.com", "Goodwill", None)
    assert body["last4"] == body["code"][-4:]
    read = admin.get(f"{URL}/{body['id']}").json()
    assert read == {name: value for name, value in body.items() if name != "code"}
    assert "code" not in admin.get(URL).json()["results"][0]
    assert client().post(BALANCE, {"code": body["code"]}).json()["balance"] == "50.00"


def test_a_repeated_request_issues_no_second_card_and_gets_the_same_code() -> None:
    admin = client("admin")
    first, again = issue(admin), issue(admin)
    assert (first.json(), again["Idempotent-Replayed"], GiftCard.objects.count()) == (again.json(), "true", 1)
    assert code_of_problem(admin.post(URL, {"currency": "EUR", "amount": "1"})) == (400, "idempotency_key_required")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": "0"}, "amount"),
        ({"amount": "1.001"}, "amount"),
        ({"currency": "EUX"}, "currency"),
        ({"recipient_email": "nobody"}, "recipient_email"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"balance": "50.00"}, "balance"),
    ],
)
def test_bad_input_is_refused_by_name(change: dict[str, str], field: str) -> None:
    answer = issue(client("admin"), **change)
    assert (answer.status_code, [found["field"] for found in answer.json()["errors"]]) == (400, [field])
    assert not GiftCard.objects.exists()


@pytest.mark.parametrize(
    ("role", "status"), [(None, 401), ("customer", 403), ("warehouse", 403), ("customer_service", 403)]
)
def test_cards_are_the_admins(role: str | None, status: int) -> None:
    card, _ = card_of()
    caller = client(role)
    answers = [
        issue(caller), caller.get(URL), caller.get(f"{URL}/{card.pk}"), caller.patch(f"{URL}/{card.pk}", {}),
        caller.delete(f"{URL}/{card.pk}"),
    ]  # fmt: skip
    assert {answer.status_code for answer in answers} == {status}
    assert fresh_card(card).frozen_at is None


def test_cards_are_found_by_their_end_their_recipient_and_their_state() -> None:
    usable, code = card_of(recipient_email="ada@example.com")
    frozen, ended = card_of()[0], past_its_time(card_of()[0])
    freeze_gift_card(card_id=frozen.pk, reason="Stolen", by=TESTS)
    admin = client("admin")

    def found(**query: str) -> list[int]:
        return [row["id"] for row in admin.get(URL, query).json()["results"]]

    assert found() == [ended.pk, frozen.pk, usable.pk]
    assert usable.pk in found(last4=code[-4:].lower())
    assert found(recipient="ADA@example.com") == [usable.pk]
    assert (found(state="usable"), found(state="frozen"), found(state="expired"), found(state="empty")) == (
        [usable.pk], [frozen.pk], [ended.pk], [],
    )  # fmt: skip
    assert admin.get(URL, {"code": code}).status_code == 400


def test_an_admin_changes_freezes_and_releases_a_card() -> None:
    card, _ = card_of()
    admin, url = client("admin"), f"{URL}/{card.pk}"
    ends = (timezone.now() + timedelta(days=9)).isoformat()
    body = admin.patch(url, {"expires_at": ends, "note": "VIP", "frozen": True}).json()
    assert (body["note"], body["state"], body["frozen"]) == ("VIP", "frozen", True)
    assert admin.patch(url, {"frozen": False, "expires_at": None}).json()["state"] == "usable"
    assert code_of_problem(admin.patch(url, {"amount": "5"})) == (400, "invalid")
    assert code_of_problem(admin.patch(url, {"expires_at": "2020-01-01T00:00:00Z"})) == (400, "invalid")


def test_a_card_there_is_not_is_not_found() -> None:
    admin = client("admin")
    assert code_of_problem(admin.get(f"{URL}/0")) == (404, "not_found")
    assert code_of_problem(admin.delete(f"{URL}/0")) == (404, "not_found")


def test_deleting_a_card_freezes_it() -> None:
    card, _ = card_of()
    assert client("admin").delete(f"{URL}/{card.pk}").status_code == 204
    assert (fresh_card(card).balance, fresh_card(card).frozen_at is None) == (50, False)


def test_unknown_frozen_and_expired_codes_get_the_same_answer() -> None:
    frozen, first = card_of()
    freeze_gift_card(card_id=frozen.pk, reason="Stolen", by=TESTS)
    _, second = ended = card_of()
    past_its_time(ended[0])
    answers = [client().post(BALANCE, {"code": code}) for code in (NOBODYS, "x", first, second)]
    assert {(answer.status_code, answer.content) for answer in answers} == {(404, answers[0].content)}
    assert answers[0].json()["code"] == UNUSABLE


def test_guesses_right_or_wrong_have_an_end(settings) -> None:
    settings.GIFT_CARD_GUESSES_PER_HOUR = 3
    _, code = card_of()
    guest = client()
    statuses = [guest.post(BALANCE, {"code": typed}).status_code for typed in (code, NOBODYS, code, code, NOBODYS)]
    assert statuses == [200, 404, 200, 429, 429]
    refused = guest.post(BALANCE, {"code": code})
    assert (refused.json()["code"], 0 < int(refused["Retry-After"]) <= 3600) == ("rate_limited", True)


def test_no_header_and_no_token_makes_somebody_else_of_a_guest(settings) -> None:
    settings.GIFT_CARD_GUESSES_PER_HOUR = 2
    headers = [
        {}, {"HTTP_X_FORWARDED_FOR": "192.0.2.7"}, {"HTTP_X_CART_TOKEN": "x"}, {"HTTP_USER_AGENT": "other"},
    ]  # fmt: skip
    statuses = [client().post(BALANCE, {"code": NOBODYS}, **header).status_code for header in headers]
    assert statuses == [404, 404, 429, 429]
    assert client().post(BALANCE, {"code": NOBODYS}, REMOTE_ADDR="2001:db8::1").status_code == 404
    assert client().post(BALANCE, {"code": NOBODYS}, REMOTE_ADDR="2001:db8::2").status_code == 404
    assert client().post(BALANCE, {"code": NOBODYS}, REMOTE_ADDR="2001:db8::3").status_code == 429
    assert client().post(BALANCE, {"code": NOBODYS}, REMOTE_ADDR="2001:db8:1::1").status_code == 404


def test_a_customer_is_counted_wherever_they_are_and_staff_by_who_they_are(settings) -> None:
    settings.GIFT_CARD_GUESSES_PER_HOUR = 2
    customer = client("customer")
    places = ("192.0.2.1", "192.0.2.2", "192.0.2.3")
    assert [customer.post(BALANCE, {"code": NOBODYS}, REMOTE_ADDR=at).status_code for at in places] == [404, 404, 429]
    desk = [client("customer_service") for _ in range(3)]
    assert {person.post(BALANCE, {"code": NOBODYS}).status_code for person in desk} == {404}


def test_paying_by_code_counts_as_guessing(settings) -> None:
    settings.GIFT_CARD_GUESSES_PER_HOUR = 2
    order, (card, code) = order_of(), card_of()
    guest = client()
    guest.credentials(HTTP_X_ORDER_TOKEN=derive_token("order", order.number))

    def pay(code: str, key: str, provider: str = "gift_card") -> Any:
        body = {"provider": provider, "code": code}
        return guest.post(f"/api/v1/orders/{order.number}/payments", body, HTTP_IDEMPOTENCY_KEY=key * 20)

    assert code_of_problem(pay(NOBODYS, "a")) == (404, UNUSABLE)
    assert pay(code, "b").status_code == 201
    assert code_of_problem(pay(code, "c")) == (429, "rate_limited")
    assert code_of_problem(pay(code, "d", " gift_card ")) == (429, "rate_limited")
    assert (fresh(order).status, fresh_card(card).balance) == ("paid", 21)
    assert Attempts.objects.get().count == 4
