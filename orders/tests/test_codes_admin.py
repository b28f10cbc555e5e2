import re
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.tests.factories import UserFactory
from catalog.services import create_category
from orders.codes.services import change_code, create_codes, update_campaign
from orders.models import DiscountCampaign, DiscountCode
from orders.tests.codes import campaign, code_of, use
from orders.tests.factories import TESTS, buyable, place

pytestmark = pytest.mark.django_db
CAMPAIGNS = reverse("admin:orders_discountcampaign_changelist")
CODES = reverse("admin:orders_discountcode_changelist")
ADD = reverse("admin:orders_discountcampaign_add")
TYPED = {
    "name": "Spring", "kind": "percent", "percent": "10", "currency": "", "applies_to": "order", "active": "on",
    "combines": "on",
}  # fmt: skip


def desk(role: str = "admin") -> Client:
    client = Client()
    client.force_login(UserFactory(role=role))
    return client


def page(row: Any, name: str = "change") -> str:
    return reverse(f"admin:orders_{row._meta.model_name}_{name}", args=(row.pk,))


def shown(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def press(client: Client, address: str, **typed: str) -> Any:
    return client.post(address, {"_form_submitted": "True"} | typed)


def test_a_campaign_is_entered_with_its_first_code() -> None:
    buyable("MUG")
    create_category(fields={"name": "Cups", "slug": "cups"}, by=TESTS)
    client = desk()
    assert "Code" in shown(client, ADD)
    typed = TYPED | {"currency": "EUR", "cap": "20", "budget": "1000", "skus": "MUG", "categories": ["cups"],
                     "tags": "Tea time", "code": "spring-10", "code_limit": "5"}  # fmt: skip
    answer = client.post(ADD, typed)
    assert answer.status_code == 302, re.findall(r'class="errorlist[^>]*>.*?</ul>', answer.content.decode(), re.S)
    made, code = DiscountCampaign.objects.get(), DiscountCode.objects.get()
    assert (made.percent, made.cap, made.budget, made.skus, made.tags) == (10, 20, 1000, ["MUG"], ["tea-time"])
    assert (len(made.category_ids), made.starts_at) == (1, None)
    assert (code.code, code.limit, code.campaign) == ("SPRING-10", 5, made)


def test_what_the_kind_does_not_need_does_not_count() -> None:
    typed = TYPED | {"kind": "free_shipping", "percent": "10", "cap": "5", "buy_quantity": "2"}
    assert desk().post(ADD, typed).status_code == 302
    made = DiscountCampaign.objects.get()
    assert (made.kind, made.percent, made.cap, made.buy_quantity) == ("free_shipping", None, None, None)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"percent": "101"}, "at most 100"),
        ({"percent": ""}, "How many percent"),
        ({"cap": "5"}, "An amount needs its currency."),
        ({"skus": "MUG, NOSUCH"}, "There is no product MUG."),
        ({"code": "A B"}, "3 to 50 letters"),
        ({"code": "taken"}, "There is a discount code of this name."),
        ({"limit_per_customer": "0"}, "Once at least"),
        ({"kind": "buy_x_get_y"}, "Units, 1 at least."),
        ({"name": "4242-4242-4242-4242"}, "payment card"),
    ],
)
def test_what_is_wrong_is_said_beside_it_and_nothing_made(wrong: dict[str, str], said: str) -> None:
    campaign("TAKEN")
    answer = desk().post(ADD, TYPED | wrong)
    assert (answer.status_code, said in answer.content.decode()) == (200, True)
    assert (DiscountCampaign.objects.count(), DiscountCode.objects.count()) == (1, 1)


def test_a_campaign_is_changed_and_nobody_undoes_anothers_work() -> None:
    create_category(fields={"name": "Cups", "slug": "cups"}, by=TESTS)
    spring, client = campaign(currency="EUR", cap=Decimal(20), categories=["cups"], tags=["gift"]), desk()
    body = shown(client, page(spring))
    assert ('value="10"' in body, 'value="20.00"' in body, "{" in re.findall(r'name="tags"[^>]*', body)[0]) == (
        True,
        True,
        False,
    )
    assert re.search(r'<option value="cups"[^>]*selected', body)
    typed = TYPED | {"currency": "EUR", "cap": "15", "percent": "12.5", "seen": "1"}
    assert client.post(page(spring), typed).status_code == 302
    spring.refresh_from_db()
    assert (spring.percent, spring.cap, spring.category_ids, spring.tags, spring.version) == (
        Decimal("12.5"), 15, [], [], 2,
    )  # fmt: skip
    again = client.post(page(spring), typed | {"percent": "50"})
    assert (again.status_code, "Somebody changed it" in again.content.decode()) == (200, True)
    spring.refresh_from_db()
    assert spring.percent == Decimal("12.5")


