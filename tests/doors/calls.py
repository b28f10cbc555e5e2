"""For each operation a call that works: whose ids, which body, and who may send it."""

from dataclasses import dataclass, field
from typing import Any

from accounts.services import log_in, password_reset_key, verification_key
from accounts.tests.factories import PASSWORD
from tests.doors.document import Operation
from tests.doors.shop import SKUS, SOLD_OUT, Party, Shop

OWNER, GUEST = "owner", "guest"
NEW_PASSWORD = "another-long-one-27"
TERMS = {"name": "Spring", "kind": "percent", "percent": "10", "currency": "EUR"}
PAGE = {"subject": "We have it", "text": "Thank you.\n", "html": "<p>Thank you.</p>\n"}
SERVICE, WAREHOUSE, ADMIN = "customer_service", "warehouse", "admin"


@dataclass(frozen=True)
class Call:
    """A body, with ids that differ from `values_for`; `by` is the owner, a guest or a role of staff."""

    body: Any = None
    by: str = OWNER
    values: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


def values_for(operation: Operation, who: Party, shop: Shop) -> dict[str, Any]:
    """The owner's ids, or the shop's, for each path parameter; what is unknown gets a placeholder."""
    known = {
        "cart_id": "cart",
        "item_id": "item",
        "hold_id": "hold",
        "request_id": "wish",
        "payment_id": "payment paid",
        "orders/number": "cancelled" if operation.name == "orders_timeline" else "approved",
        "shipments/number": "package shipped",
        "returns/number": "return requested",
        "unit_id": "unit",
        "return-photos/token": "photo",
        "addresses/id": "address",
        "sessions/id": "session",
        "key": "approved",
    }
    ids = shop.ids | {name: who.ids[thing] for name, thing in known.items() if thing in who.ids}
    segments = operation.path.split("/")
    values = operation.placeholders()
    for name in values:
        collection = segments[segments.index(f"{{{name}}}") - 1]
        values[name] = ids.get(f"{collection}/{name}", ids.get(name, values[name]))
    return values


def calls(who: Party, shop: Shop) -> dict[str, Call]:
    """By the name of the operation."""
    made = of_carts(who, shop) | of_orders(who) | of_fulfilment(who) | of_the_catalogue(shop) | of_money(who, shop)
    return made | of_the_shop(shop) | of_pick_lists(shop) | (of_people(who) if who.user else {})


def of_carts(who: Party, shop: Shop) -> dict[str, Call]:
    items = [{"sku": sku, "quantity": 1} for sku in SKUS]
    guest = shop.parties.get("gil", who)
    return {
        "carts_open": Call({"items": items, "email": who.email, "shipping_address": who.address}),
        "carts_change": Call({"shipping_address": who.address, "billing_address": who.address, "email": who.email}),
        "carts_items_add": Call(items[1]),
        "carts_items_change": Call({"quantity": 3}),
        "carts_items_remove": Call(),
        "stock_requests_create": Call({"sku": SOLD_OUT[1]} | ({} if who.user else {"email": who.email})),
        "stock_requests_destroy": Call(),
        "carts_merge": Call(values={"cart_id": guest.ids["cart"]}, headers={"X-Cart-Token": guest.cart_token}),
    }


def of_orders(who: Party) -> dict[str, Call]:
    unit = {"quantity": 1}
    pending, held, delivered = ({"number": who.ids[stage]} for stage in ("pending", "held", "delivered"))
    return {
        "orders_place": Call({"cart": who.ids["cart"]}),
        "orders_change": Call({"shipping_address": who.address}, values=pending),
        "orders_cancel": Call({"reason": "Too many", "lines": [unit | {"line": who.lines["pending"]}]}, values=pending),
        "orders_edit": Call({"lines": [{"line": who.lines["pending"], "quantity": 2}]}, values=pending),
        "orders_holds_place": Call({"kind": "address", "note": "No house number."}, SERVICE, pending),
        "orders_holds_release": Call(None, SERVICE, held),
        "orders_payments_create": Call({"provider": "manual", "note": "Cash"}, SERVICE, pending),
        "orders_returns_request": Call(
            {"lines": [unit | {"line": who.lines["delivered"], "reason": "damaged"}], "note": "Broken."},
            values=delivered,
        ),
    }


