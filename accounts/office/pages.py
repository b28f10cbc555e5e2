"""allauth's pages that change how somebody comes in: each writes its fact in the transaction that makes it true."""

from collections.abc import Callable
from typing import Any, ClassVar

from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView, RemoveWebAuthnView
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.views import ConnectionsView
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts import oidc
from accounts.events import (
    IdentityUnlinked,
    RecoveryCodesRenewed,
    SecondFactorAdded,
    SecondFactorRemoved,
    SecurityEvent,
)
from accounts.second_factor import factor_stays
from api.actors import Actor
from audit.log import publish
from audit.verbs import verb

STAYS = "Your role needs a second factor: add another before you remove this one."


@verb
def change(*, make: Callable[[], HttpResponse], fact: SecurityEvent, by: Actor) -> HttpResponse:
    answer = make()
    publish(fact, by=by)
    return answer


class Told:
    """Beside a view of allauth's: what its form does is a fact of this kind."""

    fact: ClassVar[type[SecurityEvent]]
    request: HttpRequest

    def form_valid(self, form: Any) -> HttpResponse:
        user: Any = self.request.user
        parent: Any = super()
        return change(
            make=lambda: parent.form_valid(form),
            fact=self.fact(user_id=user.pk, **self.more(form)),
            by=user.as_actor(),
        )

    def more(self, form: Any) -> dict[str, Any]:
        return {}


class AddApp(Told, ActivateTOTPView):
    fact = SecondFactorAdded


class RemoveApp(Told, DeactivateTOTPView):
    fact = SecondFactorRemoved


class AddKey(Told, AddWebAuthnView):
    fact = SecondFactorAdded


class RemoveKey(Told, RemoveWebAuthnView):
    fact = SecondFactorRemoved

    def form_valid(self, form: Any) -> HttpResponse:
        """allauth asks its adapter for the app alone whether it may go."""
        if factor_stays(self.request.user):  # type: ignore[arg-type]  # the page is for who is in
            messages.error(self.request, STAYS)
            return redirect("mfa_list_webauthn")
        return super().form_valid(form)


class RenewCodes(Told, GenerateRecoveryCodesView):
    fact = RecoveryCodesRenewed


class Connections(Told, ConnectionsView):
    """Its form unlinks one."""

    fact = IdentityUnlinked

    def more(self, form: Any) -> dict[str, Any]:
        return {"issuer": form.cleaned_data["account"].provider}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        accounts = SocialAccount.objects.filter(user=self.request.user.pk).order_by("date_joined")
        linked = [
            {
                "pk": account.pk,
                "title": oidc.title_of(account.provider),
                "email": (account.extra_data.get("id_token") or {}).get("email", ""),
                "linked_at": account.date_joined,
                "used_at": account.last_login,
            }
            for account in accounts
        ]
        has = {account.provider for account in accounts}
        linkable = [issuer for issuer in oidc.issuers() if issuer.name not in has]
        return {**super().get_context_data(**kwargs), "linked": linked, "linkable": linkable}
