"""Errors in Stripe's envelope: https://docs.stripe.com/api/errors"""

from typing import Any

from sandbox.calls import Answer, Refused, Trouble

DOCUMENTATION = "https://docs.stripe.com/error-codes"


def envelope(status: int, message: str, *, type: str, is_kept: bool = True, **more: Any) -> Answer:  # noqa: A002
    error = {"message": message, "type": type, **{name: value for name, value in more.items() if value is not None}}
    if code := more.get("code"):
        error["doc_url"] = f"{DOCUMENTATION}/{code.replace('_', '-')}"
    return Answer(status, {"error": error}, is_kept=is_kept)


def invalid(message: str, **more: Any) -> Refused:
    """The request itself cannot be: nothing began, so no key keeps this answer."""
    return Refused(envelope(400, message, type="invalid_request_error", is_kept=False, **more))


def impossible(message: str, **more: Any) -> Refused:
    """The request is well formed and cannot happen as things stand."""
    return Refused(envelope(400, message, type="invalid_request_error", **more))


def missing(what: str, id: str, *, param: str = "id", status: int = 404) -> Refused:  # noqa: A002
    """404 for what the address names, 400 for what a parameter names."""
    message = f"No such {what}: '{id}'"
    return Refused(
        envelope(status, message, type="invalid_request_error", code="resource_missing", param=param, is_kept=False)
    )


def unauthorized(message: str) -> Refused:
    return Refused(envelope(401, message, type="invalid_request_error", is_kept=False))


def trouble(what: Trouble) -> Answer:
    """What a call meets before its handler, in Stripe's words."""
    if what == "rate_limited":
        return envelope(
            429, "Request rate limit exceeded.", type="invalid_request_error", code="rate_limit", is_kept=False
        )
    if what == "key_in_use":
        message = "There is currently another in-progress request using this idempotency key."
        return envelope(409, message, type="idempotency_error", code="idempotency_key_in_use", is_kept=False)
    if what == "key_reused":
        message = "Keys for idempotent requests can only be used with the same parameters they were first used with."
        return envelope(400, message, type="idempotency_error", is_kept=False)
    status = 500 if what == "broken" else 503
    return envelope(status, "An unknown error occurred", type="api_error", is_kept=status == 500)
