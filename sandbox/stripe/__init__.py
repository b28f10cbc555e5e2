"""A stand-in for Stripe: payment intents, charges, refunds, disputes, events, as its API reference describes them."""
