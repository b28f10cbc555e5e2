"""The back office of prices, and the panel that tries a draft."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import CustomerGroup
from accounts.tests.factories import UserFactory
from catalog.models import DiscountRule, PriceList
from orders.tests.factories import buyable

pytestmark = pytest.mark.django_db
RULE = {"name": "Sale", "kind": "percent", "percent": "10", "lane": "1", "priority": "100", "active": "on"}
SAMPLE = {"try-lines": "MUG 2", "try-country": "DE", "try-currency": "EUR"}
TRY = reverse("admin:orders_discountcampaign_try", args=("rule",))


@pytest.fixture
def office() -> Client:
    client = Client()
    client.force_login(UserFactory(role="admin"))
    return client


def test_a_draft_is_tried_and_not_saved(office):
    buyable("MUG")
    answer = office.post(TRY, RULE | SAMPLE).content.decode()
    assert "10 % off MUG." in answer
    assert "−2.00\N{NO-BREAK SPACE}EUR" in answer
    assert "2.40\N{NO-BREAK SPACE}EUR less" in answer  # the tax is less too
    assert not DiscountRule.objects.exists()


def test_a_draft_stands_in_for_the_rule_it_changes(office):
    buyable("MUG")
    made = DiscountRule.objects.create(name="Sale", kind="percent", percent=Decimal(10))
    answer = office.post(TRY, RULE | SAMPLE | {"percent": "20", "try-id": made.pk, "seen": "1"}).content.decode()
    assert "20 % off MUG." in answer
    assert "10 % off MUG." not in answer


def test_a_draft_of_a_campaign_is_tried_as_a_code(office):
    buyable("MUG")
    campaign = {
        "name": "Five",
        "kind": "fixed",
        "amount": "5",
        "currency": "EUR",
        "applies_to": "order",
        "active": "on",
    }
    answer = office.post(reverse("admin:orders_discountcampaign_try", args=("campaign",)), campaign | SAMPLE)
    assert "5.00 EUR off the order." in answer.content.decode()


def test_what_is_wrong_with_draft_or_sample_is_said(office):
    answer = office.post(TRY, RULE | SAMPLE | {"percent": "150", "try-lines": "MUG many"}).content.decode()
    assert "150 % would pay customers for buying: at most 100." in answer
    assert "how many? Write it behind the SKU." in answer


def test_only_who_keeps_rules_may_try():
    client = Client()
    client.force_login(UserFactory(role="warehouse"))
    assert client.post(TRY, RULE | SAMPLE).status_code == 404


def test_a_rule_is_entered_and_changed_on_its_page(office):
    buyable("MUG")
    CustomerGroup.objects.create(code="trade", name="Trade")
    add = reverse("admin:catalog_discountrule_add")
    assert "Try it on a basket" in office.get(add).content.decode()
    tiers = RULE | {"kind": "tiers", "percent": "", "tiers": "10: 5\n50: 8 %", "skus": "MUG", "groups": ["trade"]}
    assert office.post(add, tiers).status_code == 302
    made = DiscountRule.objects.get()
    assert (made.steps, made.skus, made.groups) == (((10, 5), (50, 8)), ["MUG"], ["trade"])
    page = reverse("admin:catalog_discountrule_change", args=(made.pk,))
    shown = office.get(page)
    assert shown.status_code == 200
    refused = office.post(page, tiers | {"tiers": "50: 8\n10: 5", "seen": "1"})
    assert "10 does not follow 50" in refused.content.decode()
    assert "5 % from 10, 8 % from 50" in office.get(reverse("admin:catalog_discountrule_changelist")).content.decode()


def test_a_price_list_is_entered_on_its_page(office):
    add = reverse("admin:catalog_pricelist_add")
    assert office.post(add, {"currency": "usd", "name": "Dollars", "active": "on"}).status_code == 302
    made = PriceList.objects.get()
    assert (made.currency, made.includes_tax) == ("USD", False)
    for name in ("pricelist_changelist", "listprice_changelist"):
        assert office.get(reverse(f"admin:catalog_{name}")).status_code == 200
    assert office.get(reverse("admin:catalog_pricelist_change", args=(made.pk,))).status_code == 200


def test_a_person_is_put_into_groups(office):
    CustomerGroup.objects.create(code="trade", name="Trade")
    person = UserFactory()
    page = reverse("admin:accounts_user_change", args=(person.pk,))
    given = {"email": person.email, "first_name": "", "last_name": "", "role": "customer", "customer_groups": ["trade"]}
    inlines = [formset.formset.prefix for formset in office.get(page).context["inline_admin_formsets"]]
    counts = {f"{prefix}-{name}_FORMS": "0" for prefix in inlines for name in ("TOTAL", "INITIAL")}
    answer = office.post(page, given | counts)
    assert answer.status_code == 302, answer.content.decode()
    person.refresh_from_db()
    assert person.customer_groups == ["trade"]
    assert office.get(reverse("admin:accounts_customergroup_changelist")).status_code == 200
