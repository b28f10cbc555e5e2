"""The certificate that signed a webhook: fetched from PayPal's hosts only, and believed only by its chain."""

import contextlib
import re
import threading
import time
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import certifi
import requests
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError
from django.conf import settings

from payments.gateways.base import BadSignature, Unclear

_PATH = re.compile(r"(/[\w-]+)?/v1/notifications/certs/[\w-]+", re.ASCII)
_PEM = re.compile(b"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
_MAX_BYTES = 64 * 1024
_CACHED_SECONDS = 3600
_CACHED_AT_MOST = 16
# The names in PayPal's certificates, live and for its sandbox.
_NAME = "messageverificationcerts.paypal.com"
_SANDBOX_NAME = "messageverificationcerts.sandbox.paypal.com"
_SANDBOX_HOST = "api.sandbox.paypal.com"

_cache: dict[tuple[str, str], tuple[float, x509.Certificate]] = {}
_lock = threading.Lock()


def certificate_at(url: str) -> x509.Certificate:
    """The leaf at this address. Raises `BadSignature` unless host, chain, name and dates are right; `Unclear` when
    it cannot be fetched now.
    """
    address = _pinned(url)
    key = (url, settings.PAYPAL_CERTIFICATE_ROOTS)
    with _lock:
        kept = _cache.get(key)
    if kept and kept[0] > time.monotonic():
        return kept[1]
    leaf = _checked(_fetch(url), host=address.netloc)
    with _lock:
        if len(_cache) >= _CACHED_AT_MOST:
            _cache.clear()
        _cache[key] = (time.monotonic() + _CACHED_SECONDS, leaf)
    return leaf


def _pinned(url: str) -> SplitResult:
    """Only listed hosts; without TLS only a listed loopback host with its port, where development has its sandbox."""
    try:
        address = urlsplit(url)
    except ValueError as problem:
        raise BadSignature("The certificate's address is none.") from problem
    host, has_port = address.netloc.rpartition(":")[::2] if ":" in address.netloc else (address.netloc, "")
    is_development = address.scheme == "http" and bool(has_port) and host in _LOOPBACK
    if address.netloc not in settings.PAYPAL_CERTIFICATE_HOSTS or not (address.scheme == "https" or is_development):
        raise BadSignature("The certificate is not at PayPal.")
    if not _PATH.fullmatch(address.path) or address.query or address.fragment:
        raise BadSignature("The certificate is not where PayPal keeps them.")
    return address


def _fetch(url: str) -> bytes:
    timeout = (settings.PAYMENT_CONNECT_SECONDS, settings.PAYMENT_READ_SECONDS)
    deadline = time.monotonic() + sum(timeout)
    try:
        with requests.get(url, timeout=timeout, allow_redirects=False, stream=True) as answer:
            if 400 <= answer.status_code < 500:
                raise BadSignature("There is no such certificate.")
            if answer.status_code != 200:
                raise Unclear(f"The certificate's host answered {answer.status_code}.")
            content = b""
            for chunk in answer.iter_content(8192):
                content += chunk
                if len(content) > _MAX_BYTES or time.monotonic() > deadline:
                    raise BadSignature("This is no certificate.")
            return content
    except requests.RequestException as failure:
        raise Unclear(f"The certificate cannot be fetched: {type(failure).__name__}.") from failure


def _checked(pem: bytes, *, host: str) -> x509.Certificate:
    """The first certificate of the file, chained to a root of ours by the others."""
    try:
        leaf, *intermediates = x509.load_pem_x509_certificates(pem)
        name = x509.DNSName(_SANDBOX_NAME if host == _SANDBOX_HOST else _NAME)
        PolicyBuilder().store(_roots()).build_server_verifier(name).verify(leaf, intermediates)
    except (ValueError, VerificationError) as problem:
        raise BadSignature("The certificate is not PayPal's.") from problem
    return leaf


def _roots() -> Store:
    """Those of the settings' file, which may hold intermediates too, or those that browsers trust.

    One that is malformed, as some old roots of browsers are, vouches for nothing and takes the others nothing.
    """
    roots = []
    for pem in _PEM.findall(Path(settings.PAYPAL_CERTIFICATE_ROOTS or certifi.where()).read_bytes()):
        with contextlib.suppress(ValueError):
            roots.append(x509.load_pem_x509_certificate(pem))
    return Store(roots)
