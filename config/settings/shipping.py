"""Whose live rates are asked for before the tables of shipping prices count, and where parcels start."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from config.env import PRODUCTION, env
from config.settings.shop import SHOP_COUNTRY, SHOP_NAME

# Empty: nobody is asked. `easypost`: EasyPost, for all carriers of the account there.
CARRIER_RATES = env.str("CARRIER_RATES", default="")
EASYPOST_API_KEY = env.str("EASYPOST_API_KEY", default="")
EASYPOST_API_URL = env.str("EASYPOST_API_URL", default="https://api.easypost.com")
# An answer that takes longer is not waited for.
CARRIER_SECONDS = env.float("CARRIER_SECONDS", default=2.0)
# How long an answer holds for the same parcel.
CARRIER_CACHE_SECONDS = env.int("CARRIER_CACHE_SECONDS", default=900)
# One that did not answer is asked again by one caller in so many seconds.
CARRIER_RETRY_SECONDS = env.int("CARRIER_RETRY_SECONDS", default=30)
# Calls of one process under way at once; further ones take the tables, so that threads are left for the shop.
CARRIER_CALLS_AT_ONCE = env.int("CARRIER_CALLS_AT_ONCE", default=2)

# Where parcels start.
SHOP_ORIGIN = {
    "company": SHOP_NAME,
    "line1": env.str("SHOP_ORIGIN_LINE1", default=""),
    "line2": env.str("SHOP_ORIGIN_LINE2", default=""),
    "city": env.str("SHOP_ORIGIN_CITY", default=""),
    "region": env.str("SHOP_ORIGIN_REGION", default=""),
    "postal_code": env.str("SHOP_ORIGIN_POSTAL_CODE", default=""),
    "country": env.str("SHOP_ORIGIN_COUNTRY", default=SHOP_COUNTRY),
}

# Who may tell about parcels: carrier → what it signs with, several while one is being rotated.
CARRIER_WEBHOOK_SECRETS: dict[str, list[str]] = {}
for _pair in env.list("CARRIER_WEBHOOK_SECRETS", default=[]):
    _carrier, _, _secret = _pair.strip().partition("=")
    if not _carrier or len(_secret) < 16:
        raise ImproperlyConfigured("CARRIER_WEBHOOK_SECRETS: dhl=…,ups=… with secrets of at least 16 characters.")
    CARRIER_WEBHOOK_SECRETS.setdefault(_carrier.lower(), []).append(_secret)

if CARRIER_RATES not in {"", "easypost"}:
    raise ImproperlyConfigured("CARRIER_RATES is easypost, or empty.")
if CARRIER_RATES == "easypost" and not EASYPOST_API_KEY:
    raise ImproperlyConfigured("CARRIER_RATES is easypost: EASYPOST_API_KEY must be set.")
if urlsplit(EASYPOST_API_URL).scheme != "https" and (PRODUCTION or urlsplit(EASYPOST_API_URL).scheme != "http"):
    raise ImproperlyConfigured("EASYPOST_API_URL must be an https address.")
if min(CARRIER_SECONDS, CARRIER_CACHE_SECONDS, CARRIER_RETRY_SECONDS, CARRIER_CALLS_AT_ONCE) <= 0:
    raise ImproperlyConfigured("The numbers of CARRIER_… lie above 0.")
