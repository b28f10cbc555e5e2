"""A customer who leaves traces everywhere, and a look into every table for what is left of them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile
from django.db import connection
from rest_framework.test import APIClient

from accounts.models import User
from accounts.services import verification_key
from accounts.tests.factories import UserFactory, client_for
from audit.models import Delivery
from audit.relay import deliver, fan_out
from catalog.models import Product
from notifications.services import send_due
from orders.models import TaxExemption
from orders.tests.factories import TESTS, buyable
from orders.tests.http import call, get, patch, post
from payments.gift_cards.services import Terms, issue_gift_card

EMAIL, PASSWORD = "zelda.canary@example.com", "a-long-and-unusual-one"
# Each of them stands somewhere below in what the customer, or somebody about them, wrote.
CANARIES = (
    *("zelda", "canary", "quetzalcoatl", "moonlight lane", "sunflower court", "+49 30 5550199", "flat 77b"),
    *("xanadu", "typed-as-a-note", "typed-as-a-reason", "typed-by-staff", "de987654321", "98765-9"),
)
ADDRESS = {
    "first_name": "Zelda",
    "last_name": "Quetzalcoatl",
    "company": "Canary Works",
    "line1": "1 Moonlight Lane",
    "line2": "Flat 77B",
    "city": "Xanadu",
    "region": "Bavaria",
    "postal_code": "98765-9",
    "country": "DE",
    "phone": "+49 30 5550199",
}
TEXTS = (
    *(
        "text",
        "character varying",
        "character",
        "json",
        "jsonb",
        "ARRAY",
        "USER-DEFINED",
        "bytea",
        "xml",
        "inet",
        "name",
    ),
)


@dataclass(slots=True)
class Shop:
    """Who works there, and who buys."""

    customer: APIClient
    desk: APIClient
    warehouse: APIClient
    user: User


def ok(response: Any) -> Any:
    assert response.status_code < 300, response.content
    return response.json() if response.content else None


def customer_with_traces() -> Shop:
    """By the front door: registered, verified, addresses changed, orders in every stage that is an end."""
    if not Product.objects.exists():
        buyable("MUG", quantity=50)
        buyable("JAR", quantity=0)
    guest = APIClient()
    ok(
        post(
            guest,
            "auth/register",
            {"email": EMAIL, "password": PASSWORD, "first_name": "Zelda", "last_name": "Quetzalcoatl"},
        )
    )
    user = User.objects.get(email=EMAIL)
    deliver_all()
    ok(post(guest, "auth/verify-email", {"key": verification_key(user.pk)}))
    tokens = ok(post(guest, "auth/token", {"email": EMAIL, "password": PASSWORD}))
    customer = APIClient()
    customer.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens['access']}")
    shop = Shop(customer, client_for(UserFactory(admin=True)), client_for(UserFactory(warehouse=True)), user)
    ok(patch(customer, "me", {"first_name": "Zelda the Canary"}))
    _live_somewhere(shop)
    _hold_an_exemption(user)
    _buy(shop)
    _wish(shop)
    deliver_all()
    send_due()
    return shop


def _live_somewhere(shop: Shop) -> None:
    first = ok(post(shop.customer, "me/addresses", ADDRESS))
    ok(patch(shop.customer, f"me/addresses/{first['id']}", {"line1": "2 Sunflower Court"}))
    second = ok(post(shop.customer, "me/addresses", ADDRESS))
    call(shop.customer, "DELETE", f"me/addresses/{second['id']}")


def _hold_an_exemption(user: User) -> None:
    held = TaxExemption(user=user, kind="certificate", number="DE987654321", country="DE", note="Zelda's paper")
    held.valid_from = date(2026, 1, 1)
    held.certificate.save("canary.pdf", ContentFile(b"%PDF-1.7 canary"), save=True)


def _wish(shop: Shop) -> None:
    ok(post(shop.customer, "stock-requests", {"sku": "JAR"}))
    ok(post(APIClient(), "stock-requests", {"sku": "JAR", "email": EMAIL}))


def cart(client: APIClient, **more: Any) -> Any:
    body = {
        "items": [{"sku": "MUG", "quantity": 2}],
        "email": EMAIL,
        "shipping_address": ADDRESS,
        "billing_address": ADDRESS,
    }
    return ok(post(client, "carts", body | more))


def place(client: APIClient, **headers: str) -> Any:
    mine = cart(client)
    if "token" in mine:
        headers["x_cart_token"] = mine["token"]
    return ok(post(client, "orders", {"cart": mine["id"]}, **headers))


def delivered(shop: Shop, order: Any) -> None:
    number = order["number"]
    ok(post(shop.desk, f"orders/{number}/payments", {"provider": "manual", "note": "typed-by-staff"}))
    parcel = ok(post(shop.warehouse, f"orders/{number}/shipments", {}))["number"]
    ok(post(shop.warehouse, f"shipments/{parcel}/ship", {"carrier": "DHL", "tracking_number": "JD1"}))
    ok(post(shop.warehouse, f"shipments/{parcel}/deliver", {}))


def _buy(shop: Shop) -> None:
    cart(shop.customer)  # one that is never placed
    delivered(shop, place(shop.customer))
    returned = place(shop.customer)
    ok(
        patch(
            shop.customer, f"orders/{returned['number']}", {"shipping_address": ADDRESS | {"line1": "3 Moonlight Lane"}}
        )
    )
    delivered(shop, returned)
    wish = {
        "lines": [{"line": returned["lines"][0]["id"], "quantity": 1, "reason": "damaged"}],
        "note": "typed-as-a-note",
    }
    back = ok(post(shop.customer, f"orders/{returned['number']}/returns", wish))["number"]
    ok(post(shop.desk, f"returns/{back}/approve", {}))
    arrival = {"line": returned["lines"][0]["id"], "quantity": 1, "condition": "damaged", "restock": False}
    ok(post(shop.warehouse, f"returns/{back}/receive", {"lines": [arrival]}))
    cancelled = place(shop.customer)
    ok(post(shop.desk, f"orders/{cancelled['number']}/payments", {"provider": "manual"}))
    ok(post(shop.desk, f"orders/{cancelled['number']}/holds", {"kind": "customer_request", "note": "typed-by-staff"}))
    ok(post(shop.customer, f"orders/{cancelled['number']}/cancel", {"reason": "typed-as-a-reason"}))
    delivered(shop, place(APIClient()))  # as a guest, under the same address
    issue_gift_card(
        currency="EUR", amount=Decimal(10), terms=Terms(recipient_email=EMAIL, note="typed-by-staff"), by=TESTS
    )


def deliver_all() -> None:
    """Let every fact reach its handlers, as the relay and the workers do."""
    while fan_out() or Delivery.objects.filter(state="pending").exists():
        for pk in Delivery.objects.filter(state="pending").values_list("pk", flat=True):
            deliver(pk)
        assert not Delivery.objects.exclude(last_error="").exists()


def places_of(words: tuple[str, ...]) -> set[str]:
    """`table.column: word` for every column of every table of the database in which one of the words stands."""
    columns = """
        SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c
        JOIN information_schema.tables t USING (table_schema, table_name)
        WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.data_type = ANY(%s)
    """
    found: set[str] = set()
    with connection.cursor() as cursor:
        cursor.execute(columns, [list(TEXTS)])
        for table, column, kind in cursor.fetchall():
            text = f"encode(\"{column}\", 'escape')" if kind == "bytea" else f'"{column}"::text'
            hits = ", ".join(f"bool_or(position(%s IN lower({text})) > 0)" for _ in words)
            cursor.execute(f'SELECT {hits} FROM "{table}"', list(words))
            found |= {f"{table}.{column}: {word}" for word, hit in zip(words, cursor.fetchone(), strict=True) if hit}
    return found


def reports(desk: APIClient) -> list[Any]:
    """What the shop says about its sales and its money, and every amount of every order and payment."""
    names = ("sales", "average-order-value", "top-products", "fulfilment", "gift-card-liability")
    said: list[Any] = [ok(get(desk, f"reports/{name}"))["rows"] for name in names]
    for table, columns in BOOKS.items():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {columns} FROM {table} ORDER BY id")
            said.append(cursor.fetchall())
    return said


BOOKS = {
    "orders_order": "id, number, status, subtotal, discount_total, shipping_total, tax_total, total, captured_total, refunded_total",
    "orders_orderline": "*",
    "orders_taxline": "*",
    "payments_payment": "id, provider, status, amount, authorized, captured, refunding, refunded, provider_reference",
    "payments_refund": "id, payment_id, amount, status, cause, provider_reference",
    "payments_refundline": "*",
    "payments_giftcardentry": "id, card_id, kind, amount",
    "inventory_stockmovement": "*",
}
