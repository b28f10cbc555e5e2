from django.urls import path

from audit.exceptions.views import ExceptionViewSet
from audit.views import AuditViewSet

urlpatterns = [
    path("audit", AuditViewSet.as_view({"get": "list"})),
    path("audit/<slug:documents>/<key>/as-of", AuditViewSet.as_view({"get": "as_of"})),
    path("exceptions", ExceptionViewSet.as_view({"get": "list"})),
    path("exceptions/<int:case_id>/assign", ExceptionViewSet.as_view({"post": "assign"})),
    path("exceptions/<int:case_id>/snooze", ExceptionViewSet.as_view({"post": "snooze"})),
    path("exceptions/<int:case_id>/resolve", ExceptionViewSet.as_view({"post": "resolve"})),
]
