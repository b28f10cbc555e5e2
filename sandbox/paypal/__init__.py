"""A stand-in for PayPal: Orders v2, Payments v2, disputes, transaction search and signed webhooks."""
