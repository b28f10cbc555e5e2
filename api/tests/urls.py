from django.urls import path

from api.tests.shelves import LabelViewSet, PrivateViewSet, ShelfViewSet

handler400 = "api.problems.bad_request_view"
handler404 = "api.problems.not_found_view"
handler500 = "api.problems.server_error_view"
urlpatterns = [
    path("api/v1/shelves", ShelfViewSet.as_view({"get": "list", "post": "create"})),
    path("api/v1/shelves/place", ShelfViewSet.as_view({"post": "place"})),
    path("api/v1/shelves/fail/<how>", ShelfViewSet.as_view({"post": "fail"})),
    path("api/v1/shelves/<name>", ShelfViewSet.as_view({"get": "retrieve", "patch": "partial_update"})),
    path("api/v1/labels", LabelViewSet.as_view({"get": "list"})),
    path("api/v1/label-rows", LabelViewSet.as_view({"get": "rows"})),
    path("api/v1/private", PrivateViewSet.as_view({"get": "list", "post": "file"})),
]
