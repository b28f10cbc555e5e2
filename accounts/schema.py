"""What the OpenAPI document says about callers, with examples."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample

PAIR = OpenApiExample(
    "A pair",
    value={"access": "eyJhbGciOiJIUzI1NiIs…", "refresh": "eyJhbGciOiJIUzI1NiIs…"},
    response_only=True,
)
CREDENTIALS = OpenApiExample(
    "A customer",
    value={"email": "customer@example.com", "password": "waybill-demo"},
    request_only=True,
)
REGISTRATION = OpenApiExample(
    "A newcomer",
    value={
        "email": "ada@example.com",
        "password": "a-long-and-unusual-one",
        "first_name": "Ada",
        "last_name": "Example",
    },
    request_only=True,
)
ADDRESS = OpenApiExample(
    "An address",
    value={
        "first_name": "Ada",
        "last_name": "Example",
        "company": "",
        "line1": "1 High Street",
        "line2": "",
        "city": "Berlin",
        "region": "",
        "postal_code": "10115",
        "country": "DE",
        "phone": "",
    },
    request_only=True,
)
PARTNER_TOKEN = OpenApiExample(
    "A token for a fulfilment house",
    value={"scopes": ["orders:read", "fulfilment:write"], "expires_at": None},
    request_only=True,
)

CODE = OpenApiExample("A code", value={"mfa_token": "eyJhbGciOiJIUzI1NiIs…", "code": "492039"}, request_only=True)
ENROLMENT = OpenApiExample(
    "A first code", value={"enrolment": "WzEsImdBQUFBQS4u…", "code": "492039"}, request_only=True
)
ID_TOKEN = OpenApiExample(
    "What a mobile app was given",
    value={"id_token": "eyJhbGciOiJSUzI1NiIs…", "nonce": "n-0S6_WzA2Mj"},
    request_only=True,
)


class AccessTokenScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.authentication.JWTAuthentication"
    name = "accessToken"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "A person's access token from `auth/token`. Claims: `sub`, `role`, `scopes`, `fam`.",
        }


class PartnerTokenScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.authentication.PartnerTokenAuthentication"
    name = "partnerToken"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token ` and a partner's token. Its scopes decide what it opens.",
        }
