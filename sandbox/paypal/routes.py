"""What of PayPal's API is there, and helpers of tests below `/_test`, which do what a customer or PayPal does."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sandbox.calls import Answer, Call, Handler, Sandbox, endpoint
from sandbox.paypal.certificates import certificate_in
from sandbox.paypal.desk import Desk, Document, public
from sandbox.paypal.disputes import close_dispute, list_disputes, open_dispute
from sandbox.paypal.door import API, HELPERS, TOKENS, body_of, issue_token, query_of, repeatable
from sandbox.paypal.orders import approve_order, authorize_order, capture_order, create_order, order_document
from sandbox.paypal.page import approval
from sandbox.paypal.payments import (
    authorization_resource,
    capture_authorization,
    capture_resource,
    expire_authorization,
    refund_capture,
    settle_capture,
    settle_refund,
    void_authorization,
)
from sandbox.paypal.reporting import search_transactions
from sandbox.paypal.signing import Signer

_CERTIFICATE = "CERT-sandbox"
_WEBHOOK_PATH = "/api/v1/webhooks/paypal"


def install(sandbox: Sandbox) -> None:
    """Webhooks are signed with a certificate that this serves."""
    signer = signer_of(sandbox)
    sandbox.webhooks.register("paypal", path=_WEBHOOK_PATH, sign=signer.headers)


def signer_of(sandbox: Sandbox) -> Signer:
    url = f"{sandbox.config.url}/paypal/v1/notifications/certs/{_CERTIFICATE}"
    return Signer(certificate_in(sandbox.config.home), url, sandbox.config.paypal_webhook_id)


def rendered(desk: Desk, kind: str, key: str) -> Answer:
    """A document as PayPal shows it now."""
    document = desk.get(kind, key)
    shown: Callable[[Desk, Document], Document] = {
        "order": order_document,
        "capture": capture_resource,
        "authorization": authorization_resource,
    }.get(kind, lambda _, document: public(document))
    return Answer(200, shown(desk, document))


def show(kind: str) -> Handler:
    return lambda call: rendered(Desk(call.sandbox), kind, call.ids["id"])


def nothing(desk: Desk, kind: str, key: str) -> Answer:
    return Answer(204)


def verify_signature(call: Call) -> Answer:
    try:
        is_ours = signer_of(call.sandbox).has_signed(call.body)
    except (KeyError, ValueError, TypeError):
        is_ours = False
    return Answer(200, {"verification_status": "SUCCESS" if is_ours else "FAILURE"})


def helper(verb: Callable[[Desk, str, Document], Document], kind: str) -> Handler:
    def handle(call: Call) -> Answer:
        desk = Desk(call.sandbox)
        made = verb(desk, call.ids["id"], body_of(call))
        return rendered(desk, kind, made["dispute_id"] if kind == "dispute" else made["id"])

    return handle


async def certificate(request: Request) -> Response:
    pem = certificate_in(request.app.state.sandbox.config.home).pem
    return Response(pem, media_type="application/x-pem-file")


def _post(path: str, handler: Handler) -> Route:
    return Route(path, endpoint(API, handler), methods=["POST"])


def _get(path: str, handler: Handler) -> Route:
    return Route(path, endpoint(API, handler), methods=["GET"])


def _help(path: str, verb: Callable[[Desk, str, Document], Document], kind: str) -> Route:
    return Route(f"/_test{path}", endpoint(HELPERS, helper(verb, kind)), methods=["POST"])


routes: list[BaseRoute] = [
    Route("/v1/oauth2/token", endpoint(TOKENS, issue_token), methods=["POST"]),
    _post(
        "/v2/checkout/orders",
        repeatable("create", lambda desk, call: ("order", create_order(desk, body_of(call))["id"]), rendered),
    ),
    _get("/v2/checkout/orders/{id}", show("order")),
    _post(
        "/v2/checkout/orders/{id}/capture",
        repeatable("capture", lambda desk, call: ("order", capture_order(desk, call.ids["id"])["id"]), rendered),
    ),
    _post(
        "/v2/checkout/orders/{id}/authorize",
        repeatable("authorize", lambda desk, call: ("order", authorize_order(desk, call.ids["id"])["id"]), rendered),
    ),
    _get("/v2/payments/authorizations/{id}", show("authorization")),
    _post(
        "/v2/payments/authorizations/{id}/capture",
        repeatable(
            "capture authorization",
            lambda desk, call: ("capture", capture_authorization(desk, call.ids["id"], body_of(call))["id"]),
            rendered,
        ),
    ),
    _post(
        "/v2/payments/authorizations/{id}/void",
        repeatable(
            "void", lambda desk, call: ("authorization", void_authorization(desk, call.ids["id"])["id"]), nothing
        ),
    ),
    _get("/v2/payments/captures/{id}", show("capture")),
    _post(
        "/v2/payments/captures/{id}/refund",
        repeatable(
            "refund",
            lambda desk, call: ("refund", refund_capture(desk, call.ids["id"], body_of(call))["id"]),
            rendered,
        ),
    ),
    _get("/v2/payments/refunds/{id}", show("refund")),
    _get(
        "/v1/reporting/transactions", lambda call: Answer(200, search_transactions(Desk(call.sandbox), query_of(call)))
    ),
    _get("/v1/customer/disputes", lambda call: Answer(200, list_disputes(Desk(call.sandbox), query_of(call)))),
    _get("/v1/customer/disputes/{id}", show("dispute")),
    _post("/v1/notifications/verify-webhook-signature", verify_signature),
    Route(f"/v1/notifications/certs/{_CERTIFICATE}", certificate),
    Route("/checkoutnow", approval, methods=["GET", "POST"]),
    _help(
        "/orders/{id}/approve", lambda desk, key, body: approve_order(desk, key, funding=body.get("payer", "")), "order"
    ),
    _help("/captures/{id}/settle", lambda desk, key, body: settle_capture(desk, key, body["status"]), "capture"),
    _help("/captures/{id}/dispute", open_dispute, "dispute"),
    _help("/refunds/{id}/settle", lambda desk, key, body: settle_refund(desk, key, body["status"]), "refund"),
    _help("/authorizations/{id}/expire", lambda desk, key, _: expire_authorization(desk, key), "authorization"),
    _help("/disputes/{id}/close", lambda desk, key, body: close_dispute(desk, key, body["outcome"]), "dispute"),
]
