"""A shop with several owners of things, each with a mark of their own in whatever is personal about them."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from rest_framework.test import APIClient

from accounts import roles
from accounts.models import Partner, RefreshFamily, User
from accounts.tests.factories import PartnerFactory, SessionFactory, UserFactory, partner_client
from accounts.tokens import access_for
from audit.exceptions.services import Subject, raise_case
from audit.verbs import act_as
from catalog.tests.factories import picture
from inventory.models import Warehouse
from inventory.wms.models import WmsRun
from orders.tests.factories import TESTS, buyable
from orders.tests.http import post
from payments.services.cases import open_case
from payments.states import CaseKind

SKUS = ("MUG", "BOWL")
SOLD_OUT = ("JAR", "LID")
STAGES = ("pending", "cancelled", "held", "paid", "packed", "shipped", "delivered", "requested", "approved", "received")


@dataclass
class Party:
    """Somebody with orders. `ids` are those of their things, by what the tests call them."""

    mark: str
    kind: str
    client: APIClient
    user: User | None = None
    partner: Partner | None = None
    ids: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    cart_token: str = ""
    order_tokens: dict[str, str] = field(default_factory=dict)

    def headers(self, number: str = "") -> dict[str, str]:
        """What a guest shows: the tokens of their cart and of the order, or of their first one."""
        if self.kind != "guest":
            return {}
        order = self.order_tokens.get(number) or next(iter(self.order_tokens.values()), "")
        return {"X-Cart-Token": self.cart_token} | ({"X-Order-Token": order} if order else {})

    @property
    def address(self) -> dict[str, str]:
        names = ("first_name", "last_name", "company", "line1", "line2", "city", "region", "phone")
        return {name: f"{self.mark}{name[:9]}" for name in names} | {"postal_code": "10115", "country": "DE"}

    @property
    def email(self) -> str:
        return f"{self.mark}@example.com"


@dataclass
class Shop:
    """The parties by name, the staff by role, and the ids of what is the shop's own."""

    parties: dict[str, Party]
    staff: dict[str, APIClient]
    ids: dict[str, Any] = field(default_factory=dict)


def a_shop() -> Shop:
    """Two customers, two partners and two guests with the same things each: an order at every stage, and more."""
    for sku in SKUS:
        buyable(sku, quantity=1000)
    for sku in SOLD_OUT:
        buyable(sku, quantity=0)
    shop = Shop(
        {}, {role: lasting_client(UserFactory.create(role=role, email=f"{role}@staff.example")) for role in roles.STAFF}
    )
    for name, kind in (
        *(("ada", "customer"), ("eve", "customer")),
        *(("alpha", "partner"), ("beta", "partner")),
        *(("gus", "guest"), ("gil", "guest")),
    ):
        shop.parties[name] = settle_in(shop, party(f"zq{name}qz", kind))
    shop.ids = {"sku": "MUG", "documents": "orders", "kind": "order_paid", "slug": "mugs"} | furnish(shop)
    return shop


def furnish(shop: Shop) -> dict[str, Any]:
    """One of each thing of the shop's own; its id by the parameter of its address."""
    admin = shop.staff["admin"]

    def new(path: str, body: Any) -> dict[str, Any]:
        return done(post(admin, path, body))

    new("categories", {"name": "Mugs", "slug": "mugs"})
    picture_file = {"file": SimpleUploadedFile("mug.png", picture())}
    card = new("gift-cards", {"currency": "EUR", "amount": "50.00"})
    partner = new("partners", {"name": "Omega"})["id"]
    terms = {"name": "Winter", "kind": "percent", "percent": "5", "currency": "EUR"}
    with transaction.atomic():
        act_as(TESTS)
        case = open_case(kind=CaseKind.OVERPAID, about="it", detail="Detail.")
        exception = raise_case(kind="late_to_ship", subject=Subject("orders.order", "1", "W1"), by=TESTS)
    run = WmsRun.objects.create(link="main", kind="changes", started_by="tests")
    shelf = Warehouse.objects.get().code
    away = new("warehouses", {"code": "W8", "name": "Eight"})["code"]
    sent = {"from_warehouse": shelf, "to_warehouse": away, "sku": "MUG", "quantity": 1, "in_transit": True}
    walk = new("pick-lists", {"warehouse": shelf, "orders": 2})
    return {
        "pick-lists/number": walk["number"],
        "task": walk["tasks"][0]["id"],
        "wms_run_id": run.pk,
        "shelf": shelf,
        "transfers/number": new("stock/transfers", sent)["transfer"]["number"],
        "code": new("warehouses", {"code": "W7", "name": "Seven"})["code"],
        "image_id": done(admin.post("/api/v1/products/MUG/images", picture_file, format="multipart"))["id"],
        "card_id": card["id"],
        "card code": card["code"],
        "partner_id": partner,
        "partners/id": partner,
        "token_id": new(f"partners/{partner}/tokens", {"scopes": ["orders:read"]})["id"],
        "rule_id": new("discount-rules", terms | {"skus": ["MUG"], "active": False})["id"],
        "campaign_id": new("discount-campaigns", terms)["id"],
        "code_id": new("discount-codes", terms | {"code": "WINTER"})["id"],
        "case_id": case.pk,
        "exceptions/case_id": exception.pk,
    }


