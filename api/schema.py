"""The OpenAPI document: what every operation shares, written once."""

from typing import Any

from drf_spectacular.openapi import AutoSchema as SpectacularSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework.permissions import AllowAny

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "A problem document (RFC 9457). `code` is stable; switch on it. Some refusals add members.",
    "required": ["type", "title", "status", "code", "detail", "errors"],
    "properties": {
        "type": {"type": "string", "example": "about:blank"},
        "title": {"type": "string", "example": "Invalid input"},
        "status": {"type": "integer", "example": 400},
        "code": {"type": "string", "example": "invalid"},
        "detail": {"type": "string", "example": "quantity: Ensure this value is greater than or equal to 1."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "properties": {
                    "field": {"type": "string", "example": "quantity"},
                    "code": {"type": "string", "example": "min_value"},
                    "detail": {"type": "string", "example": "Ensure this value is greater than or equal to 1."},
                },
            },
        },
        "available_actions": {
            "type": "array",
            "items": {"type": "string"},
            "description": "On an order that refuses: what is possible instead.",
        },
    },
}
REASONS = {
    "400": "Malformed or invalid; `errors` names the fields.",
    "401": "No or no longer valid credentials.",
    "403": "Known, and may not do this.",
    "404": "Does not exist, or belongs to somebody else.",
    "406": "No such format.",
    "409": "Refused in this state.",
    "412": "Stale `If-Match`.",
    "413": "The body is too large.",
    "415": "The body's media type is not understood.",
    "422": "The Idempotency-Key was used with another body.",
    "429": "Too many requests; see `Retry-After`.",
    "503": "Something this needs is away; see `Retry-After`.",
}
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def idempotency_key(*, required: bool) -> OpenApiParameter:
    return OpenApiParameter(
        name="Idempotency-Key",
        type=str,
        location=OpenApiParameter.HEADER,
        required=required,
        description="1 to 255 visible ASCII characters, new for each intent. Kept 24 hours; a repeated request gets "
        "the first answer with `Idempotent-Replayed: true`.",
    )


class AutoSchema(SpectacularSchema):
    """drf-spectacular's schema with the headers, parameters and refusals of `api.views`."""

    def get_override_parameters(self) -> list[Any]:
        parameters = list(super().get_override_parameters())
        action = getattr(self.view, "action", None)
        if self.method == "POST" and action:
            parameters.append(idempotency_key(required=action in getattr(self.view, "idempotency_required", ())))
        if action in getattr(self.view, "dry_run_actions", ()):
            what = "Answer what would happen and change nothing."
            parameters.append(OpenApiParameter(name="dry_run", type=bool, description=what))
        if action == "list" and getattr(self.view, "pagination_class", None):
            orderings = [*getattr(self.view, "ordering_fields", ())]
            parameters.append(OpenApiParameter(name="ordering", type=str, enum=orderings))
        return parameters

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        """The operation with every refusal it can answer; what the view declares itself is kept."""
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is not None:
            for code in self.refusals(operation):
                operation["responses"].setdefault(code, refusal(code))
        return operation

    def refusals(self, operation: dict[str, Any]) -> list[str]:
        """The statuses that `api.views` and `api.problems` answer on this operation's behalf."""
        headers = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "header"}
        possible = {
            "400": True,
            "401": bool(self.view.authentication_classes),
            "403": any(permission is not AllowAny for permission in self.view.permission_classes),
            "404": "{" in self.path,
            "406": True,
            "409": self.method in WRITES,
            "412": "If-Match" in headers,
            "413": "requestBody" in operation,
            "415": "requestBody" in operation,
            "422": "Idempotency-Key" in headers,
            "429": bool(self.view.get_throttles()),
            "503": True,
        }
        own = getattr(self.view, "refuses", {}).get(getattr(self.view, "action", None), ())
        return [code for code, can_be in possible.items() if can_be or code in own]


def refusal(code: str) -> dict[str, Any]:
    response: dict[str, Any] = {
        "description": REASONS[code],
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if code in {"429", "503"}:
        seconds = {"description": "Seconds to wait before trying again.", "schema": {"type": "integer"}}
        response["headers"] = {"Retry-After": seconds}
    return response


def add_problem(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """A postprocessing hook: the shape that all refusals share."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    return result
