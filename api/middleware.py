"""Before and after every request: its id, its address, its last resort."""

import re
import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from api.actors import request_id

ACCEPTED_ID = re.compile(r"[!-~]{1,128}")
GetResponse = Callable[[HttpRequest], HttpResponseBase]


class RequestIdMiddleware:
    """`X-Request-ID`: accepted, made when absent or unfit, echoed, and found in logs, history and events."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-ID", "")
        value = given if ACCEPTED_ID.fullmatch(given) else uuid.uuid4().hex
        token = request_id.set(value)
        try:
            with structlog.contextvars.bound_contextvars(request_id=value):
                response = self.get_response(request)
        finally:
            request_id.reset(token)
        response["X-Request-ID"] = value
        return response


class ApiPathMiddleware:
    """Below `/api/` a trailing slash changes nothing and never redirects, and NUL in a path is not found."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith("/api/"):
            if "\x00" in request.path_info:
                return HttpResponse(status=404)
            if request.path_info != "/api/v1/":
                request.path_info = request.path_info.rstrip("/")
                request.path = request.path.rstrip("/")
        return self.get_response(request)
