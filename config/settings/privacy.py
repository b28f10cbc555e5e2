"""What is known of people, and for how long. docs/privacy.md is the page for people."""

from config.env import env
from config.settings.shop import SHOP_PUBLIC_URL

# Who holds something about a person: modules with `export`, `unfinished` and `erase`, from the top of the import order
# to its bottom, which is the order of the locks.
PERSONAL_DATA = [
    "notifications.personal_data",
    "payments.personal_data",
    "orders.personal_data",
    "catalog.personal_data",
    "api.personal_data",
    "accounts.personal_data.own",
]

# A person's copy of their data: how long it lies ready, and how long a link to it opens it.
EXPORT_DAYS = env.int("WAYBILL_EXPORT_DAYS", default=7)
EXPORT_LINK_SECONDS = env.int("WAYBILL_EXPORT_LINK_SECONDS", default=600)
SHOP_EXPORT_LINK = env.str("SHOP_EXPORT_LINK", default=f"{SHOP_PUBLIC_URL}/account/export")
# How long a person who closed their account can think again; 0: not at all.
ERASURE_DAYS = env.int("WAYBILL_ERASURE_DAYS", default=14)
SHOP_KEEP_LINK = env.str("SHOP_KEEP_LINK", default=f"{SHOP_PUBLIC_URL}/keep-account#key={{key}}")

CART_DAYS = env.int("WAYBILL_CART_DAYS", default=60)
INBOX_DAYS = env.int("WAYBILL_INBOX_DAYS", default=90)
OUTBOX_DAYS = env.int("WAYBILL_OUTBOX_DAYS", default=90)
MESSAGE_DAYS = env.int("WAYBILL_MESSAGE_DAYS", default=365)
# Guests who were told that something is back, or think again; and how long somebody waits for it at most.
STOCK_REQUEST_DAYS = env.int("WAYBILL_STOCK_REQUEST_DAYS", default=30)
STOCK_REQUEST_WAIT_DAYS = env.int("WAYBILL_STOCK_REQUEST_WAIT_DAYS", default=365)
