import sys
from pathlib import Path

from django.apps import AppConfig
from django.core.checks import Tags, register

from config.checks import check_production, refuse_unsafe_production


class ConfigConfig(AppConfig):
    """The top of the project: the commands that work across all apps live here."""

    name = "config"

    def ready(self) -> None:
        register(check_production, Tags.security)
        # manage.py runs the checks before a command, and tells them better; nobody else does.
        if Path(sys.argv[0]).name != "manage.py":
            refuse_unsafe_production()
