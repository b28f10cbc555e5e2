"""The back office's frame."""

UNFOLD = {
    "SITE_TITLE": "Waybill",
    "SITE_HEADER": "Waybill",
    "SITE_SYMBOL": "package_2",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SIDEBAR": {"show_search": False, "show_all_applications": False},
    "DASHBOARD_CALLBACK": "orders.dashboard.first_page",
}
