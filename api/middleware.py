"""Before and after every request: its id, its address, its last resort."""

import re
import time
import uuid
from collections.abc import Callable

import structlog
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from api.actors import request_id
from api.problems import is_api, not_found_view

ACCEPTED_ID = re.compile(r"[!-~]{1,128}")
GetResponse = Callable[[HttpRequest], HttpResponseBase]
logger = structlog.get_logger(__name__)


class RequestIdMiddleware:
    """`X-Request-ID`: accepted, made when absent or unfit, echoed, and found in logs, history and events."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-ID", "")
        value = given if ACCEPTED_ID.fullmatch(given) else uuid.uuid4().hex
        token = request_id.set(value)
        begun = time.perf_counter()
        try:
            with structlog.contextvars.bound_contextvars(request_id=value):
                response = self.get_response(request)
                # The path alone: a query may hold what people searched for.
                logger.info(
                    "request",
                    method=request.method,
                    path=request.path_info,
                    status=response.status_code,
                    milliseconds=round((time.perf_counter() - begun) * 1000, 1),
                )
        finally:
            request_id.reset(token)
        response["X-Request-ID"] = value
        return response


class ApiPathMiddleware:
    """Below `/api/` a trailing slash changes nothing and never redirects, and NUL in a path is not found."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if is_api(request):
            if "\x00" in request.path_info:
                return not_found_view(request, Http404())
            request.path_info = request.path_info.rstrip("/")
            request.path = request.path.rstrip("/")
        return self.get_response(request)
