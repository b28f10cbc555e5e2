"""Which gateway stands behind a provider's name: configured by settings, made once a process."""

from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from kernel.errors import Invalid
from payments.gateways.base import Gateway


@cache
def gateway_of(provider: str) -> Gateway:
    """Raises `Invalid` when the shop has no keys for it."""
    if provider not in settings.PAYMENT_GATEWAYS:
        raise Invalid("This provider is not configured.", field="provider")
    gateway: Gateway = import_string(settings.PAYMENT_GATEWAYS[provider])()
    return gateway


def configured() -> list[str]:
    return list(settings.PAYMENT_GATEWAYS)
