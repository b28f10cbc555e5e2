"""The links there are, by the settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from inventory.callers import own_warehouses
from inventory.wms.base import WmsAdapter
from inventory.wms.judge import Tolerance
from kernel.errors import Invalid


@dataclass(frozen=True, slots=True)
class Link:
    """One WMS. `warehouses`: its codes → ours. `secrets`: the first signs, each may have signed a webhook."""

    name: str
    adapter: str
    url: str
    key_id: str
    secrets: tuple[str, ...]
    warehouses: Mapping[str, str]
    fulfils: bool
    tolerance: Tolerance
    seconds: int
    snapshot_seconds: int

    def theirs(self, code: str) -> str:
        """Their code of a warehouse of ours."""
        return next((theirs for theirs, ours in self.warehouses.items() if ours == code), code)


def links() -> dict[str, Link]:
    return {name: _link(name, given) for name, given in settings.WMS_LINKS.items()}


def link_named(name: str, *, caller: object = None) -> Link:
    """Raises `Invalid` for one that does not exist, or keeps a warehouse that is not the caller's."""
    found = links().get(name)
    own = own_warehouses(caller)
    if found is None or (own is not None and not own.issuperset(found.warehouses.values())):
        raise Invalid(f"There is no link {name}.", field="link")
    return found


def link_of_key(key_id: str) -> Link | None:
    return next((link for link in links().values() if link.key_id == key_id), None)


def link_at(code: str) -> Link | None:
    """The link that keeps the stock of this warehouse of ours."""
    return next((link for link in links().values() if code in link.warehouses.values()), None)


def adapter_of(link: Link) -> WmsAdapter:
    return _adapter(link.adapter, link.name, link.url, link.key_id, link.secrets)


@cache
def _adapter(path: str, name: str, url: str, key_id: str, secrets: tuple[str, ...]) -> WmsAdapter:
    """One a process, with its connections."""
    adapter: WmsAdapter = import_string(path)(name=name, url=url, key_id=key_id, secrets=secrets)
    return adapter


def _link(name: str, given: Mapping[str, Any]) -> Link:
    return Link(
        name=name,
        adapter=given["adapter"],
        url=given["url"],
        key_id=given["key_id"],
        secrets=tuple(given["secrets"]),
        warehouses=given["warehouses"],
        fulfils=given["fulfils"],
        tolerance=Tolerance(given["tolerance_units"], given["tolerance_percent"], given["rise_units"]),
        seconds=given["seconds"],
        snapshot_seconds=given["snapshot_seconds"],
    )
