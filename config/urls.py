"""What can be asked."""

from importlib.util import find_spec

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

API = ("api", "accounts", "catalog", "inventory", "orders", "payments", "notifications", "reporting", "audit")

urlpatterns = [
    path("", include("api.health")),
    path("api/v1/", include([path("", include(f"{app}.urls")) for app in API if find_spec(f"{app}.urls")])),
    path(settings.ADMIN_PATH, admin.site.urls),
]
handler400 = "api.problems.bad_request_view"
handler404 = "api.problems.not_found_view"
handler500 = "api.problems.server_error_view"
