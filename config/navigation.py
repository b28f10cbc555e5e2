"""The sidebar of the back office: what a person does, grouped as they think of it, with live counts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

from orders.back_office.queues import Counts, counts


@dataclass(frozen=True, slots=True)
class Item:
    """A link to the list of a model (`app.model`), perhaps to one queue of it, with the count of that name; or to a
    `page` of its own, for those who may see the model.
    """

    title: str
    icon: str
    model: str
    query: str = ""
    badge: str = ""
    alarm: bool = False
    page: str = ""  # the name of a page of its own, shown to whoever may see the model


GROUPS: dict[str, tuple[Item, ...]] = {
    "Work": (
        Item("To pay", "payments", "orders.order", "queue=to_pay", "to_pay"),
        Item("To pack", "inventory_2", "orders.order", "queue=to_pack", "to_pack"),
        Item("To ship", "local_shipping", "orders.order", "queue=to_ship", "to_ship"),
        Item("Bench", "barcode_scanner", "orders.picklist", page="orders_bench"),
        Item("Pick lists", "checklist", "orders.picklist"),
        Item("Ship packages", "conveyor_belt", "orders.picklist", page="orders_bench_ship"),
        Item("Returns", "assignment_return", "orders.order", "queue=returns", "returns"),
        Item("Returns desk", "barcode_scanner", "orders.return", page="orders_return_desk"),
        Item("Exceptions", "emergency_home", "audit.exceptioncase", "", "exception_cases", alarm=True),
        Item("Late, held, short", "error", "orders.order", "queue=exceptions", "exceptions"),
        Item("All orders", "list_alt", "orders.order", "queue=all"),
    ),
    "Catalogue": (
        Item("Products", "sell", "catalog.product"),
        Item("Categories", "account_tree", "catalog.category"),
        Item("Pictures", "image", "catalog.productimage"),
    ),
    "Prices": (
        Item("Discount rules", "percent", "catalog.discountrule"),
        Item("Discount campaigns", "campaign", "orders.discountcampaign"),
        Item("Discount codes", "confirmation_number", "orders.discountcode"),
        Item("Customer groups", "groups", "accounts.customergroup"),
        Item("Price lists", "currency_exchange", "catalog.pricelist"),
        Item("List prices", "request_quote", "catalog.listprice"),
        Item("Shipping zones", "map", "orders.shippingzone"),
        Item("Shipping methods", "local_shipping", "orders.shippingmethod"),
        Item("Shipping prices", "price_change", "orders.shippingrate"),
        Item("Return rules", "assignment_return", "orders.returnrule"),
        Item("Tax zones", "public", "orders.taxzone"),
        Item("Tax exemptions", "verified", "orders.taxexemption"),
        Item("Told to tax providers", "receipt_long", "orders.taxoperation"),
    ),
    "Stock": (
        Item("Levels", "shelves", "inventory.stocklevel"),
        Item("Low or out", "trending_down", "inventory.stocklevel", "availability=low"),
        Item("Shortfalls", "production_quantity_limits", "inventory.shortfall", "", "shortfalls", alarm=True),
        Item("Short picks", "search_off", "orders.shortpick"),
        Item("Transfers", "local_shipping", "inventory.transfer", "state__exact=in_transit"),
        Item("Waiting orders", "hourglass", "inventory.backorder", "state__exact=waiting"),
        Item("Wanted", "notification_add", "catalog.stockrequest", page="catalog_wanted"),
        Item("Stock requests", "notifications_active", "catalog.stockrequest", "state__exact=waiting"),
        Item("Movements", "swap_horiz", "inventory.stockmovement"),
        Item("Reservations", "bookmark", "inventory.reservation"),
        Item("Items", "category", "inventory.stockitem"),
        Item("Warehouses", "warehouse", "inventory.warehouse"),
        Item("Routing", "alt_route", "inventory.routingrule"),
    ),
    "WMS": (
        Item("Quarantine", "rule", "inventory.wmsdifference", "", "wms_quarantine", alarm=True),
        Item("Numbers", "numbers", "inventory.wmsfact"),
        Item("Runs", "sync", "inventory.wmsrun"),
        Item("Requests", "outbox", "inventory.wmsrequest", "", "wms_refused", alarm=True),
        Item("Told by the WMS", "move_to_inbox", "inventory.wmsevent", "", "wms_parked", alarm=True),
    ),
    "People": (
        Item("People", "group", "accounts.user"),
        Item("Roles", "badge", "accounts.role"),
        Item("Addresses", "home_pin", "accounts.address"),
        Item("Partners", "handshake", "accounts.partner"),
        Item("Partner tokens", "key", "accounts.partnertoken"),
        Item("Sessions", "devices", "accounts.refreshfamily"),
    ),
    "Money": (
        Item("Payments", "credit_card", "payments.payment"),
        Item("Captures", "credit_score", "payments.capture"),
        Item("Refunds", "currency_exchange", "payments.refund"),
        Item("Disputes", "policy", "payments.dispute"),
        Item("Gift cards", "redeem", "payments.giftcard"),
        Item("Cases", "gavel", "payments.moneycase", "", "money_cases", alarm=True),
        Item("Reconciliation", "balance", "payments.reconciliationrun"),
        Item("Differences", "difference", "payments.difference", "", "differences", alarm=True),
        Item("Webhooks", "webhook", "payments.webhookevent", "", "parked_webhooks", alarm=True),
        Item("Asked of providers", "contact_support", "payments.operation"),
    ),
    "Messages": (
        Item("Templates", "draft", "notifications.notificationtemplate"),
        Item("Sent messages", "outgoing_mail", "notifications.notification"),
    ),
    "History": (
        Item("Changes", "manage_history", "audit.changerecord"),
        Item("Facts", "history", "audit.logentry"),
        Item("Order steps", "timeline", "orders.ordertransition"),
        Item("Order lines", "format_list_bulleted", "orders.orderline"),
        Item("Order addresses", "contact_mail", "orders.orderaddress"),
        Item("Packages", "package_2", "orders.shipment"),
        Item("Carrier scans", "local_shipping", "orders.carrierscan", "", "parked_scans", alarm=True),
        Item("Returns", "keyboard_return", "orders.return"),
        Item("Holds", "front_hand", "orders.hold"),
        Item("Notes", "sticky_note_2", "orders.ordernote"),
        Item("Carts", "shopping_cart", "orders.cart"),
    ),
    "System": (
        Item("Deliveries", "outbox", "audit.delivery", "", "parked", alarm=True),
        Item("Waiting facts", "hourglass", "audit.outbox"),
        Item("Schedules", "schedule", "django_celery_beat.periodictask"),
    ),
}
FOLDED = frozenset({"People", "Messages", "History", "System"})


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """The groups with the links that this person may follow."""
    start = {"title": "Home", "icon": "home", "link": reverse("admin:index"),
             "active": request.path == reverse("admin:index")}  # fmt: skip
    groups: list[dict[str, Any]] = [{"title": "", "items": [start]}]
    numbers = counts(request)
    for title, items in GROUPS.items():
        shown = list(_shown(request, items, numbers))
        if shown:
            groups.append({"title": title, "collapsible": title in FOLDED, "items": shown})
    return groups


def _shown(request: HttpRequest, items: tuple[Item, ...], numbers: Counts) -> Iterator[dict[str, Any]]:
    pages = {model._meta.label_lower: page for model, page in admin.site._registry.items()}
    for item in items:
        page = pages.get(item.model)
        if page is None or not page.has_view_permission(request):
            continue
        link = reverse(f"admin:{item.page or f'{page.opts.app_label}_{page.opts.model_name}_changelist'}")
        here = _is_here(request, link, item) and _same_queue(request, item)
        shown = {"title": item.title, "icon": item.icon, "link": f"{link}?{item.query}" if item.query else link}
        if item.badge and (number := numbers.badge(item.badge)):
            shown |= {"badge": number, "badge_variant": "danger" if item.alarm else "info"}
        yield shown | {"active": here}


def _is_here(request: HttpRequest, link: str, item: Item) -> bool:
    """A page of its own lies below that of its model, and is not a part of it; `desk_of` is a part of `desk`."""
    shown = (request.resolver_match.url_name if request.resolver_match else "") or ""
    pages = {other.page for items in GROUPS.values() for other in items if other.page}
    page = max((page for page in pages if f"{shown}_".startswith(f"{page}_")), key=len, default="")
    return page == item.page if page or item.page else request.path.startswith(link)


def _same_queue(request: HttpRequest, item: Item) -> bool:
    """A list belongs to the item whose query it has, else to the one without any, or to the only one there is."""
    if _is_asked(request, item.query):
        return True
    others = [other for items in GROUPS.values() for other in items if other.model == item.model and other != item]
    if item.query:
        return not any(not other.page for other in others)
    return not any(other.query and _is_asked(request, other.query) for other in others)


def _is_asked(request: HttpRequest, query: str) -> bool:
    return bool(query) and all(request.GET.get(name) == value for name, value in parse_qsl(query))