def lasting_client(user: User) -> APIClient:
    """A client whose access token outlives a slow walk: what has expired would be refused for that alone."""
    token, client = access_for(user, SessionFactory.create(user=user).pk), APIClient()
    token.set_exp(lifetime=timedelta(days=1))
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def party(mark: str, kind: str) -> Party:
    if kind == "customer":
        user = UserFactory.create(email=f"{mark}@example.com", first_name=f"{mark}first", last_name=f"{mark}last")
        return Party(mark, kind, lasting_client(user), user=user)
    if kind == "partner":
        partner = PartnerFactory.create(name=f"{mark}name")
        return Party(mark, kind, partner_client(partner), partner=partner)
    return Party(mark, kind, APIClient())


def settle_in(shop: Shop, who: Party) -> Party:
    """Their cart, and an order at each stage."""
    if who.user:
        who.ids["address"] = done(post(who.client, "me/addresses", who.address))["id"]
        who.ids["wish"] = done(post(who.client, "stock-requests", {"sku": SOLD_OUT[0]}))["id"]
        who.ids["session"] = RefreshFamily.objects.get(user=who.user).pk
    for stage in STAGES:
        bring(shop, who, place(who, stage), stage)
    cart = open_cart(who)
    who.ids |= {"cart": cart["id"], "item": cart["items"][0]["id"]}
    who.cart_token = cart.get("token", "")
    return who


def open_cart(who: Party) -> dict[str, Any]:
    body = {
        "items": [{"sku": sku, "quantity": 2} for sku in SKUS],
        "email": who.email,
        "shipping_address": who.address,
        "billing_address": who.address,
    }
    return done(post(who.client, "carts", body))


def place(who: Party, stage: str) -> str:
    """The number of a new order of theirs."""
    cart = open_cart(who)
    token = {"x_cart_token": cart["token"]} if "token" in cart else {}
    if who.partner:
        body: dict[str, Any] = {"lines": [{"sku": sku, "quantity": 2} for sku in SKUS], "email": who.email}
        body |= {"shipping_address": who.address, "reference": f"{who.mark}-{stage}"}
        order = done(post(who.client, "orders", body))
    else:
        order = done(post(who.client, "orders", {"cart": cart["id"]}, **token))
    who.ids[stage] = order["number"]
    who.lines[stage] = order["lines"][0]["id"]
    if "token" in order:
        who.order_tokens[order["number"]] = order["token"]
    return str(order["number"])


def bring(shop: Shop, who: Party, number: str, stage: str) -> None:
    """Bring an order of theirs to its stage, by the hands of staff."""
    service, warehouse = shop.staff["customer_service"], shop.staff["warehouse"]
    if stage == "held":
        hold = done(post(service, f"orders/{number}/holds", {"kind": "address", "note": f"{who.mark}hold"}))
        who.ids["hold"] = hold["id"]
    if stage == "cancelled":
        headers = {"x_order_token": who.order_tokens[number]} if number in who.order_tokens else {}
        done(post(who.client, f"orders/{number}/cancel", {"reason": f"{who.mark}reason"}, **headers))
    if stage in {"pending", "held", "cancelled"}:
        return
    money = {"provider": "manual", "note": f"{who.mark}paid"}
    who.ids[f"payment {stage}"] = done(post(service, f"orders/{number}/payments", money))["id"]
    if stage == "paid":
        return
    package = done(post(warehouse, f"orders/{number}/shipments", {}))["number"]
    who.ids[f"package {stage}"] = package
    if stage == "packed":
        return
    done(post(warehouse, f"shipments/{package}/ship", {"carrier": "DHL", "tracking_number": f"{who.mark}track"}))
    if stage == "shipped":
        return
    done(post(warehouse, f"shipments/{package}/deliver", {}))
    if stage != "delivered":
        send_back(shop, who, number, stage)


def send_back(shop: Shop, who: Party, number: str, stage: str) -> None:
    service = shop.staff["customer_service"]
    asked = {"lines": [{"line": who.lines[stage], "quantity": 1, "reason": "damaged"}], "note": f"{who.mark}return"}
    number = done(post(service, f"orders/{number}/returns", asked))["number"]
    who.ids[f"return {stage}"] = number
    if stage in {"approved", "received"}:
        done(post(service, f"returns/{number}/approve", {}))
    if stage == "received":
        came = {"line": who.lines[stage], "quantity": 1, "condition": "opened", "restock": False}
        ret = done(post(service, f"returns/{number}/receive", {"lines": [came]}))
        who.ids["unit"] = ret["lines"][0]["units"][0]["id"]
        photo = {"file": SimpleUploadedFile("unit.png", picture())}
        path = f"/api/v1/returns/{number}/units/{who.ids['unit']}/photo"
        ret = done(service.post(path, photo, format="multipart"))
        who.ids["photo"] = ret["lines"][0]["units"][0]["photo"].rpartition("/")[2]


def done(answer: Any) -> dict[str, Any]:
    assert answer.status_code in {200, 201, 202, 204}, (answer.status_code, answer.content)
    return dict(answer.json()) if answer.content else {}
