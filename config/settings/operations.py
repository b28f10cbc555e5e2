"""What watches over the running system: health, metrics, names for the history."""

from typing import Any

from config.env import env

# What must answer before this process may be sent requests: name → a function that raises when it does not.
HEALTH_CHECKS = {
    "database": "api.health.check_database",
    "migrations": "api.health.check_migrations",
    "redis": "api.health.check_redis",
    "relay": "audit.relay.check_pace",
}
RELAY_LAG_SECONDS = env.int("WAYBILL_RELAY_LAG_SECONDS", default=60)

# Prometheus may ask from this machine, or from anywhere with `Authorization: Bearer <token>`.
METRICS_COLLECTORS = ["audit.metrics.LogCollector"]
METRICS_TOKEN = env.str("WAYBILL_METRICS_TOKEN", default="")

# How people read "user:12" in the history: kind of actor → model and the field that names it.
ACTOR_NAMES = {"user": ("accounts.User", "email"), "partner": ("accounts.Partner", "name")}

# What `audit/{documents}/{key}/as-of` puts together: a tracked object and those that point at it by a field.
AUDIT_DOCUMENTS: dict[str, dict[str, Any]] = {
    "orders": {
        "kind": "order",
        "parts": {
            "lines": ("order_line", "order"),
            "addresses": ("order_address", "order"),
            "shipments": ("shipment", "order"),
            "returns": ("return", "order"),
            "holds": ("hold", "order"),
            "payments": ("payment", "order"),
        },
    },
    "products": {"kind": "product", "parts": {"images": ("product_image", "product")}},
}
