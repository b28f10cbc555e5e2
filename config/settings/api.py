"""DRF, its schema, tokens."""

import base64
import hashlib
from datetime import timedelta

from config.env import env, secret

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.JWTAuthentication",
        "accounts.authentication.PartnerTokenAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["api.json.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["api.json.OrjsonParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "api.pagination.CursorPage",
    "DEFAULT_SCHEMA_CLASS": "api.schema.AutoSchema",
    "EXCEPTION_HANDLER": "api.problems.exception_handler",
    "DATETIME_FORMAT": "%Y-%m-%dT%H:%M:%S.%fZ",
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_RENDERER_CLASSES": ["api.json.OrjsonRenderer", "rest_framework.renderers.MultiPartRenderer"],
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Waybill",
    "DESCRIPTION": "Order management and fulfilment.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    # Fields of one name and different choices.
    "ENUM_NAME_OVERRIDES": {
        "CampaignKindEnum": "orders.models.DiscountCampaign.Kind",
        "DiscountRuleKindEnum": "catalog.models.DiscountRule.Kind",
        "DispositionEnum": "orders.states.Disposition",
        "HoldKindEnum": "orders.states.HoldKind",
        "AvailabilityEnum": "inventory.backorders.availability.Availability",
        "MovementKindEnum": "inventory.models.StockMovement.Kind",
        "MovementReasonEnum": "inventory.models.StockMovement.Reason",
        "NotificationKindEnum": "notifications.states.Kind",
        "OrderPaymentStatusEnum": "orders.states.PaymentStatus",
        "OrderStatusEnum": "orders.states.Status",
        "PaymentStatusEnum": "payments.states.PaymentStatus",
        "RoutingReasonEnum": "inventory.routing.Reason",
        "StockTransferStateEnum": "inventory.transfers.models.Transfer.State",
        "TransferStatusEnum": "payments.states.TransferStatus",
        "PickListStateEnum": "orders.models.PickList.State",
        "AskedReturnReasonEnum": "orders.states.ASKED_REASONS",
        "ReturnReasonEnum": "orders.models.ReturnLine.Reason",
        "ReturnStateEnum": "orders.states.ReturnState",
        "StockRequestStateEnum": "catalog.stock_requests.models.StockRequest.State",
        "ShipmentStatusEnum": "orders.states.ShipmentStatus",
        "WriteOffEnum": "orders.states.WRITE_OFFS",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "api.schema.add_problem",
    ],
}
DATA_UPLOAD_MAX_MEMORY_SIZE = env.int("WAYBILL_MAX_BODY_BYTES", default=12 * 1024 * 1024)
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

IDEMPOTENCY_HOURS = env.int("WAYBILL_IDEMPOTENCY_HOURS", default=24)
# Derived keys: one secret in the environment, a separate key for each purpose.
_ROOT = secret("WAYBILL_SECRET_KEY").encode()
IDEMPOTENCY_CIPHER_KEY = base64.urlsafe_b64encode(hashlib.sha256(b"idempotency:" + _ROOT).digest())
TOKEN_KEY = hashlib.sha256(b"tokens:" + _ROOT).digest()

# Access tokens are signed with a key of their own: rotating it must not end Admin sessions.
SIMPLE_JWT = {
    "ALGORITHM": "HS256",
    "SIGNING_KEY": secret("WAYBILL_JWT_KEY"),
    "AUDIENCE": "waybill",
    "ISSUER": "waybill",
    "ACCESS_TOKEN_LIFETIME": timedelta(seconds=env.int("WAYBILL_ACCESS_SECONDS", default=300)),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=env.int("WAYBILL_REFRESH_DAYS", default=30)),
    "USER_ID_CLAIM": "sub",
    "TOKEN_TYPE_CLAIM": "type",
    "UPDATE_LAST_LOGIN": False,
}
