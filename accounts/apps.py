from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate
from django.utils.module_loading import import_string


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People and partners"

    def ready(self) -> None:
        # After the last app that has tables, the last that is told of: then the permissions of all of them are there.
        last = [app for app in apps.get_app_configs() if app.models_module][-1]
        post_migrate.connect(_sync, sender=last, dispatch_uid="accounts.role_groups")


def _sync(plan: Any = None, **kwargs: Any) -> None:
    """After `migrate`, which names its plan even when there was nothing to do; not after `flush`, which names none."""
    if plan is not None:
        # By name: the rows need models, which are not there yet when this module is read.
        import_string("accounts.role_groups.sync_groups")(**kwargs)
