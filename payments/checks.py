"""What `check --deploy` refuses about money."""

from typing import Any

from django.conf import settings
from django.core.checks import Error

# Provider → settings without which its payments cannot be told from others, or its webhooks not be believed.
NEEDS: dict[str, tuple[str, ...]] = {
    "stripe": ("STRIPE_ACCOUNT", "STRIPE_WEBHOOK_SECRETS"),
    "paypal": ("PAYPAL_CLIENT_SECRET", "PAYPAL_MERCHANT_ID", "PAYPAL_WEBHOOK_ID"),
}


def check_gateways(**kwargs: Any) -> list[Error]:
    """Every provider that is offered has all that it takes to be believed."""
    missing = [
        (provider, name)
        for provider in settings.PAYMENT_GATEWAYS
        for name in NEEDS[provider]
        if not getattr(settings, name)
    ]
    return [
        Error(f"{name} is not set, but {provider} is offered.", id="payments.E001", hint="See docs/payments.md.")
        for provider, name in missing
    ]
