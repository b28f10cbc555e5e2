from django.urls import path

from accounts.personal_data.views import ExportFileViewSet, ExportViewSet, KeepAccountViewSet

urlpatterns = [
    path("me/export", ExportViewSet.as_view({"get": "retrieve", "post": "create"})),
    path("me/export/file", ExportFileViewSet.as_view({"get": "retrieve"}), name="export-file"),
    path("auth/keep-account", KeepAccountViewSet.as_view({"post": "create"})),
]
