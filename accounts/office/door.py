"""The door of the back office: e-mail and password as Django asks for them, then allauth's second factor."""

from typing import Any

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from accounts import oidc
from accounts.office.forms import DoorForm


class DoorView(LoginView):
    """Django's log-in page of the Admin, whose password is only the first step for those who have a second factor."""

    template_name = "accounts/door.html"
    authentication_form = DoorForm

    def form_valid(self, form: Any) -> HttpResponse:
        user = form.get_user()
        login = Login(user=user, redirect_url=self.get_success_url())
        answer: HttpResponse = perform_password_login(self.request, {"email": user.email}, login)
        return answer

    def get_default_redirect_url(self) -> str:
        return reverse("admin:index")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        again = context[REDIRECT_FIELD_NAME] or reverse("admin:index")
        return {
            **admin.site.each_context(self.request),
            **context,
            "title": "Log in",
            "app_path": self.request.get_full_path(),
            "username": self.request.user.get_username(),
            REDIRECT_FIELD_NAME: again,
            "issuers": oidc.issuers(),
        }


def door(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
    """What `admin.site.login` is replaced by."""
    if request.method == "GET" and admin.site.has_permission(request):
        return HttpResponseRedirect(reverse("admin:index"))
    return DoorView.as_view(extra_context=extra_context or {})(request)


def to_the_door(request: HttpRequest) -> HttpResponse:
    """allauth's own log-in page is not used: whoever is sent there comes to ours."""
    query = request.META.get("QUERY_STRING", "")
    return HttpResponseRedirect(f"{reverse('admin:login')}{'?' + query if query else ''}")
