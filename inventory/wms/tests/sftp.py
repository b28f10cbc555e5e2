"""A real SFTP server on the loopback, over a folder."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import paramiko


class Door(paramiko.ServerInterface):
    def check_auth_password(self, username: str, password: str) -> int:
        return paramiko.AUTH_SUCCESSFUL if (username, password) == ("user", "pass") else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED

    def get_allowed_auths(self, username: str) -> str:
        return "password"


class Shelf(paramiko.SFTPServerInterface):
    root = Path()

    def real(self, path: str) -> str:
        return str(self.root / path.lstrip("/"))

    def answer(self, work):
        try:
            return work() or paramiko.SFTP_OK
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)

    def list_folder(self, path):
        try:
            return [
                paramiko.SFTPAttributes.from_stat(entry.stat(), entry.name) for entry in os.scandir(self.real(path))
            ]
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)

    def stat(self, path):
        return self.answer(lambda: paramiko.SFTPAttributes.from_stat(os.stat(self.real(path))))

    lstat = stat

    def open(self, path, flags, attr):
        def work():
            descriptor = os.open(self.real(path), flags, 0o600)
            mode = "wb" if flags & os.O_WRONLY else "rb+" if flags & os.O_RDWR else "rb"
            file = os.fdopen(descriptor, mode)
            handle = paramiko.SFTPHandle(flags)
            handle.readfile = handle.writefile = file
            return handle

        return self.answer(work)

    def remove(self, path):
        return self.answer(lambda: os.remove(self.real(path)))

    def posix_rename(self, old, new):
        return self.answer(lambda: os.replace(self.real(old), self.real(new)))

    def mkdir(self, path, attr):
        return self.answer(lambda: os.mkdir(self.real(path)))


@contextmanager
def sftp_server(root: Path) -> Iterator[str]:
    """Serve `root`/shelf; the address as a link has it, with the server's key in `root`/known_hosts."""
    key, shelf = paramiko.RSAKey.generate(2048), root / "shelf"
    shelf.mkdir()
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    (root / "known_hosts").write_text(f"[127.0.0.1]:{port} {key.get_name()} {key.get_base64()}\n")
    transports: list[paramiko.Transport] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(connection)
            transport.add_server_key(key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, type("Here", (Shelf,), {"root": shelf}))
            transport.start_server(server=Door())
            transports.append(transport)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"sftp://user:pass@127.0.0.1:{port}/?known_hosts={root / 'known_hosts'}"
    finally:
        listener.close()
        for transport in transports:
            transport.close()
