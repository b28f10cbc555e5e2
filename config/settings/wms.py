"""Warehouse management systems: who keeps the stock of which warehouse, and how each is spoken to."""

from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from config.env import PRODUCTION, env

_ADAPTERS = {"rest": "inventory.wms.rest.RestAdapter", "files": "inventory.wms.files.FilesAdapter"}
_FOLDERS = frozenset({"file", "sftp", "s3"})


def _link(name: str) -> dict[str, Any]:
    """What the environment says about one link."""
    prefix = f"WMS_{name.upper()}"
    adapter = env.str(f"{prefix}_ADAPTER", default="rest")
    found: dict[str, Any] = {
        "adapter": _ADAPTERS.get(adapter, ""),
        "url": env.str(f"{prefix}_URL", default="").rstrip("/"),
        "key_id": env.str(f"{prefix}_KEY_ID", default=name),
        # Two while one is being rotated: requests are signed with the first, webhooks may be with either.
        "secrets": env.list(f"{prefix}_SECRETS", default=[]),
        # Our code, or theirs=ours where they have another.
        "warehouses": dict(_place(text) for text in env.list(f"{prefix}_WAREHOUSES", default=[])),
        # Whether the WMS packs and ships. If not, it is told what our own people ship.
        "fulfils": env.bool(f"{prefix}_FULFILS", default=True),
        # A drop beyond both, and a rise beyond this many units, waits for a person.
        "tolerance_units": env.int(f"{prefix}_TOLERANCE_UNITS", default=10),
        "tolerance_percent": env.int(f"{prefix}_TOLERANCE_PERCENT", default=20),
        "rise_units": env.int(f"{prefix}_RISE_UNITS", default=10_000),
        "seconds": env.int(f"{prefix}_SECONDS", default=60),
        "snapshot_seconds": env.int(f"{prefix}_SNAPSHOT_SECONDS", default=24 * 3600),
    }
    _check(prefix, found)
    return found


def _place(text: str) -> tuple[str, str]:
    theirs, _, ours = text.partition("=")
    return theirs.strip(), (ours or theirs).strip()


def _check(prefix: str, found: dict[str, Any]) -> None:
    address = urlsplit(found["url"])
    if not found["adapter"]:
        raise ImproperlyConfigured(f"{prefix}_ADAPTER is rest or files.")
    if not found["warehouses"]:
        raise ImproperlyConfigured(f"{prefix}_WAREHOUSES must name the warehouses whose stock it keeps.")
    if found["adapter"] == _ADAPTERS["files"]:
        if address.scheme not in _FOLDERS:
            raise ImproperlyConfigured(f"{prefix}_URL is a folder: file:///…, sftp://user@host/… or s3://bucket/….")
    elif address.scheme != "https" and (PRODUCTION or address.scheme != "http"):
        raise ImproperlyConfigured(f"{prefix}_URL must be an https address.")
    elif not found["secrets"] or min(len(secret) for secret in found["secrets"]) < 32:
        raise ImproperlyConfigured(f"{prefix}_SECRETS must be random values of at least 32 characters.")
    numbers = ("tolerance_units", "tolerance_percent", "rise_units")
    if min(found[name] for name in numbers) < 0 or min(found["seconds"], found["snapshot_seconds"]) < 1:
        raise ImproperlyConfigured(f"The numbers of {prefix}_… are not negative, its seconds at least 1.")


WMS_LINKS: dict[str, dict[str, Any]] = {name: _link(name) for name in env.list("WMS_LINKS", default=[])}
# An answer that takes longer is not waited for.
WMS_CONNECT_SECONDS = env.float("WMS_CONNECT_SECONDS", default=3.0)
WMS_READ_SECONDS = env.float("WMS_READ_SECONDS", default=20.0)
# How old, or ahead of our clock, a signed webhook and the `as_of` of a number may be.
WMS_REPLAY_SECONDS = env.int("WMS_REPLAY_SECONDS", default=300)
# Who composes what a request says, at the moment it is sent: the people an order is for are known there alone.
WMS_REQUEST_BODY = "orders.fulfilment_requests.body_of"

_ours = [code for link in WMS_LINKS.values() for code in link["warehouses"].values()]
if len(_ours) != len(set(_ours)):
    raise ImproperlyConfigured("WMS_LINKS: a warehouse's stock is kept by one WMS.")
_keys = [link["key_id"] for link in WMS_LINKS.values()]
if len(_keys) != len(set(_keys)):
    raise ImproperlyConfigured("WMS_LINKS: each link has a key id of its own.")
