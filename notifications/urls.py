from django.urls import path

from notifications.views import NotificationViewSet, TemplateViewSet

urlpatterns = [
    path("notification-templates", TemplateViewSet.as_view({"get": "list", "post": "create"})),
    path(
        "notification-templates/<slug:kind>",
        TemplateViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
    ),
    path("notification-templates/<slug:kind>/preview", TemplateViewSet.as_view({"post": "preview"})),
    path("notification-templates/<slug:kind>/send-test", TemplateViewSet.as_view({"post": "send_test"})),
    path("notifications", NotificationViewSet.as_view({"get": "list"})),
]
