"""What the back office's frame needs on the pages that are not the Admin's own."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest


def frame(request: HttpRequest) -> dict[str, Any]:
    """The Admin's name, colours and styles on the pages around signing in; nothing elsewhere."""
    if not request.path_info.removeprefix("/").startswith(settings.SIGN_IN_PATH):
        return {}
    return dict(admin.site.each_context(request))
