from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from orders.models import DiscountCampaign, DiscountCode
from orders.tests.codes import campaign, code_of, use
from orders.tests.factories import buyable, place
from orders.tests.http import call, delete, fields, get, patch, post, staff
from orders.tests.test_schema_api import bodies, differences, document, fits

__all__ = ["document"]
pytestmark = pytest.mark.django_db
CODES, CAMPAIGNS = "discount-codes", "discount-campaigns"
TEN: dict[str, Any] = {"code": "spring-10", "kind": "percent", "percent": "10"}


def problem(response: Any) -> tuple[int, str, list[str]]:
    return response.status_code, response.json()["code"], fields(response)


def test_a_code_with_terms_gets_a_campaign_of_its_own() -> None:
    buyable("MUG")
    terms = TEN | {"currency": "EUR", "cap": "20", "budget": "1000.5", "skus": ["MUG"], "limit": 5, "combines": False}
    answer = post(staff("admin"), CODES, terms)
    assert answer.status_code == 201, answer.json()
    body, row = answer.json(), DiscountCode.objects.get()
    assert (body["id"], body["campaign"], body["code"], body["name"]) == (
        row.pk,
        row.campaign_id,
        "SPRING-10",
        "spring-10",
    )
    assert (body["percent"], body["cap"], body["budget"], body["spent"]) == ("10", "20.00", "1000.50", "0.00")
    assert (body["skus"], body["limit"], body["uses"], body["combines"]) == (["MUG"], 5, 0, False)
    assert (body["active"], body["campaign_active"], body["version"]) == (True, True, 1)
    assert (answer["ETag"], answer["Location"]) == ('"1"', f"/api/v1/discount-codes/{row.pk}")


def test_a_campaign_gets_more_codes_by_name_and_many_at_once() -> None:
    admin = staff("admin")
    spring = post(admin, CAMPAIGNS, {"name": "Spring", "kind": "free_shipping"}).json()
    more = post(admin, CODES, {"campaign": spring["id"], "code": "VIP", "limit": 3}).json()
    assert (more["campaign"], more["kind"], more["limit"]) == (spring["id"], "free_shipping", 3)
    made = post(admin, f"{CAMPAIGNS}/{spring['id']}/codes", {"count": 20, "prefix": "S-"})
    assert (made.status_code, len(set(made.json()["codes"]))) == (201, 20)
    assert get(admin, f"{CODES}?campaign={spring['id']}&page_size=100").json()["results"][0]["limit"] == 1
    assert DiscountCode.objects.filter(campaign=spring["id"]).count() == 21


def test_a_repeated_batch_makes_no_second_one() -> None:
    admin, spring = staff("admin"), campaign()
    path = f"{CAMPAIGNS}/{spring.pk}/codes"
    first = post(admin, path, {"count": 3}, idempotency_key="k" * 20)
    again = post(admin, path, {"count": 3}, idempotency_key="k" * 20)
    assert (first.json(), DiscountCode.objects.count()) == (again.json(), 4)
    assert call(admin, "POST", path, {"count": 3}).json()["code"] == "idempotency_key_required"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": "A B"}, "code"),
        ({"code": ""}, "code"),
        ({"code": None}, "code"),
        ({"kind": "half"}, "kind"),
        ({"percent": "100.5"}, "percent"),
        ({"percent": "1e2"}, "percent"),
        ({"percent": "NaN"}, "percent"),
        ({"cap": "5"}, "currency"),
        ({"limit": 0}, "limit"),
        ({"limit": 2**40}, "limit"),
        ({"limit_per_customer": True}, "limit_per_customer"),
        ({"starts_at": "yesterday"}, "starts_at"),
        ({"starts_at": "2030-01-02T00:00:00Z", "ends_at": "2030-01-01T00:00:00Z"}, "ends_at"),
        ({"categories": ["nosuch"]}, "categories"),
        ({"skus": "MUG"}, "skus"),
        ({"tags": ["!!"]}, "tags"),
        ({"uses": 3}, "uses"),
        ({"spent": "1"}, "spent"),
        ({"campaign": 2**70}, "campaign"),
    ],
)
def test_bad_input_is_refused_by_name(change: dict[str, Any], field: str) -> None:
    answer = post(staff("admin"), CODES, TEN | change)
    assert (answer.status_code, fields(answer)[0].split(".")[0]) == (400, field)
    assert not DiscountCampaign.objects.exists()


def test_terms_beside_a_campaign_are_refused() -> None:
    spring = campaign()
    answer = post(staff("admin"), CODES, {"campaign": spring.pk, "code": "NEW", "percent": "5"})
    assert problem(answer) == (400, "invalid", ["percent"])
    assert problem(post(staff("admin"), CODES, {"campaign": 0 + 10**9, "code": "NEW"})) == (
        400,
        "invalid",
        ["campaign"],
    )
    assert DiscountCode.objects.count() == 1


def test_without_a_kind_there_are_no_terms() -> None:
    assert problem(post(staff("admin"), CODES, {"code": "NEW"})) == (400, "invalid", ["kind"])


def test_a_code_there_is_already_is_a_conflict() -> None:
    campaign("SPRING-10")
    assert problem(post(staff("admin"), CODES, TEN)) == (409, "code_taken", ["code"])
    assert DiscountCampaign.objects.count() == 1


