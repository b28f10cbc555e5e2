"""What the sandbox is told by its environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Config:
    """`home` holds the books and the certificates; webhooks go to `shop_url`; `url` is where the sandbox is reached."""

    home: Path
    port: int
    shop_url: str
    stripe_secret_key: str
    stripe_publishable_key: str
    stripe_account: str
    stripe_webhook_secret: str
    paypal_client_id: str
    paypal_client_secret: str
    paypal_merchant_id: str
    paypal_webhook_id: str
    easypost_api_key: str
    wms_key_id: str
    wms_secret: str
    # What lies on its shelves at first, and after how many seconds it ships what it was asked for.
    wms_stock: str = ""
    wms_ship_seconds: float | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def books(self) -> Path:
        return self.home / "sandbox.sqlite3"


def from_environment(environment: Mapping[str, str] = os.environ) -> Config:
    """Raises KeyError with the name of a variable that is missing."""
    return Config(
        home=Path(environment["SANDBOX_HOME"]),
        port=int(environment["SANDBOX_PORT"]),
        shop_url=environment["SANDBOX_SHOP_URL"].rstrip("/"),
        stripe_secret_key=environment["SANDBOX_STRIPE_SECRET_KEY"],
        stripe_publishable_key=environment["SANDBOX_STRIPE_PUBLISHABLE_KEY"],
        stripe_account=environment["SANDBOX_STRIPE_ACCOUNT"],
        stripe_webhook_secret=environment["SANDBOX_STRIPE_WEBHOOK_SECRET"],
        paypal_client_id=environment["SANDBOX_PAYPAL_CLIENT_ID"],
        paypal_client_secret=environment["SANDBOX_PAYPAL_CLIENT_SECRET"],
        paypal_merchant_id=environment["SANDBOX_PAYPAL_MERCHANT_ID"],
        paypal_webhook_id=environment["SANDBOX_PAYPAL_WEBHOOK_ID"],
        easypost_api_key=environment["SANDBOX_EASYPOST_API_KEY"],
        wms_key_id=environment["SANDBOX_WMS_KEY_ID"],
        wms_secret=environment["SANDBOX_WMS_SECRET"],
        wms_stock=environment.get("SANDBOX_WMS_STOCK", ""),
        wms_ship_seconds=float(environment["SANDBOX_WMS_SHIP_SECONDS"])
        if environment.get("SANDBOX_WMS_SHIP_SECONDS")
        else None,
    )
