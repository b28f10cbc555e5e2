from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The top of the project: the commands that work across all apps live here."""

    name = "config"
