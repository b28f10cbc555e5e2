"""Refusals in PayPal's envelope: https://developer.paypal.com/api/rest/responses/#link-errormessages"""

import secrets
from typing import Any

from sandbox.calls import Answer, Refused, Trouble

_NAMES = {
    400: "INVALID_REQUEST",
    401: "AUTHENTICATION_FAILURE",
    404: "RESOURCE_NOT_FOUND",
    409: "RESOURCE_CONFLICT",
    422: "UNPROCESSABLE_ENTITY",
    429: "RATE_LIMIT_REACHED",
    500: "INTERNAL_SERVER_ERROR",
    503: "SERVICE_UNAVAILABLE",
}
_MESSAGES = {
    400: "Request is not well-formed, syntactically incorrect, or violates schema.",
    401: "Authentication failed due to invalid authentication credentials or a missing Authorization header.",
    404: "The specified resource does not exist.",
    409: "The server has detected a conflict while processing this request.",
    422: "The requested action could not be performed, semantically incorrect, or failed business validation.",
    429: "Too many requests. Blocked due to rate limiting.",
    500: "An internal server error occurred.",
    503: "Service Unavailable.",
}
_TROUBLES: dict[Trouble, int] = {
    "rate_limited": 429,
    "broken": 500,
    "unavailable": 503,
    "key_in_use": 409,
    "key_reused": 422,
}


def error(status: int, **detail: str) -> Answer:
    """PayPal keeps no refusals: the next call with the same key is tried afresh."""
    body: dict[str, Any] = {"name": _NAMES[status], "message": _MESSAGES[status], "debug_id": secrets.token_hex(7)}
    if detail:
        body["details"] = [detail]
    return Answer(status, {**body, "links": []}, is_kept=False)


class Refusal(Refused):
    """PayPal says no: nothing happened."""

    def __init__(self, issue: str, description: str = "", *, status: int = 422, field: str = "") -> None:
        self.issue = issue
        detail = {"issue": issue, "description": description or issue.replace("_", " ").capitalize() + "."}
        super().__init__(error(status, **detail, **({"field": field, "location": "body"} if field else {})))


def not_found() -> Refusal:
    return Refusal("INVALID_RESOURCE_ID", "Specified resource ID does not exist.", status=404)


def trouble(kind: Trouble) -> Answer:
    return error(_TROUBLES[kind])
