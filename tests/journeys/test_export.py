"""The copy a person gets holds what every app holds about them, and opens nothing."""

import io
import json
import zipfile
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import RefreshToken
from accounts.personal_data.services import make_exports
from orders.tests.http import get, post
from payments.models import GiftCard
from tests.journeys.personal_data import Shop, customer_with_traces, ok

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


def fetch(shop: Shop) -> zipfile.ZipFile:
    assert post(shop.customer, "me/export").status_code == 202
    assert make_exports() == 1
    url = ok(get(shop.customer, "me/export"))["url"]
    return zipfile.ZipFile(io.BytesIO(b"".join(APIClient().get(url).streaming_content)))


def test_a_copy_is_whole_and_without_secrets() -> None:
    shop = customer_with_traces()
    with fetch(shop) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    papers = [name for name in found if name.startswith("tax-exemptions/")]
    assert [found[name] for name in papers] == [b"%PDF-1.7 canary"]
    data = {name: json.loads(text) for name, text in found.items() if name.endswith(".json")}
    orders = data["orders.json"]
    assert sorted(order["status"] for order in orders) == ["cancelled", "delivered", "delivered", "delivered"]
    returned = next(order for order in orders if order["returns"])
    assert (returned["shipping_address"]["line1"], returned["returns"][0]["note"]) == (
        "3 Moonlight Lane",
        "typed-as-a-note",
    )
    assert len(data["payments.json"]) == 4
    assert [payment["refunded"] for payment in data["payments.json"]].count("0.00") == 3
    assert (len(data["carts.json"]), len(data["gift-cards.json"]), len(data["addresses.json"])) == (5, 1, 1)
    assert [row["email"] for row in data["stock-requests.json"]] == ["", shop.user.email]
    assert data["tax-exemptions.json"][0]["number"] == "DE987654321"
    assert {message["kind"] for message in data["messages.json"]} >= {"verify_email", "order_placed", "gift_card"}
    names = [change["first_name"] for change in data["history.json"]["profile"]]
    assert (names[0], names[-1]) == ("Zelda", "Zelda the Canary")
    assert {change["actor"] for change in data["history.json"]["addresses"]} == {"you"}

    text = b"".join(found.values()).decode()
    card = GiftCard.objects.get()
    shop.user.refresh_from_db()
    secrets = [shop.user.password, card.seed, card.code_hash, *RefreshToken.objects.values_list("digest", flat=True)]
    assert [secret for secret in secrets if secret in text] == []
    assert "typed-by-staff" not in text
