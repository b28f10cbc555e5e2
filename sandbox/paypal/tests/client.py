"""A client of the PayPal-like API, without any code of the shop."""

import uuid
from typing import Any

import httpx

from sandbox.testing import RunningSandbox


class Client:
    """Each call returns status and document."""

    def __init__(self, sandbox: RunningSandbox) -> None:
        self.sandbox = sandbox
        self.http = httpx.Client(base_url=sandbox.paypal_url, timeout=30, trust_env=False)
        keys = (sandbox.settings["PAYPAL_CLIENT_ID"], sandbox.settings["PAYPAL_CLIENT_SECRET"])
        token = self.http.post("/v1/oauth2/token", data={"grant_type": "client_credentials"}, auth=keys).json()
        self.http.headers["Authorization"] = f"Bearer {token['access_token']}"

    def post(self, path: str, body: Any = None, *, key: str = "") -> tuple[int, Any]:
        answer = self.http.post(path, json=body or {}, headers={"PayPal-Request-Id": key or uuid.uuid4().hex})
        return answer.status_code, answer.json() if answer.content else None

    def get(self, path: str, **query: str) -> Any:
        return self.http.get(path, params=query).raise_for_status().json()

    def order(self, amount: str = "50.00", *, intent: str = "CAPTURE", **unit: str) -> str:
        """The id of an approved order."""
        body = order_body(amount, intent=intent, **unit)
        order_id = str(self.post("/v2/checkout/orders", body)[1]["id"])
        self.post(f"/_test/orders/{order_id}/approve")
        return order_id

    def captured(self, amount: str = "50.00") -> str:
        """The id of the capture of a paid order."""
        _, order = self.post(f"/v2/checkout/orders/{self.order(amount)}/capture")
        return str(order["purchase_units"][0]["payments"]["captures"][0]["id"])


def order_body(amount: str, *, intent: str = "CAPTURE", **unit: str) -> dict[str, Any]:
    context = {"return_url": "http://shop.example/back?order=7", "cancel_url": "http://shop.example/cancelled"}
    return {
        "intent": intent,
        "purchase_units": [{"amount": {"currency_code": "EUR", "value": amount}, **unit}],
        "payment_source": {"paypal": {"experience_context": context}},
    }
