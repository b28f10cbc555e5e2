"""The pages of django-allauth that the back office needs; its others (sign-up, mails) do not exist here."""

from allauth.account import views as account
from allauth.socialaccount import views as social
from django.urls import include, path

from accounts.office import pages
from accounts.office.door import to_the_door

urlpatterns = [
    path("login/", to_the_door, name="account_login"),
    path("signup/", to_the_door, name="account_signup"),
    path("password/", to_the_door, name="account_set_password"),
    path("email/", to_the_door, name="account_email"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", to_the_door, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("2fa/totp/activate/", pages.AddApp.as_view(), name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", pages.RemoveApp.as_view(), name="mfa_deactivate_totp"),
    path("2fa/webauthn/add/", pages.AddKey.as_view(), name="mfa_add_webauthn"),
    path("2fa/webauthn/keys/<int:pk>/remove/", pages.RemoveKey.as_view(), name="mfa_remove_webauthn"),
    path("2fa/recovery-codes/generate/", pages.RenewCodes.as_view(), name="mfa_generate_recovery_codes"),
    path("2fa/", include("allauth.mfa.urls")),
    path("social/cancelled/", to_the_door, name="socialaccount_login_cancelled"),
    path("social/error/", social.login_error, name="socialaccount_login_error"),
    path("social/signup/", to_the_door, name="socialaccount_signup"),
    path("social/connections/", pages.Connections.as_view(), name="socialaccount_connections"),
    path("", include("allauth.socialaccount.providers.openid_connect.urls")),
]
