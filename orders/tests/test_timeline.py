import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.tests.factories import PartnerFactory, UserFactory
from api.actors import Actor
from audit.models import Delivery, LogEntry
from orders.services import add_note, change_address, pack_shipment, place_hold
from orders.tests.factories import ADDRESS, TESTS, buyable, paid, place
from orders.timeline import Change, timeline

pytestmark = pytest.mark.django_db


def of_kind(order, kind: str):
    return [entry for entry in timeline(order) if entry.kind == kind]


def test_steps_come_newest_first_with_what_they_moved() -> None:
    buyable()
    order = paid(("MUG", 2))
    pack_shipment(order_id=order.pk, by=TESTS)
    assert [(entry.title, entry.changes) for entry in of_kind(order, "step")] == [
        ("pack", [Change("status", "paid", "packed"), Change("fulfillment_status", "unfulfilled", "packed")]),
        ("payment", [Change("status", "pending", "paid"), Change("payment_status", "unpaid", "paid")]),
        ("place", [Change("status", "", "pending")]),
    ]


def test_facts_say_how_far_their_handlers_are() -> None:
    buyable()
    order = place()
    entry = LogEntry.objects.get(aggregate="order")
    for handler, state in (("mail.tell", "parked"), ("stock.count", "done")):
        Delivery.objects.create(entry=entry, handler=handler, state=state, due_at=timezone.now(), last_error="x")
    (fact,) = of_kind(order, "fact")
    assert (fact.title, fact.states) == ("OrderPlaced", {"mail.tell": "parked", "stock.count": "done"})


def test_changes_of_rows_are_told_with_old_and_new() -> None:
    buyable()
    order = paid(("MUG", 2))
    change_address(order_id=order.pk, address=ADDRESS | {"line1": "2 Low Road"}, by=TESTS)
    (newest, *_) = of_kind(order, "change")
    assert (newest.title, newest.changes) == ("OrderAddress", [Change("line1", "1 High Street", "2 Low Road")])


def test_people_and_partners_are_named() -> None:
    buyable()
    order = paid()
    person, partner = UserFactory(), PartnerFactory(name="Nordwind")
    add_note(order_id=order.pk, text="Hello", by=person.as_actor())
    place_hold(order_id=order.pk, kind="stock", by=partner.as_actor())
    place_hold(order_id=order.pk, kind="fraud", by=Actor.system("fraud_check"))
    assert of_kind(order, "note")[0].who == person.email
    assert [entry.who for entry in of_kind(order, "step")][:2] == ["fraud check", "Nordwind"]


def test_six_statements_are_enough(settings) -> None:
    settings.ORDER_TIMELINES = []  # what apps above add is theirs to count
    buyable()
    order = paid(("MUG", 2))
    add_note(order_id=order.pk, text="Hello", by=UserFactory().as_actor())
    place_hold(order_id=order.pk, kind="stock", by=PartnerFactory().as_actor())
    with CaptureQueriesContext(connection) as spent:
        timeline(order)
    assert len(spent) == 6
