"""Errors as problem documents (RFC 9457): one shape for every refusal, with a stable `code`."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.exceptions import ValidationError as ModelValidationError
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

from kernel.errors import FieldProblem, Refused

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
    answer = _translate(exc)
    if answer is None:
        return None
    set_rollback()
    body, headers = answer
    return Response(body, status=body["status"], headers=headers, content_type=CONTENT_TYPE)


def _translate(exc: Exception) -> tuple[dict[str, Any], dict[str, str]] | None:
    if isinstance(exc, Refused):
        headers = {"Retry-After": str(exc.retry_after)} if exc.retry_after else {}
        body = problem(exc.code, exc.text, exc.status, problems=exc.problems, title=exc.title, **exc.extra)
        return body, headers
    if isinstance(exc, Http404):
        exc = exceptions.NotFound()
    elif isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied()
    elif isinstance(exc, RequestDataTooBig):
        return problem("too_large", "The body is larger than allowed.", 413), {}
    elif isinstance(exc, ModelValidationError):
        exc = exceptions.ValidationError(exc.messages)
    if isinstance(exc, exceptions.ValidationError):
        return _invalid(exc), {}
    if isinstance(exc, exceptions.APIException):
        return _api_exception(exc)
    return None


def _api_exception(exc: exceptions.APIException) -> tuple[dict[str, Any], dict[str, str]]:
    headers = {}
    if auth_header := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = auth_header
    if (wait := getattr(exc, "wait", None)) is not None:
        headers["Retry-After"] = str(max(1, round(wait)))
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
    if isinstance(details, dict) and set(details) == {"message", "code"}:
        yield FieldProblem(path, str(details["code"]), str(details["message"]))
    elif isinstance(details, dict):
        for name, inner in details.items():
            own = "" if name == "non_field_errors" else str(name)
            yield from flatten(inner, ".".join(part for part in (path, own) if part))
    else:
        leaves = all(isinstance(inner, dict) and set(inner) == {"message", "code"} for inner in details)
        for index, inner in enumerate(details):
            yield from flatten(inner, path if leaves else f"{path}.{index}".lstrip("."))


def problem_response(code: str, detail: str, http_status: int) -> JsonResponse:
    """A problem document from outside DRF: an unknown path, a middleware, a crash."""
    return JsonResponse(problem(code, detail, http_status), status=http_status, content_type=CONTENT_TYPE)


def not_found_view(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    """Django's `handler404` for the API's part of the site."""
    return problem_response("not_found", "There is nothing at this address.", 404)


def server_error_view(request: HttpRequest) -> JsonResponse:
    """Django's `handler500` for the API's part of the site."""
    return problem_response("server_error", "Something went wrong on our side.", 500)
