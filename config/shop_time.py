"""Times in the back office are those of the shop."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone


class ShopTimeMiddleware:
    """Below the Admin's path, Django shows and reads times in `SHOP_TIME_ZONE`; the API stays in UTC."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.below = f"/{settings.ADMIN_PATH}"

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(self.below):
            return self.get_response(request)
        with timezone.override(ZoneInfo(settings.SHOP_TIME_ZONE)):
            return self.get_response(request)
