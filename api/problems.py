"""Errors as problem documents (RFC 9457): one shape for every refusal, with a stable `code`."""

from collections.abc import Callable, Iterator
from math import ceil
from typing import Any

import redis
import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as ModelValidationError
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.db import Error as DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.views import defaults
from rest_framework import exceptions, status
from rest_framework.fields import get_error_detail
from rest_framework.response import Response
from rest_framework.views import set_rollback

from api.json import TooLarge
from api.transactions import RETRIABLE, sqlstate
from kernel.errors import Busy, FieldProblem, Invalid, Refused, Unavailable

CONTENT_TYPE = "application/problem+json"
TITLES = {
    400: "Invalid input",
    401: "Not authenticated",
    403: "Permission denied",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    413: "Too large",
    415: "Unsupported media type",
    429: "Rate limited",
    500: "Server error",
    503: "Temporarily unavailable",
}
CODES = {
    400: "invalid",
    401: "not_authenticated",
    403: "permission_denied",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "too_large",
    415: "unsupported_media_type",
    429: "rate_limited",
    500: "server_error",
    503: "unavailable",
}
UNIQUE_VIOLATION = "23505"
logger = structlog.get_logger(__name__)


class AlreadyExists(Refused):
    """The last resort when two requests write the same unique value at once; services answer more precisely."""

    code = "already_exists"
    title = "Already exists"
    detail = "There is already one with these values."


# In order: the first kind that fits. `RequestDataTooBig` is a `SuspiciousOperation` too.
TRANSLATIONS: dict[type[Exception], Callable[[], Exception]] = {
    Http404: exceptions.NotFound,
    PermissionDenied: exceptions.PermissionDenied,
    RequestDataTooBig: TooLarge,
    SuspiciousOperation: exceptions.ParseError,
    UnreadablePostError: exceptions.ParseError,
    redis.RedisError: Unavailable,
}


def problem(
    code: str, detail: str, http_status: int, *, problems: list[FieldProblem] | None = None, **extra: Any
) -> dict[str, Any]:
    """The body of a problem document. `type` is `about:blank` beside a code: the code is the identifier."""
    return {
        "type": "about:blank",
        "title": extra.pop("title", TITLES.get(http_status, "Refused")),
        "status": http_status,
        "code": code,
        "detail": detail,
        "errors": [{"field": p.field, "code": p.code, "detail": p.detail} for p in problems or []],
    } | extra


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's hook. What it does not know is a bug and stays a 500."""
    refusal = translate(exc)
    if isinstance(refusal, Refused):
        headers = {"Retry-After": str(refusal.retry_after)} if refusal.retry_after else {}
        body = problem(
            refusal.code, refusal.text, refusal.status, problems=refusal.problems, title=refusal.title, **refusal.extra
        )
    elif isinstance(refusal, exceptions.ValidationError):
        body, headers = _invalid(refusal), {}
    elif isinstance(refusal, exceptions.APIException):
        body, headers = _api_exception(refusal)
    else:
        return None
    set_rollback()
    return Response(body, status=body["status"], headers=headers, content_type=CONTENT_TYPE)


def translate(exc: Exception) -> Exception:
    """What others raise, as a refusal of ours or DRF's; anything else as it is."""
    if isinstance(exc, (Refused, exceptions.APIException)):
        return exc
    if isinstance(exc, ModelValidationError):
        return exceptions.ValidationError(get_error_detail(exc))
    if isinstance(exc, DatabaseError):
        return _database_refusal(exc)
    found = next((refusal for kind, refusal in TRANSLATIONS.items() if isinstance(exc, kind)), None)
    return found() if found else exc


def _database_refusal(exc: Exception) -> Exception:
    """Refusals PostgreSQL makes of what a client sent, or because it is away; any other error is a bug."""
    state = sqlstate(exc)
    if isinstance(exc, DataError):
        logger.warning("value_refused_by_database", error=str(exc))
        return Invalid("A value is too large or cannot be stored.")
    if isinstance(exc, IntegrityError) and state == UNIQUE_VIOLATION:
        return AlreadyExists()
    if isinstance(exc, (OperationalError, InterfaceError)):
        logger.warning("database_away", sqlstate=state, error=str(exc))
        return Busy() if state in RETRIABLE else Unavailable()
    return exc


def _api_exception(exc: exceptions.APIException) -> tuple[dict[str, Any], dict[str, str]]:
    headers = {}
    if auth_header := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = auth_header
    if (wait := getattr(exc, "wait", None)) is not None:
        headers["Retry-After"] = str(max(1, ceil(wait)))
    detail = exc.detail
    text = str(detail.get("detail", exc.default_detail)) if isinstance(detail, dict) else str(detail)
    return problem(CODES.get(exc.status_code, str(exc.default_code)), text, exc.status_code), headers


def _invalid(exc: exceptions.ValidationError) -> dict[str, Any]:
    problems = list(flatten(exc.get_full_details()))
    codes = {found.code for found in problems}
    code = "required" if codes == {"required"} else "invalid"
    first = problems[0] if problems else FieldProblem("", "invalid", "The input is not valid.")
    detail = f"{first.field}: {first.detail}" if first.field else first.detail
    return problem(code, detail, status.HTTP_400_BAD_REQUEST, problems=problems)


def flatten(details: Any, path: str = "") -> Iterator[FieldProblem]:
    """DRF's nested details as a list with dotted paths: `items.0.quantity`."""
    if _is_leaf(details):
        yield FieldProblem(path, str(details["code"]), str(details["message"]))
    elif isinstance(details, dict):
        for name, inner in details.items():
            own = "" if name == "non_field_errors" else str(name)
            yield from flatten(inner, ".".join(part for part in (path, own) if part))
    else:
        leaves = all(_is_leaf(inner) for inner in details)
        for index, inner in enumerate(details):
            yield from flatten(inner, path if leaves else f"{path}.{index}".lstrip("."))


def _is_leaf(details: Any) -> bool:
    # A serializer may have fields of these names, whose details are lists.
    return (
        isinstance(details, dict)
        and set(details) == {"message", "code"}
        and not isinstance(details["code"], (list, dict))
    )


def problem_response(code: str, detail: str, http_status: int) -> JsonResponse:
    """A problem document from outside DRF: an unknown path, a middleware, a crash."""
    return JsonResponse(problem(code, detail, http_status), status=http_status, content_type=CONTENT_TYPE)


def is_api(request: HttpRequest) -> bool:
    return f"{request.path_info}/".startswith("/api/")


def bad_request_view(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's `handler400`: what is malformed before any view sees it, such as an unknown Host."""
    if is_api(request):
        return problem_response("invalid", "The request is malformed.", 400)
    return defaults.bad_request(request, exception)


def not_found_view(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's `handler404`."""
    if is_api(request):
        return problem_response("not_found", "There is nothing at this address.", 404)
    return defaults.page_not_found(request, exception)


def server_error_view(request: HttpRequest) -> HttpResponse:
    """Django's `handler500`."""
    if is_api(request):
        return problem_response("server_error", "Something went wrong on our side.", 500)
    return defaults.server_error(request)
