"""Who knows the taxes: the tables of the shop, or a provider that is asked before an order is placed."""

from config.env import env

# Empty: the tables. A provider that does not answer in time is replaced by them, marked as estimated.
TAX_PROVIDER = env.str("TAX_PROVIDER", default="")
TAX_PROVIDERS = {"stripe": "payments.gateways.stripe_tax.StripeTax"}
# How long a customer may wait for a provider, and how long it is left alone after it did not answer.
TAX_SECONDS = env.float("TAX_SECONDS", default=2.0)
TAX_RETRY_SECONDS = env.float("TAX_RETRY_SECONDS", default=30.0)
TAX_CACHE_SECONDS = env.int("TAX_CACHE_SECONDS", default=3600)
# Tax class → Stripe's tax code, as standard=txcd_99999999,food=txcd_40060003. Classes without one have the code that
# the Stripe account names as its default.
TAX_STRIPE_CODES: dict[str, str] = env.dict("TAX_STRIPE_CODES", default={})
# Calls of one process that may wait for a provider at once; whoever comes then has the tables.
TAX_CALLS_AT_ONCE = env.int("TAX_CALLS_AT_ONCE", default=2)
