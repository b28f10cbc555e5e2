"""What can be asked."""

from importlib.util import find_spec

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

APPS = ("accounts", "catalog", "inventory", "orders", "payments", "notifications", "reporting", "audit")

api = [path("", include(f"{app}.urls")) for app in APPS if find_spec(f"{app}.urls")]

urlpatterns = [
    path("api/v1/", include(api)),
    path(settings.ADMIN_PATH, admin.site.urls),
]
