from typing import Any

from django.urls import include, path

from accounts.views.auth import AuthViewSet, PasswordViewSet, RefreshViewSet
from accounts.views.me import AddressViewSet, MeViewSet
from accounts.views.partners import PartnerTokenViewSet, PartnerViewSet
from accounts.views.second_factor import ChallengeViewSet, SecondFactorViewSet
from accounts.views.sessions import SessionViewSet
from accounts.views.social import IdentityViewSet, SocialViewSet

ONE: dict[str, Any] = {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
MANY: dict[str, Any] = {"get": "list", "post": "create"}

urlpatterns = [
    path("auth/register", AuthViewSet.as_view({"post": "register"})),
    path("auth/verify-email", AuthViewSet.as_view({"post": "verify_email"})),
    path("auth/token", AuthViewSet.as_view({"post": "token"})),
    path("auth/token/mfa", ChallengeViewSet.as_view({"post": "confirm"})),
    path("auth/token/refresh", RefreshViewSet.as_view({"post": "refresh"})),
    path("auth/token/revoke", AuthViewSet.as_view({"post": "revoke"})),
    path("auth/social", SocialViewSet.as_view({"get": "list"})),
    path("auth/social/<slug:issuer>", SocialViewSet.as_view({"post": "by_issuer"})),
    path("auth/password/reset", AuthViewSet.as_view({"post": "reset_password"})),
    path("auth/password/reset/confirm", AuthViewSet.as_view({"post": "confirm_reset"})),
    path("auth/password/change", PasswordViewSet.as_view({"post": "change"})),
    path("me", MeViewSet.as_view(ONE)),
    path("", include("accounts.personal_data.urls")),
    path("me/addresses", AddressViewSet.as_view(MANY)),
    path("me/addresses/<int:pk>", AddressViewSet.as_view(ONE)),
    path("me/sessions", SessionViewSet.as_view({"get": "list", "delete": "destroy_others"})),
    path("me/sessions/<int:pk>", SessionViewSet.as_view({"delete": "destroy"})),
    path("me/identities", IdentityViewSet.as_view({"get": "list"})),
    path("me/identities/<slug:issuer>", IdentityViewSet.as_view({"post": "link", "delete": "unlink"})),
    path("me/second-factor", SecondFactorViewSet.as_view({"get": "retrieve"})),
    path("me/second-factor/app", SecondFactorViewSet.as_view({"post": "begin"})),
    path("me/second-factor/app/confirm", SecondFactorViewSet.as_view({"post": "confirm"})),
    path("me/second-factor/recovery-codes", SecondFactorViewSet.as_view({"post": "renew_codes"})),
    path("me/second-factor/remove", SecondFactorViewSet.as_view({"post": "remove"})),
    path("partners", PartnerViewSet.as_view(MANY)),
    path("partners/<int:pk>", PartnerViewSet.as_view(ONE)),
    path("partners/<int:partner_id>/tokens", PartnerTokenViewSet.as_view({"post": "create"})),
    path("partners/<int:partner_id>/tokens/<int:token_id>", PartnerTokenViewSet.as_view({"delete": "destroy"})),
    path("partners/<int:partner_id>/tokens/<int:token_id>/rotate", PartnerTokenViewSet.as_view({"post": "rotate"})),
]
