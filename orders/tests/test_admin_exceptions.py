"""The queue of exceptions in the back office, and editing an order there."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.exceptions.models import ExceptionCase
from audit.exceptions.services import Subject, raise_case, resolve_case
from audit.exceptions.sweep import sweep
from orders.models import CarrierScan
from orders.tests.back_office import do, look, staff, told, user_of
from orders.tests.factories import TESTS, buyable, fresh, paid

pytestmark = pytest.mark.django_db
QUEUE = "/admin/audit/exceptioncase/"


def case(kind: str, number: str, *warehouses: str) -> ExceptionCase:
    return raise_case(kind=kind, subject=Subject("orders.order", number, f"W{number}", warehouses), by=TESTS)


def shown(client: Client, query: str = "") -> list[str]:
    return [row.label for row in client.get(f"{QUEUE}{query}").context["cl"].result_list]


def test_each_role_has_its_own_queue_and_a_limited_person_that_of_their_warehouses() -> None:
    case("late_to_ship", "1", "W1")
    case("late_to_ship", "2", "W2")
    case("payment_mismatch", "3")
    packer, clerk = staff("warehouse"), staff("customer_service")
    assert (shown(packer), shown(clerk)) == (["W1", "W2"], ["W1", "W2", "W3"])
    assert shown(clerk, "?kind=payment_mismatch") == ["W3"]


def test_of_failing_webhooks_each_side_sees_what_it_can_replay() -> None:
    for number, subject in enumerate(("payments.webhookevent", "inventory.wmsevent", "orders.carrierscan")):
        raise_case(kind="failing_webhook", subject=Subject(subject, "1", f"W{number}"), by=TESTS)
    raise_case(kind="failing_webhook", subject=Subject("inventory.wmsrequest", "1", "W3", ["W1"]), by=TESTS)
    packer, clerk, limited = staff("warehouse"), staff("customer_service"), staff("warehouse")
    User.objects.filter(pk=user_of(limited).pk).update(warehouses=["W1"])
    assert [shown(client) for client in (packer, clerk, limited, staff())] == [
        ["W1", "W2", "W3"], ["W0"], ["W3"], ["W0", "W1", "W2", "W3"],
    ]  # fmt: skip
    assert {tab.kind: tab.count for tab in clerk.get(QUEUE).context["tabs"]}["failing_webhook"] == 1


def test_a_parked_scan_is_tried_again_where_its_exception_leads() -> None:
    told = {"carrier": "dhl", "event_id": "e1", "tracking_number": "T9", "status": "delivered", "at": timezone.now()}
    scan = CarrierScan.objects.create(**told, state="parked", last_error="No package.")
    sweep(by=TESTS)
    packer = staff("warehouse")
    (row,) = packer.get(QUEUE).context["cl"].result_list
    page = packer.get(row.link).content.decode()
    address = reverse("admin:orders_carrierscan_replay_one", args=(scan.pk,))
    assert address in page
    assert staff("customer_service").post(address, {"_form_submitted": "on"}).status_code in {302, 403}
    assert CarrierScan.objects.get().state == "parked"
    packer.post(address, {"_form_submitted": "on"}, HTTP_HX_REQUEST="true")
    assert CarrierScan.objects.get().state == "received"


def test_many_are_resolved_with_a_result_for_each() -> None:
    first, second = case("address", "1"), case("address", "2")
    resolve_case(case_id=second.pk, note="Done.", by=TESTS)
    clerk = staff("customer_service")
    page = clerk.post(f"{QUEUE}do/resolve/", {"id": [first.pk, second.pk], "note": "Asked."})
    assert [(result.case.pk, result.state) for result in page.context["results"]] == [
        (first.pk, "done"),
        (second.pk, "refused"),
    ]
    first.refresh_from_db()
    assert (first.resolution, first.resolved_by) == ("Asked.", f"user:{user_of(clerk).pk}")


def test_one_is_taken_and_put_off() -> None:
    found, clerk = case("address", "1"), staff("customer_service")
    clerk.post(f"{QUEUE}do/take/", {"id": found.pk})
    assert shown(clerk, "?state=mine") == ["W1"]
    clerk.post(f"{QUEUE}do/snooze/", {"id": found.pk, "until": "tomorrow"})
    assert (shown(clerk), shown(clerk, "?state=snoozed")) == ([], ["W1"])
    assert clerk.post(f"{QUEUE}do/resolve/", {"id": found.pk}).context["finished"] is False


def test_the_list_takes_few_statements(django_assert_max_num_queries: Any) -> None:
    clerk = staff("admin")
    for number in range(8):
        case("address", str(number))
    with django_assert_max_num_queries(9):
        clerk.get(QUEUE)


def test_an_order_is_edited_as_it_was_shown() -> None:
    buyable("MUG", price="10.00")
    order = paid(("MUG", 2))
    line, desk = order.lines.get(), staff("customer_service")
    answers = {f"quantity_{line.pk}": 1, "add_quantity": 1}
    page = look(desk, order, "edit", **answers)
    effects = {effect.what: effect.becomes for effect in page.context["rehearsal"].effects}
    assert effects["MUG cancelled"] == "1"
    assert fresh(order).version == order.version
    assert told(do(desk, order, "edit", **answers)) == ["The order is changed."]
    assert fresh(order).lines.get().cancelled == 1
