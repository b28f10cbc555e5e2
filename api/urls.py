from django.urls import path

from api.document import DocumentPage, DocumentViewSet

urlpatterns = [
    path("schema", DocumentViewSet.as_view({"get": "retrieve"}), name="schema"),
    path("docs", DocumentPage.as_view(url_name="schema"), name="docs"),
]
