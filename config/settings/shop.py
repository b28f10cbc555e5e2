"""What the shop decides: currency, tax, shipping, how long stock waits for money."""

import hashlib
from decimal import Decimal

from config.env import days, env, secret

SHOP_NAME = env.str("SHOP_NAME", default="Waybill")
SHOP_CURRENCY = env.str("SHOP_CURRENCY", default="EUR")
# Of goods sent where no tax zone is set up; 0.20 is 20 %.
SHOP_TAX_RATE = Decimal(env.str("SHOP_TAX_RATE", default="0.20"))
# Whether prices hold the tax, in currencies whose price list does not say it.
SHOP_PRICES_INCLUDE_TAX = env.bool("SHOP_PRICES_INCLUDE_TAX", default=False)
# Where the shop is at home (ISO 3166-1 alpha-2): baskets without an address are taxed as if they stayed there.
SHOP_COUNTRY = env.str("SHOP_COUNTRY", default="DE")
SHOP_SHIPPING_PRICE = Decimal(env.str("SHOP_SHIPPING_PRICE", default="5.00"))
SHOP_RESERVATION_MINUTES = env.int("SHOP_RESERVATION_MINUTES", default=30)
# Whether money is only authorised when an order is paid, and taken as its packages leave.
SHOP_CAPTURE_AT_SHIPMENT = env.bool("SHOP_CAPTURE_AT_SHIPMENT", default=False)
# The promise of a paid order: shipped within so many hours.
SHOP_SHIP_WITHIN_HOURS = env.int("SHOP_SHIP_WITHIN_HOURS", default=48)
SHOP_TIME_ZONE = env.str("SHOP_TIME_ZONE", default="Europe/Berlin")
# Days besides the weekends on which nothing leaves, as 2026-12-25.
SHOP_CLOSED_DAYS = days("SHOP_CLOSED_DAYS", env.list("SHOP_CLOSED_DAYS", default=[]))
SHOP_PUBLIC_URL = env.str("WAYBILL_PUBLIC_URL", default="http://127.0.0.1:8000")
# A product page says "more than this many" as this many.
SHOP_AVAILABLE_CAP = env.int("SHOP_AVAILABLE_CAP", default=100)
# A level with no more available units than this is low, unless it has a reorder point of its own.
SHOP_REORDER_POINT = env.int("SHOP_REORDER_POINT", default=5)
# Given a caller, the ids of the items whose stock they see, or None for all.
STOCK_OWN_ITEMS = "catalog.own_items.items_of"
SHOP_RETURN_DAYS = env.int("SHOP_RETURN_DAYS", default=30)
# Who has used a code is kept as a digest with this key: whoever changes it lets everybody use it once more.
DISCOUNT_CUSTOMER_KEY = hashlib.sha256(
    b"discount customers:" + (env.str("WAYBILL_CUSTOMER_KEY", default="") or secret("WAYBILL_SECRET_KEY")).encode()
).digest()
SIMPLE_HISTORY_ENABLED = False  # PostgreSQL writes the rows, see audit.history
SIMPLE_HISTORY_REVERT_DISABLED = True  # what happened is undone by a verb, never by writing an old row