def test_a_code_is_changed_and_its_terms_for_all_codes() -> None:
    admin = staff("admin")
    campaign("ONE", "TWO")
    one, two = f"{CODES}/{code_of('ONE').pk}", f"{CODES}/{code_of('TWO').pk}"
    changed = patch(admin, one, {"active": False, "limit": 7, "percent": "12.5"}, if_match='"1"')
    body = changed.json()
    assert (body["active"], body["limit"], body["percent"], body["version"]) == (False, 7, "12.5", 2)
    other = get(admin, two).json()
    assert (other["active"], other["limit"], other["percent"], other["campaign_active"]) == (True, None, "12.5", True)
    assert patch(admin, one, {"limit": None}).json()["limit"] is None
    stale = patch(admin, two, {"percent": "50"}, if_match='"1"')
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    assert patch(admin, two, {"active": False}, if_match='"1"').status_code == 412
    assert get(admin, two).json()["percent"] == "12.5"


def test_a_refused_change_of_both_keeps_neither() -> None:
    buyable("MUG")
    campaign()
    use(place(), "SPRING")
    use(place(), "SPRING")
    answer = patch(staff("admin"), f"{CODES}/{code_of().pk}", {"percent": "50", "limit": 1})
    assert problem(answer) == (400, "invalid", ["limit"])
    assert (code_of().limit, code_of().campaign.percent) == (None, 10)


def test_a_used_code_is_not_deleted_and_a_new_one_is() -> None:
    buyable("MUG")
    admin = staff("admin")
    campaign("ONE", "TWO")
    use(place(), "ONE")
    refused = delete(admin, f"{CODES}/{code_of('ONE').pk}")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_allowed_now")
    assert delete(admin, f"{CODES}/{code_of('TWO').pk}").status_code == 204
    assert list(DiscountCode.objects.values_list("code", flat=True)) == ["ONE"]
    assert get(admin, f"{CODES}/0").status_code == 404


def test_codes_and_campaigns_are_found() -> None:
    admin = staff("admin")
    spring, autumn = campaign("SPRING-1", "SPRING-2"), campaign("AUTUMN", name="Falling leaves", active=False)
    patch(admin, f"{CODES}/{code_of('SPRING-1').pk}", {"active": False})

    def found(query: str) -> list[str]:
        return [row["code"] for row in get(admin, f"{CODES}?{query}").json()["results"]]

    assert found("") == ["AUTUMN", "SPRING-2", "SPRING-1"]
    assert (found("code=autumn"), found("code=spring"), found("q=spring-")) == (
        ["AUTUMN"],
        [],
        ["SPRING-2", "SPRING-1"],
    )
    assert (found("q=leaves"), found(f"campaign={spring.pk}&active=false")) == (["AUTUMN"], ["SPRING-1"])
    campaigns = get(admin, f"{CAMPAIGNS}?active=false").json()["results"]
    assert [row["id"] for row in campaigns] == [autumn.pk]
    assert get(admin, f"{CODES}?colour=red").status_code == 400


def test_a_campaign_is_changed_at_its_version() -> None:
    admin, spring = staff("admin"), campaign()
    path = f"{CAMPAIGNS}/{spring.pk}"
    assert patch(admin, path, {"active": False}, if_match='"1"').json()["version"] == 2
    assert patch(admin, path, {"active": True}, if_match='"1"').status_code == 412
    assert get(admin, path).json()["active"] is False
    assert (get(admin, f"{CAMPAIGNS}/0").status_code, patch(admin, f"{CAMPAIGNS}/0", {}).status_code) == (404, 404)


@pytest.mark.parametrize("role", [None, "customer", "warehouse", "customer_service"])
def test_codes_are_the_admins(role: str | None) -> None:
    spring = campaign()
    caller, status = (staff(role), 403) if role else (APIClient(), 401)
    code = f"{CODES}/{code_of().pk}"
    answers = [
        get(caller, CODES), post(caller, CODES, TEN), get(caller, code), patch(caller, code, {"active": False}),
        delete(caller, code), get(caller, CAMPAIGNS), post(caller, CAMPAIGNS, {"name": "X", "kind": "free_shipping"}),
        post(caller, f"{CAMPAIGNS}/{spring.pk}/codes", {"count": 1}),
    ]  # fmt: skip
    assert {answer.status_code for answer in answers} == {status}
    assert (DiscountCode.objects.count(), code_of().active) == (1, True)


def test_a_page_costs_the_same_however_long_it_is() -> None:
    admin, counts = staff("admin"), []
    for number in range(3):
        campaign(f"CODE-{number}", name=str(number))
        with CaptureQueriesContext(connection) as queries:
            get(admin, CODES)
        counts.append(len(queries))
    assert len(set(counts)) == 1
    assert counts[0] <= 4


def test_answers_and_examples_are_as_the_document_says(document: dict[str, Any]) -> None:
    admin, spring = staff("admin"), campaign(currency="EUR")
    for path, name in ((f"{CODES}/{code_of().pk}", "DiscountCodeBody"), (f"{CAMPAIGNS}/{spring.pk}", "CampaignBody")):
        assert differences(document, name, get(admin, path).json()) == []
    found = [
        (f"{method} {path}", operation)
        for path, methods in document["paths"].items()
        if path.startswith((f"/api/v1/{CODES}", f"/api/v1/{CAMPAIGNS}"))
        for method, operation in methods.items()
    ]
    assert len(found) == 10
    for name, operation in found:
        assert operation["summary"], name
        for content in bodies(operation):
            assert content.get("examples"), name
            for example in content["examples"].values():
                assert fits(document, content["schema"], example["value"]), (name, example)
