"""The partners' gateway as a real nginx with the shipped configuration, and a server behind it that repeats what it heard."""

import contextlib
import datetime
import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bin.local import ports
from bin.local.home import ROOT
from bin.local.run_tests import throwaway_folder

# Debian has it where only root looks.
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
TEMPLATES = ROOT / "deploy" / "gateway"
TOKEN = {"Authorization": "Token wbp_0123456789"}
PATIENCE_SECONDS = 20
LARGEST_BODY = 1024 * 1024


class Echo(BaseHTTPRequestHandler):
    """Answers with what arrived."""

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        heard = {"path": self.path, "headers": self.headers.items(), "length": len(self.rfile.read(length))}
        body = json.dumps(heard).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Set-Cookie", "sessionid=x")
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_OPTIONS = answer  # noqa: N815

    def log_message(self, *args: Any) -> None:
        pass


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: dict[str, Any]

    def heard(self, name: str) -> list[str]:
        """What the application was told under that name."""
        return [value for key, value in self.body["headers"] if key.lower() == name.lower()]

    @property
    def refusal(self) -> tuple[int, str]:
        """The status and code of a problem document."""
        assert self.headers["Content-Type"] == "application/problem+json"
        assert self.body["status"] == self.status
        return self.status, self.body["code"]


@dataclass(frozen=True)
class Gateway:
    port: int
    folder: Path
    log: Path
    trusted: ssl.SSLContext

    def ask(
        self, path: str, method: str = "GET", headers: dict[str, str] = TOKEN, body: bytes | None = None,
        context: ssl.SSLContext | None = None,
    ) -> Answer:  # fmt: skip
        """One call on a connection of its own; the path is sent as it is."""
        trust = context or self.trusted
        call = http.client.HTTPSConnection("127.0.0.1", self.port, context=trust, timeout=PATIENCE_SECONDS)
        return answer_of(call, method, path, headers, body)


def answer_of(
    connection: http.client.HTTPConnection, method: str, path: str, headers: dict[str, str], body: bytes | None = None
) -> Answer:
    with contextlib.closing(connection):
        connection.request(method, path, headers=headers, body=body)
        found = connection.getresponse()
        return Answer(found.status, dict(found.getheaders()), json.loads(found.read() or b"{}"))


def certificate(folder: Path, name: str, signer: str | None = None) -> None:
    """`<name>.pem` and `<name>.key`, by another of the folder or by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer, issuer_key = subject, key
    if signer:
        issuer = x509.load_pem_x509_certificate((folder / f"{signer}.pem").read_bytes()).subject
        issuer_key = serialization.load_pem_private_key((folder / f"{signer}.key").read_bytes(), None)
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=signer is None, path_length=None), critical=True)
        .sign(issuer_key, hashes.SHA256())
    )
    (folder / f"{name}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8
    secret = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    (folder / f"{name}.key").write_bytes(secret)


def client(folder: Path | None = None, name: str = "") -> ssl.SSLContext:
    """A client that is not about the server's certificate, perhaps with one of its own."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if folder:
        context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    return context


def render(folder: Path, values: dict[str, str]) -> None:
    """As the official image does: `${GATEWAY_…}` from the environment, in every template."""
    for template in TEMPLATES.rglob("*.template"):
        target = folder / template.relative_to(TEMPLATES).with_suffix("")
        target.parent.mkdir(exist_ok=True)
        target.write_text(re.sub(r"\$\{(GATEWAY_\w+)\}", lambda found: values[found[1]], template.read_text()))


def as_composed() -> dict[str, str]:
    """The variables that the compose file gives the gateway, with their defaults."""
    service = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["gateway"]
    return {name: re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", str(value)) for name, value in service["environment"].items()}


@contextlib.contextmanager
def started(upstream: int, **changes: str) -> Iterator[Gateway]:
    """The gateway on a port of its own, until it answers."""
    port = ports.draw()
    with throwaway_folder() as folder:
        certificate(folder, "server")
        certificate(folder, "ca")
        shutil.copy(folder / "server.pem", folder / "fullchain.pem")
        shutil.copy(folder / "server.key", folder / "key.pem")
        shutil.copy(folder / "ca.pem", folder / "clients.pem")
        own = {"GATEWAY_TEMP": str(folder), "GATEWAY_CERTIFICATES": str(folder), "GATEWAY_RESOLVER": "127.0.0.1"}
        own |= {"GATEWAY_LISTEN": f"127.0.0.1:{port}", "GATEWAY_UPSTREAM": f"127.0.0.1:{upstream}"}
        own |= {"GATEWAY_MAX_BODY": str(LARGEST_BODY)}
        render(folder, as_composed() | own | changes)
        command = [str(NGINX), "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]
        log = folder / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(command, stdout=output, stderr=output)
        try:
            wait_for(port, process, log)
            yield Gateway(port, folder, log, client())
        finally:
            process.terminate()
            process.wait(PATIENCE_SECONDS)


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"nginx does not listen:\n{log.read_text()}")
