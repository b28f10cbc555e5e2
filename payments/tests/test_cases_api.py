import pytest
from django.db import transaction

from accounts.tests.factories import UserFactory, client_for
from audit.verbs import act_as
from orders.tests.factories import TESTS, buyable, place
from orders.tests.http import get, post, staff
from payments.models import MoneyCase
from payments.services.cases import open_case, resolve_case
from payments.states import CaseKind

pytestmark = pytest.mark.django_db


def opened(about: str, *, kind: CaseKind = CaseKind.OVERPAID, order_id: int | None = None) -> MoneyCase:
    with transaction.atomic():
        act_as(TESTS)
        return open_case(kind=kind, about=about, detail="Detail.", order_id=order_id)


def abouts(query: str) -> list[str]:
    return [case["about"] for case in get(staff("customer_service"), f"money-cases{query}").json()["results"]]


def test_cases_are_found_by_whether_they_are_open_and_by_kind() -> None:
    opened("first")
    opened("second", kind=CaseKind.STUCK)
    resolve_case(case_id=opened("third").pk, resolution="Done.", by=TESTS)
    assert abouts("") == ["third", "second", "first"]
    assert abouts("?open=true") == ["second", "first"]
    assert abouts("?open=false") == ["third"]
    assert abouts("?open=true&kind=stuck") == ["second"]


def test_a_case_says_what_it_is_about_and_what_to_do() -> None:
    buyable("MUG")
    order = place(("MUG", 1))
    opened("first", order_id=order.pk)
    (case,) = get(staff("admin"), "money-cases").json()["results"]
    assert (case["order"], case["payment"], case["kind"]) == (order.number, None, "overpaid")
    assert case["what_to_do"].startswith("More has arrived than is due.")


def test_a_case_is_resolved_once() -> None:
    path = f"money-cases/{opened('first').pk}/resolve"
    answer = post(staff("customer_service"), path, {"resolution": "Refunded."})
    assert (answer.status_code, answer.json()["resolution"]) == (200, "Refunded.")
    again = post(staff("customer_service"), path, {"resolution": "Again."})
    assert (again.status_code, again.json()["code"]) == (409, "not_allowed_now")
    assert MoneyCase.objects.get().resolution == "Refunded."
    assert post(staff("admin"), "money-cases/99999/resolve", {"resolution": "x"}).status_code == 404
    assert post(staff("admin"), path, {}).status_code == 400


def test_only_those_whom_money_concerns() -> None:
    case = opened("first")
    for client in (staff("warehouse"), client_for(UserFactory())):
        assert get(client, "money-cases").status_code == 403
        assert post(client, f"money-cases/{case.pk}/resolve", {"resolution": "x"}).status_code == 403
    case.refresh_from_db()
    assert case.resolved_at is None
