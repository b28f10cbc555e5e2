"""Settings of the processes that tests start: the project's with the facts of these tests, and no pages to load."""

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS as ALL_APPS

SUBSCRIPTIONS = "audit.tests.shelves.counting"
EVENT_QUEUES = {"audit": "shelves"}
PAGES = "django.contrib.admin"
INSTALLED_APPS = [f"{PAGES}.apps.SimpleAdminConfig" if app == PAGES else app for app in ALL_APPS]
ROOT_URLCONF = "api.health"
