"""An issuer of our own beside the real one of the tests: it signs whatever a test wants to be signed."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

CLIENT = "waybill-app"


def key_pair() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class ScriptedIssuer:
    """Serves its own discovery document and keys; `asked` counts what was read."""

    address: str
    keys: dict[str, rsa.RSAPrivateKey] = field(default_factory=lambda: {"k1": key_pair()})
    metadata: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)

    def document(self, path: str) -> Any:
        if path == "/.well-known/openid-configuration":
            found = {"issuer": self.address, "jwks_uri": f"{self.address}/jwks"}
            return found | {"token_endpoint": f"{self.address}/token"} | self.metadata
        public = [(kid, json.loads(RSAAlgorithm.to_jwk(key.public_key()))) for kid, key in self.keys.items()]
        return {"keys": [jwk | {"kid": kid, "use": "sig", "alg": "RS256"} for kid, jwk in public]}

    def claims(self, **changes: Any) -> dict[str, Any]:
        now = int(time.time())
        claims = {"iss": self.address, "aud": CLIENT, "sub": "s-1", "iat": now, "exp": now + 300, "nonce": "n-1"}
        claims |= {"email": "ada@example.com", "email_verified": True} | changes
        return {name: value for name, value in claims.items() if value is not None}

    def sign(self, *, kid: str = "k1", key: Any = None, algorithm: str = "RS256", **changes: Any) -> str:
        signed_with = key if key is not None else self.keys[kid]
        return jwt.encode(self.claims(**changes), signed_with, algorithm=algorithm, headers={"kid": kid})


@contextmanager
def scripted_issuer() -> Iterator[ScriptedIssuer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.asked.append(self.path)
            body = json.dumps(issuer.document(self.path)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers["Content-Length"])).decode()
            issuer.forms.append({name: values[0] for name, values in parse_qs(form).items()})
            body = json.dumps({"id_token": issuer.sign()}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer = ScriptedIssuer(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()


def configured(address: str, *, client_id: str = CLIENT, **changes: Any) -> dict[str, Any]:
    """What the settings say about an issuer."""
    found = {"title": "Test", "issuer": address, "client_id": client_id, "client_secret": "shared-with-the-issuer"}
    return found | {"audiences": [client_id, "the-iphone-app"], "trusts_emails": False} | changes
