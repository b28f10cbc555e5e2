"""PostgreSQL, and Redis for what may be lost."""

from config.env import TESTING, env

DATABASES = {"default": env.db("DATABASE_URL")}
DATABASES["default"] |= {
    # A fixed pool of threads serves requests, each keeping its connection.
    "CONN_MAX_AGE": None,
    "CONN_HEALTH_CHECKS": True,
    # PgBouncer in transaction mode cannot keep cursors or prepared statements between transactions.
    "DISABLE_SERVER_SIDE_CURSORS": env.bool("WAYBILL_PGBOUNCER", default=False),
    "OPTIONS": {"connect_timeout": 5},
}
if not env.bool("WAYBILL_PGBOUNCER", default=False):
    DATABASES["default"]["OPTIONS"] |= {
        "server_side_binding": True,
        "prepare_threshold": 1,
        "options": f"-c lock_timeout={env.int('WAYBILL_LOCK_TIMEOUT_MS', default=2000)}"
        f" -c statement_timeout={env.int('WAYBILL_STATEMENT_TIMEOUT_MS', default=0 if TESTING else 30000)}",
    }
if TESTING:
    DATABASES["default"]["TEST"] = {"NAME": env.str("WAYBILL_TEST_DB", default="test_waybill")}

REDIS_URL = env.str("REDIS_URL")
if TESTING:
    # Each parallel runner of the tests has a Redis database of its own, as it has one of PostgreSQL.
    REDIS_URL = f"{REDIS_URL.rpartition('/')[0]}/{env.str('PYTEST_XDIST_WORKER', default='gw0').removeprefix('gw')}"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "waybill",
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 0.5},
    }
}
