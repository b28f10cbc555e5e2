"""The back office's frame."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy


def _asset(name: str) -> Any:
    def address(request: HttpRequest) -> str:
        return static(name)

    return address


# Shades of a calm blue, and greys with a little of it. From light to dark.
_WEIGHTS = ("50", "100", "200", "300", "400", "500", "600", "700", "800", "900", "950")
_PRIMARY = (
    "oklch(97% .014 255)", "oklch(93.2% .032 256)", "oklch(88.2% .059 255)", "oklch(80.9% .105 253)",
    "oklch(70.7% .165 256)", "oklch(62.3% .188 260)", "oklch(54.6% .19 263)", "oklch(48.8% .18 265)",
    "oklch(42.4% .15 266)", "oklch(37.9% .12 267)", "oklch(28.2% .08 268)",
)  # fmt: skip

UNFOLD = {
    "SITE_TITLE": "Waybill",
    "SITE_HEADER": "Waybill",
    "SITE_SUBHEADER": "Back office",
    "SITE_SYMBOL": "package_2",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _asset("accounts/mark.svg")}],
    "SITE_URL": None,
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "8px",
    "COLORS": {"primary": dict(zip(_WEIGHTS, _PRIMARY, strict=True))},
    "STYLES": [_asset("orders/back_office.css"), _asset("orders/returns.css"), _asset("accounts/door.css")],
    "SCRIPTS": [_asset("orders/back_office.js")],
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": "config.navigation.sidebar",
    },
    "ACCOUNT": {
        "navigation": [
            {"title": "Second factor", "link": reverse_lazy("mfa_index")},
            {"title": "Linked accounts", "link": reverse_lazy("socialaccount_connections")},
        ]
    },
    "DASHBOARD_CALLBACK": "orders.dashboard.first_page",
}

FORMAT_MODULE_PATH = "config.formats"

# What apps above orders add to the back office of orders, by dotted path.
ORDER_PANELS = ["payments.back_office.payments_panel", "notifications.back_office.mails_panel"]
ORDER_VERBS = ["orders.back_office.return_verbs.VERBS", "payments.back_office.VERBS", "notifications.back_office.VERBS"]
ORDER_SEARCHES = ["payments.back_office.orders_by_payment"]
ORDER_TIMELINES = ["orders.scans.reading.moments_of", "notifications.back_office.mails_of"]
# What refunds hold that providers have not yet confirmed, by the id of an order.
ORDER_REFUNDS_UNDERWAY = "payments.underway.refunds_underway"
# Codes that forms of people and partners offer, and where they are listed.
CODE_CHOICES = {"categories": "catalog.choices.categories", "warehouses": "inventory.choices.warehouses"}
# And to the first page: what the sidebar counts beside orders, and cards.
OFFICE_COUNTS = {
    "parked_scans": "orders.scans.reading.parked_scans",
    "money_cases": "payments.first_page.open_cases",
    "differences": "payments.first_page.open_differences",
    "parked_webhooks": "payments.first_page.parked_webhooks",
    "wms_quarantine": "inventory.wms.first_page.in_quarantine",
    "wms_refused": "inventory.wms.first_page.refused_requests",
    "wms_parked": "inventory.wms.first_page.parked_events",
}
OFFICE_CARDS = ["payments.first_page.cases_card"]
