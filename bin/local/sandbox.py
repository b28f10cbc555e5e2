"""The stand-ins for Stripe, PayPal, EasyPost and a WMS, and the settings that point the shop's gateways at them."""

import hashlib
import hmac
import sys
from dataclasses import dataclass
from pathlib import Path

from bin.local.home import ROOT, Home
from bin.local.programs import Program


@dataclass(frozen=True)
class Sandbox:
    home: Home

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.home.keys.sandbox_port}"

    @property
    def folder(self) -> Path:
        return self.home.path / "sandbox"

    def settings(self) -> dict[str, str]:
        """The shop's side. Going live is other values for the same names."""
        return {
            "SANDBOX_URL": self.url,
            "STRIPE_API_URL": f"{self.url}/stripe",
            "STRIPE_SECRET_KEY": f"sk_test_{self._drawn('stripe secret key')}",
            "STRIPE_PUBLISHABLE_KEY": f"pk_test_{self._drawn('stripe publishable key')}",
            "STRIPE_ACCOUNT": f"acct_{self._drawn('stripe account')[:16]}",
            "STRIPE_WEBHOOK_SECRETS": f"whsec_{self._drawn('stripe webhook secret')}",
            "PAYPAL_API_URL": f"{self.url}/paypal",
            "PAYPAL_CLIENT_ID": self._drawn("paypal client id"),
            "PAYPAL_CLIENT_SECRET": self._drawn("paypal client secret"),
            "PAYPAL_MERCHANT_ID": self._drawn("paypal merchant id")[:13].upper(),
            "PAYPAL_WEBHOOK_ID": self._drawn("paypal webhook id")[:17].upper(),
            "PAYPAL_CERTIFICATE_HOSTS": f"127.0.0.1:{self.home.keys.sandbox_port}",
            "PAYPAL_CERTIFICATE_ROOTS": str(self.folder / "ca.pem"),
            "CARRIER_RATES": "easypost",
            "EASYPOST_API_URL": f"{self.url}/easypost",
            "EASYPOST_API_KEY": self._drawn("easypost api key"),
            "WMS_LINKS": "main",
            "WMS_MAIN_URL": f"{self.url}/wms",
            "WMS_MAIN_KEY_ID": "waybill-demo",
            "WMS_MAIN_SECRETS": self._drawn("wms secret"),
            "WMS_MAIN_WAREHOUSES": "NORTH",
            "WMS_MAIN_SECONDS": "30",
        }

    def program(self, *, shop_url: str) -> Program:
        """Webhooks go to `shop_url`."""
        settings = self.settings()
        return Program(
            name="sandbox",
            command=(sys.executable, "-m", "sandbox"),
            folder=Path(ROOT),
            environment={
                "SANDBOX_HOME": str(self.folder),
                "SANDBOX_PORT": str(self.home.keys.sandbox_port),
                "SANDBOX_SHOP_URL": shop_url,
                "SANDBOX_STRIPE_SECRET_KEY": settings["STRIPE_SECRET_KEY"],
                "SANDBOX_STRIPE_PUBLISHABLE_KEY": settings["STRIPE_PUBLISHABLE_KEY"],
                "SANDBOX_STRIPE_ACCOUNT": settings["STRIPE_ACCOUNT"],
                "SANDBOX_STRIPE_WEBHOOK_SECRET": settings["STRIPE_WEBHOOK_SECRETS"],
                "SANDBOX_PAYPAL_CLIENT_ID": settings["PAYPAL_CLIENT_ID"],
                "SANDBOX_PAYPAL_CLIENT_SECRET": settings["PAYPAL_CLIENT_SECRET"],
                "SANDBOX_PAYPAL_MERCHANT_ID": settings["PAYPAL_MERCHANT_ID"],
                "SANDBOX_PAYPAL_WEBHOOK_ID": settings["PAYPAL_WEBHOOK_ID"],
                "SANDBOX_EASYPOST_API_KEY": settings["EASYPOST_API_KEY"],
                "SANDBOX_WMS_KEY_ID": settings["WMS_MAIN_KEY_ID"],
                "SANDBOX_WMS_SECRET": settings["WMS_MAIN_SECRETS"],
                # As the demo shop fills its northern warehouse.
                "SANDBOX_WMS_STOCK": "NORTH:D00001-D00060:25",
                "SANDBOX_WMS_SHIP_SECONDS": "120",
            },
        )

    def _drawn(self, name: str) -> str:
        """A key of its own for each name, from the one that is kept."""
        return hmac.new(self.home.keys.sandbox_secret.encode(), name.encode(), hashlib.sha256).hexdigest()[:32]
