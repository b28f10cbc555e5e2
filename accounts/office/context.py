"""What the back office's frame needs on the pages that are not the Admin's own."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest

from accounts.models import User
from accounts.second_factor import factor_stays


def frame(request: HttpRequest) -> dict[str, Any]:
    """The Admin's name, colours and styles on the pages around signing in; nothing elsewhere."""
    if not request.path_info.removeprefix("/").startswith(settings.SIGN_IN_PATH):
        return {}
    user = request.user
    needed = isinstance(user, User) and user.role in settings.SECOND_FACTOR_ROLES
    return {
        **admin.site.each_context(request),
        "factor_needed": needed,
        "factor_stays": lambda: isinstance(user, User) and factor_stays(user),
    }
