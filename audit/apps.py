from django.apps import AppConfig
from prometheus_client import REGISTRY

from audit.metrics import LogCollector


class AuditConfig(AppConfig):
    name = "audit"
    verbose_name = "History and events"

    def ready(self) -> None:
        REGISTRY.register(LogCollector())
