"""Work: queues by urgency, late acknowledgement, and nothing that only Redis remembers."""

from celery.schedules import crontab

from config.settings.database import REDIS_URL

CELERY_BROKER_URL = REDIS_URL
CELERY_RESULT_BACKEND = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TIMEZONE = "UTC"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_DEFAULT_QUEUE = "fulfilment"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "visibility_timeout": 600,
    # Whoever hands out work in a request must not wait for a broker that is away; workers wait by a setting of theirs.
    "max_retries": 0,
}
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

SUBSCRIPTIONS = "config.subscriptions.subscriptions"
# The queue of an app's handlers; others go to fulfilment.
EVENT_QUEUES = {"payments": "money", "notifications": "mail", "reporting": "reports"}
CELERY_BEAT_SCHEDULE = {
    "expire unpaid orders": {"task": "orders.tasks.expire_due", "schedule": 10.0},
    "allocate to those who wait": {"task": "orders.tasks.allocate_waiting", "schedule": 5.0},
    "look for exceptions": {"task": "audit.tasks.look_for_exceptions", "schedule": 60.0},
    "tell of low stock": {"task": "inventory.tasks.tell_of_low_stock", "schedule": 60.0},
    "tell who waits for stock": {"task": "catalog.tasks.tell_of_what_is_back", "schedule": 60.0},
    "process webhooks": {"task": "payments.tasks.process_webhooks", "schedule": 5.0, "options": {"queue": "money"}},
    "send due mail": {"task": "notifications.tasks.send_due", "schedule": 10.0, "options": {"queue": "mail"}},
    "mail what runs low": {
        "task": "notifications.tasks.tell_of_low_stock",
        "schedule": crontab(minute="0"),
        "options": {"queue": "mail"},
    },
    "ask providers": {"task": "payments.tasks.perform_due", "schedule": 5.0, "options": {"queue": "money"}},
    "tell tax providers": {
        "task": "orders.tasks.tell_tax_providers",
        "schedule": 10.0,
        "options": {"queue": "money"},
    },
    "take in scans of carriers": {"task": "orders.tasks.process_carrier_scans", "schedule": 10.0},
    "watch authorisations": {
        "task": "payments.tasks.warn_of_expiring",
        "schedule": 3600.0,
        "options": {"queue": "money"},
    },
    "remind of payments": {
        "task": "payments.tasks.send_due_reminders",
        "schedule": 60.0,
        "options": {"queue": "money"},
    },
    "ask for nightly reconciliation": {
        "task": "payments.tasks.open_nightly_reconciliation",
        "schedule": crontab(hour="2", minute="0"),
        "options": {"queue": "money"},
    },
    "reconcile": {"task": "payments.tasks.run_reconciliations", "schedule": 60.0, "options": {"queue": "money"}},
    "forget ended sessions": {"task": "accounts.tasks.forget_expired_sessions", "schedule": 86400.0},
    "make copies of people's data": {
        "task": "accounts.tasks.make_exports",
        "schedule": 10.0,
        "options": {"queue": "reports"},
    },
    "erase people": {"task": "accounts.tasks.erase_due_people", "schedule": 10.0, "options": {"queue": "reports"}},
    "delete needless files": {
        "task": "accounts.tasks.delete_needless_files",
        "schedule": 60.0,
        "options": {"queue": "reports"},
    },
    "forget browser sessions": {
        "task": "accounts.tasks.forget_browser_sessions",
        "schedule": crontab(hour="3", minute="30"),
        "options": {"queue": "reports"},
    },
    "forget baskets": {
        "task": "orders.tasks.forget_carts",
        "schedule": crontab(hour="3", minute="35"),
        "options": {"queue": "reports"},
    },
    "forget webhooks": {
        "task": "payments.tasks.forget_webhooks",
        "schedule": crontab(hour="3", minute="40"),
        "options": {"queue": "reports"},
    },
    "forget deliveries": {
        "task": "audit.tasks.forget_deliveries",
        "schedule": crontab(hour="3", minute="45"),
        "options": {"queue": "reports"},
    },
    "forget answers to e-mails": {
        "task": "notifications.tasks.forget_answers",
        "schedule": crontab(hour="3", minute="50"),
        "options": {"queue": "reports"},
    },
    "forget who waited for stock": {
        "task": "catalog.tasks.forget_stock_requests",
        "schedule": crontab(hour="3", minute="42"),
        "options": {"queue": "reports"},
    },
    "end gift cards": {
        "task": "payments.tasks.expire_gift_cards",
        "schedule": crontab(hour="2", minute="30"),
        "options": {"queue": "money"},
    },
    "visit of the doctor": {
        "task": "audit.tasks.run_doctor",
        "schedule": crontab(hour="3", minute="0"),
        "options": {"queue": "reports"},
    },
    "follow discount rules that begin or end": {"task": "catalog.tasks.follow_rules", "schedule": 60.0},
    "work out listed prices": {
        "task": "catalog.tasks.refresh_prices",
        "schedule": crontab(minute="20"),
        "options": {"queue": "reports"},
    },
    "sync with the WMS": {"task": "inventory.tasks.sync_wms", "schedule": 10.0},
    "tell the WMS": {"task": "inventory.tasks.push_to_wms", "schedule": 5.0},
    "hear the WMS": {"task": "inventory.tasks.process_wms_events", "schedule": 5.0},
    "forget old news of the WMS": {
        "task": "inventory.tasks.forget_wms",
        "schedule": crontab(hour="3", minute="55"),
        "options": {"queue": "reports"},
    },
    "forget idempotency keys": {"task": "api.tasks.forget_expired_keys", "schedule": 3600.0},
}
