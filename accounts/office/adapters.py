"""django-allauth's questions, answered by our services."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts import limits, services
from accounts.models import User
from accounts.office.forms import count
from accounts.oidc import Identity, identity_of_claims, issuer_named
from accounts.second_factor import factor_stays
from api.actors import Actor
from api.network import client_network
from kernel.errors import Refused

LINKED = "socialaccount/email/account_connected"
STAFF_ONLY = "This account does not open the back office."


class AccountAdapter(DefaultAccountAdapter):
    """Sessions of the browser: for staff alone, and without sign-up, mails or limits of allauth's own."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_login(self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any) -> HttpResponse | None:
        if isinstance(user, User) and user.is_staff and user.is_active:
            return None
        messages.error(request, STAFF_ONLY)
        return redirect("admin:login")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """Only asked for somebody who is in and has to prove it again."""
        email, network = str(credentials.get("email", "")), client_network(request)
        count(lambda: limits.begin_login(email, network))
        user: AbstractBaseUser | None = super().authenticate(request, **credentials)
        if user is not None:
            limits.end_login(email, network)
        return user

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Mails are sent for events, by the app that knows how."""

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_network(request)


class IdentityAdapter(DefaultSocialAccountAdapter):
    """The browser's flow finds people by the same rule as the API."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        if sociallogin.state.get("process") == "connect":
            return
        try:
            services.known_person_of(identity=identity_of(sociallogin), by=Actor.guest())
        except Refused as refusal:
            messages.error(request, refusal.text)
            raise ImmediateHttpResponse(redirect("admin:login")) from refusal
        if not sociallogin.is_existing:  # linked just now
            sociallogin.lookup()

    def send_notification_mail(self, template_prefix: str, user: Any, context: dict[str, Any], **kwargs: Any) -> None:
        """allauth calls this where it has linked an account to somebody who is in, and nowhere else for us to say so.

        Its other notices are of pages that write their fact themselves, see `accounts.office.pages`.
        """
        if template_prefix == LINKED:
            services.note_identity_linked(user_id=user.pk, issuer=context["account"].provider, by=user.as_actor())


def identity_of(sociallogin: SocialLogin) -> Identity:
    """What the issuer said, as the API reads it of an id_token."""
    account = sociallogin.account
    said = account.extra_data.get("id_token") or {}
    return identity_of_claims(issuer_named(account.provider), said | {"sub": account.uid})


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets are encrypted where they lie."""

    def encrypt(self, text: str) -> str:
        return Fernet(settings.SECOND_FACTOR_KEY).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return Fernet(settings.SECOND_FACTOR_KEY).decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Where the role needs a second factor, the last one stays."""
        user = authenticator.user
        return not (isinstance(user, User) and factor_stays(user))

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:  # noqa: A002
        """Offered for a new security key."""
        return f"Key {1 + Authenticator.objects.filter(user=user, type=type).count()}"

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """As above."""
