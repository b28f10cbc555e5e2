"""Folders in which files are dropped: on this machine, on an SFTP server, or in a bucket."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import paramiko
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage
from storages.backends.s3 import S3Storage
from storages.backends.sftpstorage import SFTPStorage

from inventory.wms.base import Away

SECONDS = 20
MOST_BYTES = 64_000_000
UNFINISHED = ".part"


class KnownHosts(SFTPStorage):
    """Only servers whose key is known: another one would get the names and addresses of customers."""

    def _connect(self) -> None:
        self._ssh = paramiko.SSHClient()
        self._ssh.load_host_keys(self.known_host_file)
        self._ssh.set_missing_host_key_policy(paramiko.RejectPolicy())
        self._ssh.connect(self.host, **self.params)
        self._sftp = self._ssh.open_sftp()


class Folder:
    """Files by name below one place. Raises `Away` where it cannot be reached."""

    def __init__(self, url: str) -> None:
        self._storage = storage_of(url)

    def names(self, folder: str) -> list[str]:
        """Of the files that are whole, in their order."""
        with _reaching():
            try:
                found = self._storage.listdir(folder)[1]
            except FileNotFoundError:
                return []
        return sorted(name for name in found if name.endswith(".csv"))

    def read(self, name: str) -> bytes:
        with _reaching(), self._storage.open(name, "rb") as file:
            content: bytes = file.read(MOST_BYTES + 1)
        return content

    def write(self, name: str, content: bytes) -> None:
        """Whole or not at all, over one of that name."""
        with _reaching():
            if isinstance(self._storage, S3Storage):
                self._storage.save(name, ContentFile(content))
                return
            part = f"{name}{UNFINISHED}"
            self._storage.delete(part)
            self._storage.save(part, ContentFile(content))
            self._rename(part, name)

    def move(self, name: str, target: str) -> None:
        with _reaching():
            if isinstance(self._storage, S3Storage):
                source = {"Bucket": self._storage.bucket_name, "Key": self._key(name)}
                self._storage.bucket.copy(source, self._key(target))
                self._storage.delete(name)
                return
            self._make_room(target)
            self._rename(name, target)

    def _key(self, name: str) -> str:
        return "/".join(part for part in (str(self._storage.location).strip("/"), name) if part)  # type: ignore[attr-defined]

    def _make_room(self, name: str) -> None:
        """The folder of a file."""
        marker = f"{name.rpartition('/')[0]}/{UNFINISHED}"
        if not self._storage.exists(name.rpartition("/")[0]):
            self._storage.save(marker, ContentFile(b""))
            self._storage.delete(marker)

    def _rename(self, name: str, target: str) -> None:
        if isinstance(self._storage, SFTPStorage):
            self._storage.sftp.posix_rename(self._storage._remote_path(name), self._storage._remote_path(target))
        else:
            Path(self._storage.path(name)).replace(self._storage.path(target))


def storage_of(url: str) -> Storage:
    """`file:///path`, `sftp://user:password@host:22/path?known_hosts=/path&key=/path/of/a/key` (a password or a key),
    `s3://bucket/path` (`?endpoint=https://…` for another than Amazon's; keys come from the usual variables or the
    machine's role).
    """
    address = urlsplit(url)
    options = {name: values[0] for name, values in parse_qs(address.query).items()}
    if address.scheme == "sftp":
        return _sftp(address, options)
    if address.scheme == "s3":
        location = unquote(address.path).strip("/")
        endpoint = options.get("endpoint")
        return S3Storage(
            bucket_name=address.netloc, location=location, endpoint_url=endpoint, file_overwrite=True, max_memory_size=0
        )
    return FileSystemStorage(location=unquote(address.path))


def _sftp(address: SplitResult, options: dict[str, str]) -> Storage:
    params: dict[str, Any] = {
        "port": address.port or 22,
        "username": unquote(address.username or ""),
        "timeout": SECONDS,
        "banner_timeout": SECONDS,
        "auth_timeout": SECONDS,
        "allow_agent": False,
        "look_for_keys": False,
    }
    if address.password:
        params["password"] = unquote(address.password)
    if "key" in options:
        params["key_filename"] = options["key"]
    return KnownHosts(
        host=address.hostname,
        params=params,
        root_path=unquote(address.path),
        known_host_file=options.get("known_hosts", "/etc/ssh/ssh_known_hosts"),
    )


@contextmanager
def _reaching() -> Iterator[None]:
    """What storages raise, as the seam has it. A file that is not there passes."""
    try:
        yield
    except FileNotFoundError:
        raise
    except (OSError, EOFError, paramiko.SSHException, BotoCoreError, ClientError) as failure:
        raise Away(f"The folder cannot be reached: {type(failure).__name__}.") from failure
