import pytest
from django.db import transaction

from audit.verbs import act_as
from inventory.tests.checks import refused
from kernel.errors import Invalid, NotAllowedNow, NotFound
from orders.tests.factories import TESTS, buyable, place
from payments.models import MoneyCase
from payments.services.cases import open_case, resolve_case
from payments.states import CaseKind

pytestmark = pytest.mark.django_db


def opened(about: str = "pi_1", kind: CaseKind = CaseKind.STUCK, detail: str = "No answer for an hour.") -> MoneyCase:
    with transaction.atomic():
        act_as(TESTS)
        return open_case(kind=kind, about=about, detail=detail)


def test_asks_a_person_to_look() -> None:
    buyable("MUG", price="10.00")
    order = place(("MUG", 1))
    with transaction.atomic():
        act_as(TESTS)
        case = open_case(kind=CaseKind.OVERPAID, about=order.number, detail="Paid twice.", order_id=order.pk)
    stored = MoneyCase.objects.get()
    assert case == stored
    assert (stored.kind, stored.order_id, stored.detail, stored.resolved_at) == (
        "overpaid", order.pk, "Paid twice.", None,
    )  # fmt: skip


def test_the_same_thing_found_again_opens_nothing_new() -> None:
    assert opened() == opened(detail="Still no answer.")
    assert [case.detail for case in MoneyCase.objects.all()] == ["No answer for an hour."]
    opened(about="pi_2")
    opened(kind=CaseKind.REFUND_FAILED)
    assert MoneyCase.objects.count() == 3


def test_what_comes_back_after_it_was_resolved_is_a_new_case() -> None:
    first = opened()
    resolve_case(case_id=first.pk, resolution="Asked them by telephone.", by=TESTS)
    assert opened() != first


def test_too_long_a_detail_is_cut() -> None:
    case = opened(about="a" * 300, detail="d" * 600)
    assert (len(case.about), len(case.detail)) == (255, 500)
    assert opened(about="a" * 300) == case


def test_says_who_resolved_it_and_how() -> None:
    case = resolve_case(case_id=opened().pk, resolution=" Asked them by telephone. ", by=TESTS)
    case.refresh_from_db()
    assert (case.resolution, case.resolved_by) == ("Asked them by telephone.", str(TESTS))
    assert case.resolved_at is not None


def test_is_resolved_once_and_with_a_word_about_it() -> None:
    case = opened()
    with refused(Invalid):
        resolve_case(case_id=case.pk, resolution="  ", by=TESTS)
    resolve_case(case_id=case.pk, resolution="Done.", by=TESTS)
    with refused(NotAllowedNow):
        resolve_case(case_id=case.pk, resolution="Done again.", by=TESTS)
    with refused(NotFound):
        resolve_case(case_id=0, resolution="Done.", by=TESTS)
    assert [found.resolution for found in MoneyCase.objects.all()] == ["Done."]
