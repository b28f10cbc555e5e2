"""Talking to PayPal: its SDK at our base URL, and every failure as `Declined` or `Unclear`."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import requests
from apimatic_core.exceptions.auth_validation_exception import AuthValidationException
from django.conf import settings
from paypalserversdk.configuration import Configuration, Environment, Server
from paypalserversdk.exceptions.api_exception import ApiException
from paypalserversdk.http.auth.o_auth_2 import ClientCredentialsAuthCredentials
from paypalserversdk.paypal_serversdk_client import PaypalServersdkClient

from payments.gateways.base import Declined, Unclear

Document = dict[str, Any]

# A token that runs out on its way is refused; so it is renewed this early.
_TOKEN_SKEW_SECONDS = 60


class _Session(requests.Session):
    """Follows no redirect: a token and an amount go to the configured host, or nowhere."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


class _Configuration(Configuration):
    """The SDK's, with a base URL of ours."""

    def __init__(self, base_url: str, **options: Any) -> None:
        super().__init__(**options)
        self.environments = {self.environment: {Server.DEFAULT: base_url}}


class PayPalClient:
    """One connection pool and one token. Calls return PayPal's own documents."""

    def __init__(self) -> None:
        self._base_url = settings.PAYPAL_API_URL.rstrip("/")
        self._timeout = (settings.PAYMENT_CONNECT_SECONDS, settings.PAYMENT_READ_SECONDS)
        self._session = _Session()
        self._token: Any = None
        self._sdk = PaypalServersdkClient(
            config=_Configuration(
                self._base_url,
                http_client_instance=self._session,
                timeout=self._timeout,
                max_retries=0,  # who retries is the operation, with a look-up in between
                environment=Environment.PRODUCTION,
                client_credentials_auth_credentials=ClientCredentialsAuthCredentials(
                    settings.PAYPAL_CLIENT_ID,
                    settings.PAYPAL_CLIENT_SECRET,
                    o_auth_clock_skew=_TOKEN_SKEW_SECONDS,
                    o_auth_on_token_update=self._keep_token,
                ),
            )
        )
        self.orders = self._sdk.orders
        self.payments = self._sdk.payments
        self.transactions = self._sdk.transaction_search

    def _keep_token(self, token: Any) -> None:
        self._token = token

    def call(self, function: Callable[[Mapping[str, Any]], Any], **options: Any) -> Document:
        """One call of the SDK. Raises `Declined` and `Unclear`."""
        try:
            return _document(function(options).text)
        except ApiException as refusal:
            raise self._failure(refusal.response_code, refusal.response.text) from refusal
        except AuthValidationException as refusal:
            raise Unclear("PayPal gave no token.") from refusal
        except (requests.RequestException, ValueError) as failure:
            raise Unclear(f"PayPal did not answer: {type(failure).__name__}.") from failure

    def get(self, path: str, **query: str) -> Document:
        """What the SDK has no call for."""
        return self._send("GET", path, params=query)

    def post(self, path: str, body: bytes) -> Document:
        return self._send("POST", path, data=body)

    def _send(self, method: str, path: str, **content: Any) -> Document:
        try:
            if not self._sdk.oauth_2.is_valid():
                raise Unclear("PayPal gave no token.")
            answer = self._session.request(
                method,
                self._base_url + path,
                headers={"Authorization": f"Bearer {self._token.access_token}", "Content-Type": "application/json"},
                timeout=self._timeout,
                **content,
            )
            if answer.status_code >= 300:
                raise self._failure(answer.status_code, answer.text)
            return _document(answer.text)
        except (requests.RequestException, ValueError) as failure:
            raise Unclear(f"PayPal did not answer: {type(failure).__name__}.") from failure

    def _failure(self, status: int, text: str) -> Declined | Unclear:
        if status == 401 and self._token is not None:
            self._token.expiry = 0  # withdrawn: the next call, with the same key, fetches another
        if status in {401, 408, 409, 429} or status >= 500 or status < 400:
            return Unclear(f"PayPal answered {status}.")
        return _declined(status, text)


def _document(text: str | None) -> Document:
    """Raises `ValueError` when it is not a JSON object."""
    document = json.loads(text or "{}")
    if not isinstance(document, dict):
        raise ValueError("not an object")
    return document


def _declined(status: int, text: str) -> Declined:
    """A refusal in PayPal's words: the first issue of its details, else its name."""
    try:
        error = _document(text)
    except ValueError:
        error = {}
    first: Document = next(iter(error.get("details") or []), {})
    issue = "not_found" if status == 404 else str(first.get("issue") or error.get("name") or f"http_{status}").lower()
    return Declined(issue, str(first.get("description") or error.get("message") or f"PayPal answered {status}."))
