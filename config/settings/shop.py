"""What the shop decides: currency, tax, shipping, how long stock waits for money."""

from decimal import Decimal

from config.env import env

SHOP_NAME = env.str("SHOP_NAME", default="Waybill")
SHOP_CURRENCY = env.str("SHOP_CURRENCY", default="EUR")
SHOP_TAX_RATE = Decimal(env.str("SHOP_TAX_RATE", default="0.20"))
SHOP_SHIPPING_PRICE = Decimal(env.str("SHOP_SHIPPING_PRICE", default="5.00"))
SHOP_RESERVATION_MINUTES = env.int("SHOP_RESERVATION_MINUTES", default=30)
# Whether money is only authorised when an order is paid, and taken as its packages leave.
SHOP_CAPTURE_AT_SHIPMENT = env.bool("SHOP_CAPTURE_AT_SHIPMENT", default=False)
# The promise of a paid order: shipped within so many hours.
SHOP_SHIP_WITHIN_HOURS = env.int("SHOP_SHIP_WITHIN_HOURS", default=48)
SHOP_TIME_ZONE = env.str("SHOP_TIME_ZONE", default="Europe/Berlin")
SHOP_PUBLIC_URL = env.str("WAYBILL_PUBLIC_URL", default="http://127.0.0.1:8000")
# A product page says "more than this many" as this many.
SHOP_AVAILABLE_CAP = env.int("SHOP_AVAILABLE_CAP", default=100)
SHOP_RETURN_DAYS = env.int("SHOP_RETURN_DAYS", default=30)
SIMPLE_HISTORY_ENABLED = False  # PostgreSQL writes the rows, see audit.history
SIMPLE_HISTORY_REVERT_DISABLED = True  # what happened is undone by a verb, never by writing an old row