def test_a_list_says_what_campaigns_give_and_how_far_they_are_used() -> None:
    buyable("MUG")
    campaign("SPRING", "VIP", currency="EUR", cap=Decimal(20), budget=Decimal(40))
    use(place(), "SPRING", amount="10.00")
    autumn = campaign("AUTUMN", name="Autumn", kind="free_shipping", percent=None)
    update_campaign(campaign_id=autumn.pk, fields={"active": False}, by=TESTS)
    body = shown(desk("customer_service"), CAMPAIGNS)
    for text in ("10 % off the order, at most 20.00 EUR", "10.00\xa0EUR", "40.00\xa0EUR", "width:25%", "1 order",
                 "Free shipping", "Running", "Off"):  # fmt: skip
        assert text in body, text
    assert "Autumn" not in shown(desk(), f"{CAMPAIGNS}?state=running")


def test_a_code_is_found_and_shows_the_orders_that_used_it() -> None:
    buyable("MUG")
    spring = campaign("SPRING", "VIP", limit=3)
    order = place()
    use(order, "SPRING", amount="2.50")
    client = desk("customer_service")
    assert "Spring" in shown(client, f"{CAMPAIGNS}?q=vip")
    found = shown(client, f"{CODES}?q=spr")
    assert ("SPRING" in found, ">VIP<" in found, "1 of 3" in found) == (True, False, True)
    body = shown(client, page(code_of()))
    for text in (order.number, "2.50\xa0EUR", "Reserved", "guest@example.com"):
        assert text in body
    assert ">VIP<" in shown(client, f"{CODES}?campaign__id__exact={spring.pk}")


def test_many_codes_are_made_and_downloaded() -> None:
    spring, client = campaign(), desk()
    assert "How many" in shown(client, page(spring, "make_codes"))
    answer = press(client, page(spring, "make_codes"), count="30", prefix="s-", length="10", limit="1").content.decode()
    address = re.search(r'href="([^"]+codes\.csv[^"]*)"', answer)
    assert address is not None
    assert "30 codes made" in answer
    file = client.get(address[1])
    lines = file.content.decode().splitlines()
    assert (file["Content-Type"], lines[0], len(lines)) == (
        "text/csv; charset=utf-8", "code,limit,uses,active,created_at", 31,
    )  # fmt: skip
    assert all(line.startswith("S-") and line.split(",")[1:3] == ["1", "0"] for line in lines[1:])
    whole = client.get(reverse("admin:orders_discountcampaign_csv", args=(spring.pk,)))
    assert len(whole.content.decode().splitlines()) == 32


@pytest.mark.django_db(transaction=True)
def test_one_more_code_is_added_and_a_taken_one_refused() -> None:
    spring, client = campaign(), desk()
    press(client, page(spring, "add_code"), code="vip", limit="")
    press(client, page(spring, "add_code"), code="vip", limit="")
    assert list(DiscountCode.objects.values_list("code", "limit")) == [("VIP", None), ("SPRING", None)]


def test_codes_and_campaigns_are_switched_off_and_on() -> None:
    spring, client = campaign("ONE", "TWO"), desk()
    one = code_of("ONE")
    press(client, page(one, "turn_off"))
    assert not code_of("ONE").active
    press(client, page(one, "turn_on"))
    press(client, page(one, "set_limit"), limit="7")
    assert (code_of("ONE").active, code_of("ONE").limit) == (True, 7)
    chosen = {"_selected_action": [one.pk, code_of("TWO").pk]}
    client.post(CODES, {"action": "switch_off"} | chosen)
    assert not DiscountCode.objects.filter(active=True).exists()
    client.post(CAMPAIGNS, {"action": "switch_off", "_selected_action": [spring.pk]})
    spring.refresh_from_db()
    assert not spring.active
    client.post(CAMPAIGNS, {"action": "switch_on", "_selected_action": [spring.pk]})
    spring.refresh_from_db()
    assert spring.active


def test_customer_service_looks_and_changes_nothing() -> None:
    spring, client = campaign(), desk("customer_service")
    assert "10 % off the order" in shown(client, page(spring))
    for address in (page(spring, "make_codes"), page(spring, "add_code"), page(code_of(), "turn_off"), ADD):
        assert press(client, address, code="X", count="1").status_code == 403, address
    assert client.post(page(spring), TYPED).status_code == 403
    assert client.get(reverse("admin:orders_discountcampaign_csv", args=(spring.pk,))).status_code == 404
    assert (DiscountCode.objects.count(), code_of().active) == (1, True)


def test_lists_cost_the_same_however_long_they_are() -> None:
    client, counts = desk(), []
    for number in range(3):
        spring = campaign(f"CODE-{number}", name=str(number), budget=Decimal(5), currency="EUR")
        create_codes(campaign_id=spring.pk, count=3, by=TESTS)
        change_code(code_id=code_of(f"CODE-{number}").pk, changes={"limit": 5}, by=TESTS)
        for address in (CAMPAIGNS, CODES):
            with CaptureQueriesContext(connection) as queries:
                shown(client, address)
            counts.append(len(queries))
    assert len(set(counts[::2])) == len(set(counts[1::2])) == 1
    assert max(counts) < 15
