"""PayPal: Orders v2 by its official SDK, webhooks by certificate."""

from payments.gateways.paypal.gateway import PayPalGateway

__all__ = ["PayPalGateway"]
