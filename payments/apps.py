from django.apps import AppConfig
from django.core.checks import Tags, register

from payments.checks import check_gateways


class PaymentsConfig(AppConfig):
    name = "payments"
    verbose_name = "Money"

    def ready(self) -> None:
        register(check_gateways, Tags.security, deploy=True)
