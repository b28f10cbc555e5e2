"""For those who watch: is it alive, can it serve, how much does it do."""

import hmac
import os

import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from api.problems import problem_response

LOOPBACK = frozenset({"127.0.0.1", "::1"})
# A proxy on this machine speaks from loopback too, and says for whom.
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-Ip")
logger = structlog.get_logger(__name__)


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Alive: the process answers. Says nothing of what it depends on."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Can serve: every dependency by name, and 503 when one is away."""
    checks = {name: "ok" if answers(name, check) else "away" for name, check in settings.HEALTH_CHECKS.items()}
    ready = set(checks.values()) == {"ok"}
    return JsonResponse({"status": "ok" if ready else "away", "checks": checks}, status=200 if ready else 503)


def answers(name: str, check: str) -> bool:
    """Whether a dependency does what it should. Why not is for the log: anyone may ask."""
    try:
        import_string(check)()
    except Exception as error:  # noqa: BLE001  whatever goes wrong, it is not ready
        logger.warning("not_ready", dependency=name, error=str(error))
        return False
    return True


def check_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


# Once the schema is there it stays: the question is asked until it is answered with yes.
_migrated: list[bool] = []


def check_migrations() -> None:
    if _migrated:
        return
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise RuntimeError("Migrations are waiting.")
    _migrated.append(True)


def check_redis() -> None:
    cache.set("readyz", 1, timeout=10)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For Prometheus; not public."""
    if not may_watch(request):
        return problem_response("not_found", "There is nothing at this address.", 404)
    return HttpResponse(b"".join(generate_latest(registry) for registry in registries()), CONTENT_TYPE_LATEST)


def registries() -> list[CollectorRegistry]:
    """What this process counted, or all that share `PROMETHEUS_MULTIPROC_DIR`; and what is read when asked."""
    counted, asked = REGISTRY, CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        counted = CollectorRegistry()
        MultiProcessCollector(counted)
    for collector in settings.METRICS_COLLECTORS:
        asked.register(import_string(collector)())
    return [counted, asked]


def may_watch(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if settings.METRICS_TOKEN and scheme == "Bearer":
        return hmac.compare_digest(token.encode(), settings.METRICS_TOKEN.encode())
    local = request.META.get("REMOTE_ADDR") in LOOPBACK
    return local and not any(name in request.headers for name in FORWARDED)


urlpatterns = [path("healthz", healthz), path("readyz", readyz), path("metrics", metrics)]