def of_fulfilment(who: Party) -> dict[str, Call]:
    line = who.lines["approved"]
    return {
        "orders_shipments_pack": Call(
            {"lines": [{"line": who.lines["paid"], "quantity": 1}]}, WAREHOUSE, {"number": who.ids["paid"]}
        ),
        "shipments_ship": Call(
            {"carrier": "DHL", "tracking_number": "T9"}, WAREHOUSE, {"number": who.ids["package packed"]}
        ),
        "shipments_deliver": Call({}, WAREHOUSE),
        "shipments_lose": Call({"note": "Gone"}, SERVICE),
        "shipments_returned_to_sender": Call({}, WAREHOUSE),
        "shipments_cancel": Call({}, WAREHOUSE, {"number": who.ids["package packed"]}),
        "returns_approve": Call({}, SERVICE),
        "returns_reject": Call({"reason": "Too late"}, SERVICE),
        "returns_receive": Call(
            {"lines": [{"line": line, "quantity": 1, "condition": "damaged", "restock": False}]},
            WAREHOUSE,
            {"number": who.ids["return approved"]},
        ),
        "returns_exchange": Call(
            {"lines": [{"line": who.lines["received"], "quantity": 1}]}, SERVICE, {"number": who.ids["return received"]}
        ),
        "returns_units_restock": Call({}, WAREHOUSE, {"number": who.ids["return received"]}),
        "returns_units_write_off": Call({"disposition": "scrap"}, WAREHOUSE, {"number": who.ids["return received"]}),
    }


def of_the_catalogue(shop: Shop) -> dict[str, Call]:
    product = {"name": "Jug", "price": "12.50", "currency": "EUR", "options": {"colour": "blue"}, "published": True}
    rule = {"name": "Sale", "kind": "percent", "percent": "10", "skus": ["MUG"]}
    return {
        "products_create": Call(product | {"sku": "JUG"}, ADMIN),
        "products_partial_update": Call({"price": "9.00", "sale_price": "8.00"}, ADMIN),
        "products_destroy": Call(None, ADMIN),
        "products_bulk_create": Call({"items": [product | {"sku": "JUG"}]}, ADMIN),
        "products_images_partial_update": Call({"alt": "Side", "position": 2}, ADMIN),
        "products_images_destroy": Call(None, ADMIN),
        "categories_create": Call({"name": "Jugs", "slug": "jugs", "parent": "mugs"}, ADMIN),
        "categories_partial_update": Call({"name": "Cups"}, ADMIN),
        "categories_destroy": Call(None, ADMIN),
        "discount_rules_create": Call(rule, ADMIN),
        "discount_rules_partial_update": Call({"percent": "15"}, ADMIN),
        "discount_rules_destroy": Call(None, ADMIN),
    }


def of_pick_lists(shop: Shop) -> dict[str, Call]:
    return {
        "pick_lists_make": Call({"warehouse": shop.ids["shelf"], "orders": 1}, WAREHOUSE),
        "pick_lists_pick": Call({"code": "MUG"}, WAREHOUSE),
        "pick_lists_short": Call({"task": shop.ids["task"], "quantity": 1, "reason": "missing"}, WAREHOUSE),
        "pick_lists_finish": Call({}, WAREHOUSE),
        "pick_lists_cancel": Call({}, WAREHOUSE),
    }


def of_money(who: Party, shop: Shop) -> dict[str, Call]:
    refund = {"lines": [{"line": who.lines["paid"], "quantity": 1}], "shipping": False, "reason": "Scratched"}
    return {
        "payments_refunds_create": Call(refund, SERVICE),
        "gift_cards_create": Call({"currency": "EUR", "amount": "50.00", "note": "Prize"}, ADMIN),
        "gift_cards_change": Call({"note": "Lost"}, ADMIN),
        "gift_cards_delete": Call(None, ADMIN),
        "gift_cards_balance": Call({"code": shop.ids["card code"]}, GUEST),
        "exceptions_assign": Call({"owner": None}, SERVICE),
        "exceptions_snooze": Call({"until": "2090-03-06T08:00:00Z"}, SERVICE),
        "exceptions_resolve": Call({"note": "Done."}, SERVICE),
        "money_cases_resolve": Call({"resolution": "Done."}, SERVICE),
        "discount_codes_create": Call(TERMS | {"code": "SUMMER"}, ADMIN),
        "discount_codes_change": Call({"percent": "15"}, ADMIN),
        "discount_codes_delete": Call(None, ADMIN),
        "discount_campaigns_create": Call(TERMS, ADMIN),
        "discount_campaigns_change": Call({"percent": "15"}, ADMIN),
        "discount_campaigns_make_codes": Call({"count": 1, "prefix": "S-"}, ADMIN),
    }


