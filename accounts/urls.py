from typing import Any

from django.urls import path

from accounts.views.auth import AuthViewSet, PasswordViewSet, RefreshViewSet
from accounts.views.me import AddressViewSet, MeViewSet
from accounts.views.partners import PartnerTokenViewSet, PartnerViewSet

ONE: dict[str, Any] = {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
MANY: dict[str, Any] = {"get": "list", "post": "create"}

urlpatterns = [
    path("auth/register", AuthViewSet.as_view({"post": "register"})),
    path("auth/verify-email", AuthViewSet.as_view({"post": "verify_email"})),
    path("auth/token", AuthViewSet.as_view({"post": "token"})),
    path("auth/token/refresh", RefreshViewSet.as_view({"post": "refresh"})),
    path("auth/token/revoke", AuthViewSet.as_view({"post": "revoke"})),
    path("auth/password/reset", AuthViewSet.as_view({"post": "reset_password"})),
    path("auth/password/reset/confirm", AuthViewSet.as_view({"post": "confirm_reset"})),
    path("auth/password/change", PasswordViewSet.as_view({"post": "change"})),
    path("me", MeViewSet.as_view({"get": "retrieve", "patch": "partial_update"})),
    path("me/addresses", AddressViewSet.as_view(MANY)),
    path("me/addresses/<int:pk>", AddressViewSet.as_view(ONE)),
    path("partners", PartnerViewSet.as_view(MANY)),
    path("partners/<int:pk>", PartnerViewSet.as_view(ONE)),
    path("partners/<int:partner_id>/tokens", PartnerTokenViewSet.as_view({"post": "create"})),
    path("partners/<int:partner_id>/tokens/<int:token_id>", PartnerTokenViewSet.as_view({"delete": "destroy"})),
]
