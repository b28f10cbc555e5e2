import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.tests.factories import UserFactory
from audit.verbs import act_as
from orders.tests.factories import TESTS, buyable, place
from payments.advice import ADVICE, advice_on
from payments.models import MoneyCase
from payments.services.cases import open_case, resolve_case
from payments.states import CaseKind

pytestmark = pytest.mark.django_db
CASES = reverse("admin:payments_moneycase_changelist")


def opened(about: str, *, order_id: int | None = None, kind: CaseKind = CaseKind.OVERPAID) -> MoneyCase:
    with transaction.atomic():
        act_as(TESTS)
        return open_case(kind=kind, about=about, detail=f"Detail of {about}.", order_id=order_id)


def desk(role: str = "customer_service") -> Client:
    client = Client()
    client.force_login(UserFactory(role=role))
    return client


def shown(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def button(case: MoneyCase) -> str:
    return reverse("admin:payments_moneycase_resolve", args=(case.pk,))


def test_every_kind_says_what_to_do() -> None:
    assert set(ADVICE) == set(CaseKind.values)


def test_the_queue_shows_what_is_open_with_what_to_do() -> None:
    buyable("MUG")
    order = place(("MUG", 1))
    opened("first", order_id=order.pk)
    done = opened("second", kind=CaseKind.STUCK)
    resolve_case(case_id=done.pk, resolution="Asked them.", by=TESTS)
    page = shown(desk(), CASES)
    assert order.number in page
    assert "Detail of first." in page
    assert advice_on("overpaid") in page
    assert "Detail of second." not in page
    assert "Detail of second." in shown(desk(), f"{CASES}?state=resolved")
    assert "Detail of first." in shown(desk(), f"{CASES}?q={order.number}")


def test_a_case_is_resolved_with_a_word_about_it() -> None:
    case, client = opened("first"), desk()
    assert button(case) in shown(client, CASES)
    assert "What was done about it" in shown(client, button(case))
    client.post(button(case), {"_form_submitted": "true", "resolution": ""})
    case.refresh_from_db()
    assert case.resolved_at is None
    answer = client.post(button(case), {"_form_submitted": "true", "resolution": "Refunded the rest."})
    assert answer["HX-Redirect"] == CASES
    case.refresh_from_db()
    assert case.resolution == "Refunded the rest."
    assert case.resolved_by.startswith("user:")
    page = shown(client, reverse("admin:payments_moneycase_change", args=(case.pk,)))
    assert "Refunded the rest." in page
    assert button(case) not in page
    assert client.post(button(case), {"_form_submitted": "true", "resolution": "Again."}).status_code == 403


def test_the_first_page_and_the_sidebar_count_them() -> None:
    opened("first")
    opened("second")
    page = desk().get("/admin/")
    assert page.context["counts"].of["money_cases"] == 2
    assert "Money cases" in page.content.decode()
    assert "Money cases" not in desk("warehouse").get("/admin/").content.decode()


def test_whom_money_does_not_concern_sees_none() -> None:
    case, client = opened("first"), desk("warehouse")
    assert client.get(CASES).status_code == 403
    assert client.post(button(case), {"_form_submitted": "true", "resolution": "x"}).status_code == 403
    case.refresh_from_db()
    assert case.resolved_at is None


def test_the_list_costs_the_same_however_long_it_is() -> None:
    client = desk()
    opened("first")
    with CaptureQueriesContext(connection) as few:
        shown(client, CASES)
    for number in range(10):
        opened(f"more {number}")
    with CaptureQueriesContext(connection) as many:
        shown(client, CASES)
    assert len(many) == len(few) < 15