def of_the_shop(shop: Shop) -> dict[str, Call]:
    goods = {"sku": "MUG"}
    return {
        "warehouses_create": Call({"code": "W9", "name": "Nine"}, ADMIN),
        "warehouses_partial_update": Call({"name": "Another"}, ADMIN),
        "warehouses_destroy": Call(None, ADMIN),
        "stock_adjustments_create": Call(
            goods | {"warehouse": shop.ids["shelf"], "delta": 3, "reason": "received"}, WAREHOUSE
        ),
        "stock_transfers_create": Call(
            goods | {"from_warehouse": shop.ids["shelf"], "to_warehouse": shop.ids["code"], "quantity": 1}, WAREHOUSE
        ),
        "stock_transfers_receive": Call({}, WAREHOUSE),
        "stock_transfers_cancel": Call(None, WAREHOUSE),
        "stock_backorders_update": Call({"limit": 5, "expected_on": "2031-05-01"}, WAREHOUSE),
        "stock_bin_update": Call({"warehouse": shop.ids["shelf"], "bin": "A-1"}, WAREHOUSE),
        "stock_reorder_point_update": Call({"warehouse": shop.ids["shelf"], "reorder_point": 3}, WAREHOUSE),
        "stock_safety_update": Call({"warehouse": shop.ids["shelf"], "safety": 2}, WAREHOUSE),
        "notification_templates_create": Call(PAGE | {"kind": "order_paid", "language": "de"}, ADMIN),
        "notification_templates_change": Call({"subject": "Here it comes"}, ADMIN),
        "notification_templates_delete": Call(None, ADMIN),
        "notification_templates_preview": Call({"subject": "Here it comes"}, ADMIN),
        "notification_templates_send_test": Call(None, ADMIN),
        "partners_create": Call({"name": "Gamma"}, ADMIN),
        "partners_partial_update": Call({"name": "Delta"}, ADMIN),
        "partners_destroy": Call(None, ADMIN),
        "partners_tokens_create": Call({"scopes": ["orders:read"]}, ADMIN),
        "partners_tokens_destroy": Call(None, ADMIN),
        "partners_tokens_rotate": Call({}, ADMIN),
        "reconciliation_runs_create": Call({"provider": "stripe"}, ADMIN),
        "wms_runs_create": Call({"link": "main"}, WAREHOUSE),
    }


def of_people(who: Party) -> dict[str, Call]:
    assert who.user is not None
    refresh, key = log_in(email=who.email, password=PASSWORD), {"key": verification_key(who.user.pk)}
    token = {"refresh": getattr(refresh, "refresh", "")}
    return {
        "me_partial_update": Call({"first_name": "Augusta"}),
        "me_addresses_create": Call(who.address),
        "me_addresses_partial_update": Call({"city": "Paris"}),
        "me_addresses_destroy": Call(),
        "me_sessions_destroy": Call(),
        "auth_password_change_create": Call({"current_password": PASSWORD, "new_password": NEW_PASSWORD}),
        "auth_register_create": Call({"email": "new@example.com", "password": NEW_PASSWORD}, GUEST),
        "auth_token_create": Call({"email": who.email, "password": PASSWORD}, GUEST),
        "auth_token_refresh_create": Call(token, GUEST),
        "auth_token_revoke_create": Call(token, GUEST),
        "auth_verify_email_create": Call(key, GUEST),
        "auth_password_reset_create": Call({"email": who.email}, GUEST),
        "auth_password_reset_confirm_create": Call(
            {"key": password_reset_key(who.user.pk), "password": NEW_PASSWORD}, GUEST
        ),
    }
