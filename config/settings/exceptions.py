"""Exceptions: who sees which kind, how soon they are due, and how long an order may stay in a state."""

from collections.abc import Mapping

from django.core.exceptions import ImproperlyConfigured

from config.env import env

MONEY, GOODS, BOTH = ("customer_service",), ("warehouse",), ("customer_service", "warehouse")
# Kind → the roles that see it; admins see all.
EXCEPTION_ROLES: Mapping[str, tuple[str, ...]] = {
    "shortfall": GOODS,
    "oversold": BOTH,
    "payment_mismatch": MONEY,
    "address": MONEY,
    "failing_webhook": BOTH,
    "late_to_ship": BOTH,
    "carrier_exception": BOTH,
    "stuck_refund": MONEY,
    "parked_event": (),
    "stuck": BOTH,
}
# What only some of those who see the kind can mend, and nobody else of them sees: subject → roles.
EXCEPTION_SUBJECT_ROLES: Mapping[str, tuple[str, ...]] = {
    "payments.webhookevent": MONEY,
    "inventory.wmsevent": GOODS,
    "inventory.wmsrequest": GOODS,
    "orders.carrierscan": GOODS,
}
EXCEPTION_SOURCES = [
    "audit.exceptions.sources.SOURCES",
    "inventory.exceptions.SOURCES",
    "orders.exceptions.sources.SOURCES",
    "payments.exceptions.SOURCES",
]


def _hours(name: str, defaults: Mapping[str, int]) -> Mapping[str, int]:
    """The defaults with what the variable says otherwise, as `paid=48,shipped=240`."""
    found = dict(defaults)
    for part in env.list(name, default=[]):
        key, _, hours = part.strip().partition("=")
        if key not in defaults or not hours.isdecimal() or not int(hours):
            raise ImproperlyConfigured(f"{name}: whole hours of {', '.join(defaults)}, such as {key}=24; not {part!r}.")
        found[key] = int(hours)
    return found


EXCEPTION_DUE_HOURS = _hours(
    "EXCEPTION_DUE_HOURS",
    {
        "shortfall": 8,
        "oversold": 8,
        "payment_mismatch": 24,
        "address": 24,
        "failing_webhook": 4,
        "late_to_ship": 4,
        "carrier_exception": 24,
        "stuck_refund": 24,
        "parked_event": 4,
        "stuck": 24,
    },
)
# Once resolved while its cause lasts, an exception is opened anew after so many hours.
EXCEPTION_AGAIN_HOURS = env.int("EXCEPTION_AGAIN_HOURS", default=24)
# An order that stays longer in a state needs a person.
ORDER_STATE_LIMIT_HOURS = _hours(
    "ORDER_STATE_LIMIT_HOURS", {"pending": 8 * 24, "paid": 5 * 24, "packed": 3 * 24, "shipped": 21 * 24}
)
# As does a refund that a provider has not settled.
REFUND_LIMIT_HOURS = env.int("REFUND_LIMIT_HOURS", default=48)
