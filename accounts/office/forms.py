"""Forms of the back office's door that ask for a password or a code: counted as they are at the API."""

from typing import Any

from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from unfold.forms import AuthenticationForm

from accounts import limits
from accounts.models import User
from accounts.second_factor import use_app_code, use_recovery_code
from api.limits import RateLimited
from api.network import client_network

WRONG = "This code is not valid, or was used before."


def network() -> str:
    return client_network(context.request)


class DoorForm(AuthenticationForm):
    """E-mail and password of staff."""

    def clean(self) -> dict[str, Any]:
        email, at = str(self.cleaned_data.get("username", "")).lower(), client_network(self.request)
        count(lambda: limits.begin_login(email, at))
        cleaned: dict[str, Any] = super().clean()
        limits.end_login(email, at)
        return cleaned


class _CodeChecks(forms.Form):
    user: User

    def clean_code(self) -> str:
        code, user_id = str(self.cleaned_data["code"]), str(self.user.pk)
        count(lambda: limits.begin_code(user_id, network()))
        with transaction.atomic():
            used = use_app_code(self.user.pk, code) or use_recovery_code(self.user.pk, code)
        if used is None:
            raise ValidationError(WRONG)
        limits.end_code(user_id, network())
        self.authenticator: Authenticator = used
        used.user = self.user
        return code


class CodeForm(_CodeChecks, AuthenticateForm):
    """The second factor after the password."""


class CodeAgainForm(_CodeChecks, ReauthenticateForm):
    """The same for somebody who is in, before they change how they come in."""


class FirstCodeForm(ActivateTOTPForm):
    """The first code of an app that is being added."""

    def clean_code(self) -> str:
        count(lambda: limits.begin_code(str(self.user.pk), network()))
        code = str(super().clean_code())
        limits.end_code(str(self.user.pk), network())
        return code


def count(attempt: Any) -> None:
    """Raises `ValidationError` beyond the limit."""
    try:
        attempt()
    except RateLimited as refusal:
        raise ValidationError(refusal.text) from refusal
