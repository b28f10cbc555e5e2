"""What can be asked."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.static import serve

from accounts.office.door import door

admin.site.login = door  # type: ignore[method-assign,assignment]  # the password is only the first step, see there

API = ("api", "accounts", "catalog", "inventory", "orders", "payments", "notifications", "reporting", "audit")

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("api.health")),
    path("api/v1/", include([path("", include(f"{app}.urls")) for app in API])),
    path(settings.SIGN_IN_PATH, include("accounts.office.urls")),
    path(settings.ADMIN_PATH, admin.site.urls),
]
if settings.MEDIA_ROOT:
    # Pictures in a folder: public, re-encoded by us, under names nobody can guess. S3 and Azure serve their own.
    # Nothing else of it is public, such as the certificates of customers.
    pictures = {"document_root": f"{settings.MEDIA_ROOT}/products"}
    urlpatterns.append(path("media/products/<path:path>", serve, pictures))
handler400 = "api.problems.bad_request_view"
handler404 = "api.problems.not_found_view"
handler500 = "api.problems.server_error_view"
