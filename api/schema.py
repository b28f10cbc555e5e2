"""The OpenAPI document: what every operation shares, written once."""

from typing import Any

from drf_spectacular.openapi import AutoSchema as SpectacularSchema
from drf_spectacular.utils import OpenApiParameter

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "A problem document (RFC 9457). `code` is stable; switch on it.",
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
        "available_actions": {"type": "array", "items": {"type": "string"}},
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
IDEMPOTENCY_KEY = OpenApiParameter(
    name="Idempotency-Key",
    type=str,
    location=OpenApiParameter.HEADER,
    description="1 to 255 visible ASCII characters, new for each intent. Kept 24 hours; a repeated request gets "
    "the first answer with `Idempotent-Replayed: true`.",
)


class AutoSchema(SpectacularSchema):
    """drf-spectacular's schema with the headers and parameters of `api.views`."""

    def get_override_parameters(self) -> list[Any]:
        parameters = list(super().get_override_parameters())
        action = getattr(self.view, "action", None)
        if self.method == "POST" and action:
            required = action in getattr(self.view, "idempotency_required", ())
            key = OpenApiParameter(**(vars(IDEMPOTENCY_KEY) | {"required": required}))
            parameters.append(key)
        if action in getattr(self.view, "dry_run_actions", ()):
            what = "Answer what would happen and change nothing."
            parameters.append(OpenApiParameter(name="dry_run", type=bool, description=what))
        if action == "list" and getattr(self.view, "pagination_class", None):
            orderings = list(getattr(self.view, "ordering_fields", ()))
            parameters.append(OpenApiParameter(name="ordering", type=str, enum=orderings))
        return parameters


def add_problems(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """A postprocessing hook: every operation names the refusals it can answer with."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    for path, operations in result.get("paths", {}).items():
        for method, operation in operations.items():
            for code in _problem_codes(path, method, operation):
                operation["responses"].setdefault(
                    code,
                    {
                        "description": REASONS[code],
                        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
                    },
                )
    return result


def _problem_codes(path: str, method: str, operation: dict[str, Any]) -> list[str]:
    codes = ["400", "401", "403", "406", "429", "503"]
    if "{" in path:
        codes.append("404")
    if method in {"post", "put", "patch", "delete"}:
        codes += ["409", "412", "413", "415"]
    if method == "post":
        codes.append("422")
    return codes
