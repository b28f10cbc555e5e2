from django.urls import path

from audit.views import AuditViewSet

urlpatterns = [
    path("audit", AuditViewSet.as_view({"get": "list"})),
    path("audit/<slug:documents>/<key>/as-of", AuditViewSet.as_view({"get": "as_of"})),
]
