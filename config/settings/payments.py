"""Providers of money and the shop's rules about it. A provider without a key is not offered."""

import hashlib

from config.env import env, secret

# Gateways by provider: those that have a key.
PAYMENT_GATEWAYS: dict[str, str] = {}
PAYMENT_CONNECT_SECONDS = env.float("PAYMENT_CONNECT_SECONDS", default=2.0)
PAYMENT_READ_SECONDS = env.float("PAYMENT_READ_SECONDS", default=8.0)
# Calls of one process that may wait for a provider at once; further ones are told to come back, so that a slow
# provider never takes all threads that serve the shop.
PAYMENT_CALLS_AT_ONCE = env.int("PAYMENT_CALLS_AT_ONCE", default=1)
# What is given back first when an order was paid by both: card_first or gift_card_first.
PAYMENT_REFUND_ORDER = env.str("PAYMENT_REFUND_ORDER", default="card_first")
# Hours after a failed payment at which the customer is reminded; the stock waits for them until the last one and
# this many hours more.
PAYMENT_REMINDER_HOURS = [float(hours) for hours in env.list("PAYMENT_REMINDER_HOURS", default=["1", "12", "36"])]
PAYMENT_LAST_CHANCE_HOURS = env.float("PAYMENT_LAST_CHANCE_HOURS", default=12)
PAYMENT_REMINDERS_EXTEND_RESERVATION = env.bool("PAYMENT_REMINDERS_EXTEND_RESERVATION", default=True)

STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", default="")
STRIPE_PUBLISHABLE_KEY = env.str("STRIPE_PUBLISHABLE_KEY", default="")
STRIPE_ACCOUNT = env.str("STRIPE_ACCOUNT", default="")
STRIPE_API_URL = env.str("STRIPE_API_URL", default="https://api.stripe.com")
# Two while one is being rotated.
STRIPE_WEBHOOK_SECRETS = env.list("STRIPE_WEBHOOK_SECRETS", default=[])
STRIPE_WEBHOOK_TOLERANCE_SECONDS = env.int("STRIPE_WEBHOOK_TOLERANCE_SECONDS", default=300)
if STRIPE_SECRET_KEY:
    PAYMENT_GATEWAYS["stripe"] = "payments.gateways.stripe.StripeGateway"

PAYPAL_CLIENT_ID = env.str("PAYPAL_CLIENT_ID", default="")
PAYPAL_CLIENT_SECRET = env.str("PAYPAL_CLIENT_SECRET", default="")
PAYPAL_MERCHANT_ID = env.str("PAYPAL_MERCHANT_ID", default="")
PAYPAL_API_URL = env.str("PAYPAL_API_URL", default="https://api-m.paypal.com")
PAYPAL_WEBHOOK_ID = env.str("PAYPAL_WEBHOOK_ID", default="")
# `certificate` checks the signature here; `call` asks PayPal to.
PAYPAL_WEBHOOK_VERIFICATION = env.str("PAYPAL_WEBHOOK_VERIFICATION", default="certificate")
# PayPal sends an event again for three days, as it was signed; that it is taken only once is the inbox's affair.
PAYPAL_WEBHOOK_TOLERANCE_SECONDS = env.int("PAYPAL_WEBHOOK_TOLERANCE_SECONDS", default=4 * 24 * 3600)
# Certificates are fetched from these hosts only (with a port, if one is named), and must chain to a root of this
# file (the system's without it).
PAYPAL_CERTIFICATE_HOSTS = env.list("PAYPAL_CERTIFICATE_HOSTS", default=["api.paypal.com", "api.sandbox.paypal.com"])
PAYPAL_CERTIFICATE_ROOTS = env.str("PAYPAL_CERTIFICATE_ROOTS", default="")
if PAYPAL_CLIENT_ID:
    PAYMENT_GATEWAYS["paypal"] = "payments.gateways.paypal.PayPalGateway"

# The codes of gift cards follow from their seeds and this key: whoever changes it makes every card unusable, so it
# has a variable of its own that outlives a rotation of the secret it is derived from by default.
GIFT_CARD_KEY = hashlib.sha256(
    b"gift cards:" + (env.str("WAYBILL_GIFT_CARD_KEY", default="") or secret("WAYBILL_SECRET_KEY")).encode()
).digest()
GIFT_CARD_MONTHS = env.int("GIFT_CARD_MONTHS", default=36)
# What comes back to a card can be spent for at least this long, also where the card had ended.
GIFT_CARD_REFUND_DAYS = env.int("GIFT_CARD_REFUND_DAYS", default=90)
GIFT_CARD_GUESSES_PER_HOUR = env.int("GIFT_CARD_GUESSES_PER_HOUR", default=20)
