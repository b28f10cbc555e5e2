"""Staff whose role needs a second factor set one up before they see anything else."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from accounts.models import User
from accounts.second_factor import has_second_factor

SET_UP = "Your role needs a second factor. Set one up to go on."


class SecondFactorMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not self.is_missing(request):
            return self.get_response(request)
        messages.warning(request, SET_UP)
        return redirect("mfa_index")

    def is_missing(self, request: HttpRequest) -> bool:
        path = request.path_info.removeprefix("/")
        if not settings.SECOND_FACTOR_ROLES or not path.startswith(settings.ADMIN_PATH):
            return False
        open_ways = (settings.SIGN_IN_PATH, reverse("admin:logout").removeprefix("/"), reverse("admin:jsi18n")[1:])
        user = request.user
        return (
            isinstance(user, User)
            and user.role in settings.SECOND_FACTOR_ROLES
            and not path.startswith(open_ways)
            and not has_second_factor(user.pk)
        )
