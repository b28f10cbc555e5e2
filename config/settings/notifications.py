"""Where the links in e-mails lead, and how long a socket may be open."""

from config.env import env
from config.settings.shop import SHOP_PUBLIC_URL

SHOP_ORDER_LINK = env.str("SHOP_ORDER_LINK", default=f"{SHOP_PUBLIC_URL}/orders/{{number}}#token={{token}}")
SHOP_PAY_LINK = env.str("SHOP_PAY_LINK", default=f"{SHOP_PUBLIC_URL}/orders/{{number}}/pay#token={{token}}")
SHOP_RETURN_LINK = env.str(
    "SHOP_RETURN_LINK", default=f"{SHOP_PUBLIC_URL}/orders/{{number}}/returns/{{return_number}}#token={{token}}"
)
SHOP_PRODUCT_LINK = env.str("SHOP_PRODUCT_LINK", default=f"{SHOP_PUBLIC_URL}/products/{{sku}}")
SHOP_VERIFY_LINK = env.str("SHOP_VERIFY_LINK", default=f"{SHOP_PUBLIC_URL}/verify-email#key={{key}}")
SHOP_RESET_LINK = env.str("SHOP_RESET_LINK", default=f"{SHOP_PUBLIC_URL}/reset-password#key={{key}}")
SHOP_LOGIN_LINK = env.str("SHOP_LOGIN_LINK", default=f"{SHOP_PUBLIC_URL}/login")

# The roles whose people are told by e-mail, hourly at most, what runs low in their warehouses.
STOCK_ALERT_ROLES = env.list("STOCK_ALERT_ROLES", default=["warehouse"])

# A socket that has not said who it is by then is closed; its right to listen is looked at again this often.
SOCKET_GREETING_SECONDS = env.float("WAYBILL_SOCKET_GREETING_SECONDS", default=10.0)
SOCKET_RECHECK_SECONDS = env.float("WAYBILL_SOCKET_RECHECK_SECONDS", default=60.0)
