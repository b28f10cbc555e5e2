"""Returns through the front door."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory, client_for
from api.tokens import derive_token
from catalog.tests.factories import picture
from inventory.models import StockLevel
from inventory.tests.factories import WarehouseFactory
from orders.models import Order, ReturnUnit
from orders.tests.factories import buyable, delivered, fresh
from orders.tests.http import get, post, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> APIClient:
    return staff("warehouse")


@pytest.fixture
def user():
    return UserFactory.create()


@pytest.fixture
def order(user) -> Order:
    buyable("MUG", quantity=10)
    return delivered(("MUG", 2), user=user)


def asked(order: Order, client: APIClient, units: int = 2, **more) -> str:
    line = {"line": order.lines.get().pk, "quantity": units, "reason": "damaged"}
    answer = post(client, f"orders/{order.number}/returns", {"lines": [line], **more})
    assert answer.status_code == 201, answer.json()
    return str(answer.json()["number"])


def approved(order: Order, client: APIClient) -> str:
    number = asked(order, client)
    assert post(client, f"returns/{number}/approve").status_code == 200
    return number


def arrivals(order: Order, **more) -> dict:
    line = order.lines.get().pk
    return {
        "lines": [
            {"line": line, "quantity": 1, "condition": "new", "restock": True},
            {"line": line, "quantity": 1, "condition": "damaged", "restock": False, "disposition": "scrap"},
        ],
        **more,
    }


def test_what_can_be_returned_is_said_line_by_line(order, user) -> None:
    (line,) = get(client_for(user), f"orders/{order.number}/returnable").json()["lines"]
    assert (line["quantity"], line["returnable"], line["why_not"]) == (2, True, "")
    assert {found["reason"]: found["shop_pays_label"] for found in line["reasons"]} == {
        "changed_mind": False, "damaged": True, "wrong_item": True, "not_as_described": True, "other": False}  # fmt: skip
    assert get(client_for(UserFactory.create()), f"orders/{order.number}/returnable").status_code == 404


def test_staff_are_told_what_to_refund_and_owners_are_not(order, user, desk) -> None:
    number = approved(order, desk)
    tried = post(desk, f"returns/{number}/receive?dry_run=true", arrivals(order)).json()
    assert tried["refund_suggestion"]["amount"] == f"{order.total:.2f}"
    assert (StockLevel.objects.get().on_hand, fresh(order).returns.get().status) == (8, "approved")
    done = post(desk, f"returns/{number}/receive", arrivals(order)).json()
    assert [unit["disposition"] for unit in done["lines"][0]["units"]] == ["restock", "scrap"]
    assert StockLevel.objects.get().on_hand == 9
    seen = get(client_for(user), f"returns/{number}").json()
    assert (seen["refund_suggestion"], seen["lines"][0]["units"], seen["lines"][0]["received"]) == (None, [], 2)


def test_owners_do_not_override_the_rules(order, user) -> None:
    line = {"line": order.lines.get().pk, "quantity": 1, "reason": "other"}
    body = {"lines": [line], "override": "Please"}
    answer = post(client_for(user), f"orders/{order.number}/returns", body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "override")
    assert not fresh(order).returns.exists()


def waiting_unit(order: Order, desk: APIClient) -> str:
    """The address of a mug that came back and waits to be refurbished."""
    number = approved(order, desk)
    line = {"line": order.lines.get().pk, "quantity": 1, "condition": "opened", "restock": False}
    assert post(desk, f"returns/{number}/receive", {"lines": [line]}).status_code == 200
    return f"returns/{number}/units/{ReturnUnit.objects.get().pk}"


def test_units_that_cannot_be_refurbished_are_written_off(order, user, desk) -> None:
    path = waiting_unit(order, desk)
    assert post(client_for(user), f"{path}/write-off", {"disposition": "scrap"}).status_code == 403
    assert post(desk, f"{path}/write-off?dry_run=true", {"disposition": "scrap"}).status_code == 200
    assert ReturnUnit.objects.get().disposition == "refurbish"
    done = post(desk, f"{path}/write-off", {"disposition": "back_to_supplier"})
    assert done.json()["lines"][0]["units"][0]["disposition"] == "back_to_supplier"
    again = post(desk, f"{path}/write-off", {"disposition": "scrap"})
    assert (again.status_code, again.json()["code"]) == (409, "not_allowed_now")
    assert post(desk, f"{path}/restock").status_code == 409
    assert (ReturnUnit.objects.get().disposition, StockLevel.objects.get().on_hand) == ("back_to_supplier", 8)


@pytest.mark.parametrize("body", [{}, {"disposition": "restock"}, {"disposition": "refurbish"}, {"disposition": 1}])
def test_a_write_off_says_where_they_go(order, desk, body) -> None:
    answer = post(desk, f"{waiting_unit(order, desk)}/write-off", body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "disposition")
    assert ReturnUnit.objects.get().disposition == "refurbish"


def test_units_of_other_warehouses_are_not_written_off(order, desk) -> None:
    path = waiting_unit(order, desk)
    stranger = UserFactory.create(role="warehouse", warehouses=[WarehouseFactory.create().code])
    assert post(client_for(stranger), f"{path}/write-off", {"disposition": "scrap"}).status_code == 404
    assert ReturnUnit.objects.get().disposition == "refurbish"


def test_the_same_kind_of_units_is_named_once(order, desk) -> None:
    number = approved(order, desk)
    line = {"line": order.lines.get().pk, "quantity": 1, "condition": "new", "restock": True}
    answer = post(desk, f"returns/{number}/receive", {"lines": [line, line]})
    assert (answer.status_code, StockLevel.objects.get().on_hand) == (400, 8)
    different = {"lines": [line, line | {"quantity": 2, "condition": "opened"}]}
    assert post(desk, f"returns/{number}/receive", different).status_code == 400
    assert (fresh(order).lines.get().returned, ReturnUnit.objects.count()) == (0, 0)


@pytest.mark.parametrize("paper", ["label", "authorisation"])
def test_papers_are_for_the_owner_and_whoever_holds_the_orders_token(order, user, desk, paper) -> None:
    number = approved(order, desk)
    token = derive_token("order", order.number)
    for client, headers in ((client_for(user), {}), (APIClient(), {"x_order_token": token}), (desk, {})):
        answer = get(client, f"returns/{number}/{paper}.pdf", **headers)
        assert (answer.status_code, answer["Content-Type"], answer.content[:5]) == (200, "application/pdf", b"%PDF-")
    assert get(client_for(UserFactory.create()), f"returns/{number}/{paper}.pdf").status_code == 404
    other = derive_token("order", "W999")
    assert get(APIClient(), f"returns/{number}/{paper}.pdf", x_order_token=other).status_code in {401, 404}


def test_there_is_no_label_before_it_is_approved(order, desk) -> None:
    answer = get(desk, f"returns/{asked(order, desk)}/label.pdf")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_allowed_now")


def test_a_photo_is_seen_by_a_signed_link_alone(order, desk, settings, tmp_path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    number = approved(order, desk)
    unit = post(desk, f"returns/{number}/receive", arrivals(order)).json()["lines"][0]["units"][0]["id"]
    path = f"/api/v1/returns/{number}/units/{unit}/photo"
    sent = desk.post(path, {"file": SimpleUploadedFile("a.png", picture())}, format="multipart")
    assert sent.status_code == 201, sent.json()
    link = sent.json()["lines"][0]["units"][0]["photo"].partition("/api/v1/")[2]
    assert get(APIClient(), link).status_code == 200
    assert get(APIClient(), link[:-2] + "xx").status_code == 404
    fake = desk.post(path, {"file": SimpleUploadedFile("a.png", b"<svg/>")}, format="multipart")
    assert (fake.status_code, len(list((tmp_path / "returns").iterdir()))) == (400, 1)


def test_an_exchange_is_linked_both_ways(order, desk) -> None:
    number = approved(order, desk)
    post(desk, f"returns/{number}/receive", arrivals(order))
    body = {"lines": [{"line": order.lines.get().pk, "quantity": 2}]}
    done = post(desk, f"returns/{number}/exchange", body).json()
    exchange = get(desk, f"orders/{done['exchange_order']}").json()
    assert (exchange["exchange_of"], exchange["total"], exchange["status"]) == (number, "0.00", "paid")
    steps = get(desk, f"orders/{order.number}/timeline").json()["results"]
    assert (steps[-1]["action"], steps[-1]["about"]) == ("exchange_return", number)
    assert post(desk, f"returns/{number}/exchange", body).status_code == 409
